"""Charts as JSON documents, small: a chart is kept with its finding for as long as that night is known.

Times are whole seconds, each as the distance from the one before; values have six significant digits, more than any
picture shows. 300 samples with their baseline take 3 to 5 kB once they are compressed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import isfinite
from typing import Any

from driftbot.core.chart import Band, Chart, Flag, HeldAgainst
from driftbot.core.quantity import Unit

Document = dict[str, Any]
_BANDS = ("baseline", "trend", "forecast")
_FLAGS = ("changes", "markers")
_EDGES = ("lower", "middle", "upper")


def of_chart(chart: Chart) -> Document:
    """A chart; what does not apply is left out."""
    document: Document = {"key": chart.key, "unit": chart.unit.value, **_curve(chart.times, values=chart.values)}
    for name in _BANDS:
        band: Band | None = getattr(chart, name)
        if band is not None:
            document[name] = _curve(band.times, **{edge: getattr(band, edge) for edge in _EDGES})
    if chart.held_against is not HeldAgainst.ITSELF:
        document["held_against"] = chart.held_against.value
    if chart.limit is not None and isfinite(chart.limit):
        document["limit"] = _shortened(chart.limit)
    for name in _FLAGS:
        if flags := getattr(chart, name):
            document[name] = [[flag.at, flag.label] for flag in flags if math.isfinite(flag.at)]
    return document


def chart(document: Document) -> Chart:
    """The chart of ``of_chart``, as exact as it was kept."""
    limit = document.get("limit")
    baseline, trend, forecast = (_band(document[name]) if name in document else None for name in _BANDS)
    changes, markers = (tuple(Flag(float(at), label) for at, label in document.get(name, ())) for name in _FLAGS)
    return Chart(
        document["key"], Unit(document["unit"]), _times(document), _read(document["values"]),
        baseline, trend, forecast, None if limit is None else float(limit), changes, markers,
        HeldAgainst(document.get("held_against", HeldAgainst.ITSELF)),
    )  # fmt: skip


def _curve(times: Sequence[float], **columns: Sequence[float]) -> Document:
    """Columns at the times that are some."""
    kept = [index for index, time in enumerate(times) if math.isfinite(time)]
    rounded = [round(times[index]) for index in kept]
    distances = [*rounded[:1], *(later - earlier for earlier, later in pairwise(rounded))]
    shortened = {name: [_shortened(column[index]) for index in kept] for name, column in columns.items()}
    return {"times": distances, **shortened}


def _shortened(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _band(document: Document) -> Band:
    return Band(_times(document), *(_read(document[edge]) for edge in _EDGES))


def _times(document: Document) -> tuple[float, ...]:
    return tuple(map(float, accumulate(document["times"])))


def _read(column: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in column)
