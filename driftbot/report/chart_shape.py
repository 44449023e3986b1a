"""The shape of a chart: its curves as parts of a picture's width and height, whatever the picture is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftbot.core.chart import Band, Chart
from driftbot.core.series import FloatArray
from driftbot.report.chart_window import Window, clean, dated, window

GAP = 3.5
"""Times between two samples, in multiples of the median one, from which on no line joins them (ours)."""
MOST = 640
"""Places of a line; of a longer one the lowest and the highest of each stretch stay (ours: a pixel has no more)."""
MOST_OF_STRIP = 300
"""Places of a strip; of a longer one neighbours are averaged, so that no season turns into another one."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A line: ``across`` (rising) and ``up`` as parts of width and height; NaN in ``up`` interrupts it."""

    across: FloatArray
    up: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """What lies around a line: ``across`` (rising), and lower edge, middle and upper edge at each."""

    across: FloatArray
    lower: FloatArray
    middle: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A chart in its window; ``beyond`` are values of the series that lie outside of it."""

    window: Window
    series: Curve
    baseline: Strip | None
    trend: Strip | None
    forecast: Strip | None
    beyond: FloatArray


def shape(chart: Chart) -> Shape | None:
    """The chart's curves in the window in which they are seen best; None where there is nothing to draw."""
    seen = window(chart)
    if seen is None:
        return None
    times, (values,) = _rising(chart.times, chart.values)
    outside = values[(values < seen.bottom) | (values > seen.top)]
    series = _interrupted(seen.across(times), np.clip(seen.up(values), 0.0, 1.0))
    baseline, trend, forecast = (_strip(band, seen) for band in (chart.baseline, chart.trend, chart.forecast))
    return Shape(seen, series, baseline, trend, forecast, outside)


def _rising(times: Sequence[float], *columns: Sequence[float]) -> tuple[FloatArray, list[FloatArray]]:
    """The columns at the times that have a date, in their order."""
    told = dated(times)
    kept = np.flatnonzero(~np.isnan(told))
    order = kept[np.argsort(told[kept], kind="stable")]
    return told[order], [clean(column)[order] for column in columns]


def _interrupted(across: FloatArray, up: FloatArray) -> Curve:
    """The line without what is missing, and with a NaN in each gap."""
    known = ~np.isnan(up)
    # A missing value is a gap of its own where the grid is kept; where it is left out, the distance tells it.
    steps = np.diff(across)
    usual = float(np.median(steps)) if steps.size else 0.0
    usual *= max(1.0, 2.0 * np.count_nonzero(known) / MOST)
    across, up = _thinned(across[known], up[known])
    gaps = np.flatnonzero(np.diff(across) > GAP * usual) + 1
    return Curve(np.insert(across, gaps, across[gaps]), np.insert(up, gaps, np.nan))


def _thinned(across: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The lowest and the highest place of each stretch of a long line, in their order."""
    if len(up) <= MOST:
        return across, up
    stretches = np.array_split(np.arange(len(up)), MOST // 2)
    kept = np.unique([stretch[extreme(up[stretch])] for stretch in stretches for extreme in (np.argmin, np.argmax)])
    return across[kept], up[kept]


def _strip(band: Band | None, seen: Window) -> Strip | None:
    if band is None:
        return None
    times, columns = _rising(band.times, band.lower, band.middle, band.upper)
    lower, middle, upper = (seen.up(column) for column in columns)
    known = ~np.isnan(middle)
    if not known.any():
        return None
    lower, upper = (np.where(np.isnan(edge), middle, edge) for edge in (lower, upper))
    parts = (seen.across(times), np.minimum(lower, upper), middle, np.maximum(lower, upper))
    return Strip(*(_averaged(part[known]) for part in parts))


def _averaged(part: FloatArray) -> FloatArray:
    """Means of neighbours, as many as a strip has places."""
    if len(part) <= MOST_OF_STRIP:
        return part
    edges = np.linspace(0, len(part), MOST_OF_STRIP + 1).astype(int)
    means: FloatArray = np.add.reduceat(part, edges[:-1]) / np.diff(edges)
    return means
