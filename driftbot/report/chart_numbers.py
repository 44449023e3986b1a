"""A chart's numbers as they are published: what a program draws it from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from driftbot.core.chart import Band, Chart, Flag
from driftbot.report import document as entries
from driftbot.report.chart_window import EARLIEST, LATEST
from driftbot.report.chart_words import described


def numbers(chart: Chart) -> entries.ChartEntry:
    """The chart as an entry of the JSON report; what has no date is left out."""
    kept = _dated(chart.times)
    return entries.ChartEntry(
        key=chart.key,
        unit=chart.unit.value,
        summary=described(chart),
        times=_times(chart.times, kept),
        values=_values(chart.values, kept),
        baseline=_band(chart.baseline),
        trend=_band(chart.trend),
        forecast=_band(chart.forecast),
        limit=_value(chart.limit) if chart.limit is not None else None,
        changes=_flags(chart.changes),
        markers=_flags(chart.markers),
        held_against=chart.held_against.value,
    )


def _band(band: Band | None) -> entries.BandEntry | None:
    if band is None:
        return None
    kept = _dated(band.times)
    edges = (_values(edge, kept) for edge in (band.lower, band.middle, band.upper))
    return entries.BandEntry(_times(band.times, kept), *edges)


def _flags(flags: Sequence[Flag]) -> list[entries.FlagEntry]:
    return [entries.FlagEntry(_time(flag.at), flag.label) for flag in flags if EARLIEST <= flag.at <= LATEST]


def _dated(times: Sequence[float]) -> list[int]:
    return [index for index, time in enumerate(times) if EARLIEST <= time <= LATEST]


def _times(times: Sequence[float], kept: Sequence[int]) -> list[str]:
    return [_time(times[index]) for index in kept]


def _values(values: Sequence[float], kept: Sequence[int]) -> list[float | None]:
    return [_value(values[index]) for index in kept]


def _time(time: float) -> str:
    return datetime.fromtimestamp(round(time), UTC).isoformat()


def _value(value: float) -> float | None:
    return value if math.isfinite(value) else None
