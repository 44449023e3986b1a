"""From series as they were measured (irregular, any step, any length) to panels: equal grids that detectors take.

A cell holds the median of its samples and is missing where it has none. Cells are an hour long, or a day for a series
that says something new only a few times a day: hourly medians of a nightly job would be 23 parts missing, or the same
number 24 times. A sample on the border of two cells belongs to the earlier one: it tells of what was before it. All
grids of a window end with the same full hour, so that series share one whatever their own times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray, Series
from driftbot.detectors.panel import Panel
from driftbot.engine.column import Rows

HOUR, DAY = 3600.0, 86400.0

CELLS = 512 * 90 * 24
"""Cells of one panel, 512 series of 90 days by the hour: 9 MB, of which a detector holds a few dozen copies while it
works."""

SELDOM = 8.0
"""New values a day up to which a series is laid out by days."""

PADDING = 4
"""How many times as large as the samples themselves the matrix may be in which the medians of cells are found."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A panel and the rows of the table that its rows are about."""

    rows: Rows
    panel: Panel


def sheets(rows: Rows, series: Sequence[Series], start: float, end: float, most_cells: int = CELLS) -> Iterator[Sheet]:
    """The samples from ``start`` to ``end`` (Unix seconds) of all series as panels of at most so many cells.

    Hourly series come before daily ones; a series without a sample in the window has a row without a value.
    """
    seldom = np.fromiter((_is_seldom(one, start, end) for one in series), np.bool_, len(series))
    for step, chosen in ((HOUR, np.flatnonzero(~seldom)), (DAY, np.flatnonzero(seldom))):
        columns = _columns(start, end, step)
        most = max(most_cells // columns, 1)
        for first in range(0, len(chosen), most):
            part = chosen[first : first + most]
            yield Sheet(rows[part], _laid_out([series[at] for at in part.tolist()], end, step, columns))


def grouped_sheets(
    rows: Rows, series: Sequence[Series], groups: Rows, start: float, end: float, most_cells: int = CELLS
) -> Iterator[Sheet]:
    """The same with each group (its number for each series; negative is none) whole, on one grid, in one panel.

    A group is laid out by days where that suits more than half of it; one group may be larger than ``most_cells``.
    """
    seldom = np.fromiter((_is_seldom(one, start, end) for one in series), np.bool_, len(series))
    inside = np.flatnonzero(groups >= 0)
    sizes = np.bincount(groups[inside])
    mostly = 2 * np.bincount(groups[inside], weights=seldom[inside]) > sizes
    for step, by_days in ((HOUR, False), (DAY, True)):
        chosen = inside[mostly[groups[inside]] == by_days]
        chosen = chosen[np.argsort(groups[chosen], kind="stable")]
        columns = _columns(start, end, step)
        for part in _cut(chosen, groups[chosen], max(most_cells // columns, 1)):
            yield Sheet(rows[part], _laid_out([series[at] for at in part.tolist()], end, step, columns))


def _cut(chosen: Rows, groups: Rows, most: int) -> Iterator[Rows]:
    """The places in parts of about ``most``, cut only where a group ends."""
    borders = np.flatnonzero(np.diff(groups, append=-1)) + 1
    first = 0
    while first < len(chosen):
        fitting = borders[(borders > first) & (borders <= first + most)]
        last = int(fitting[-1]) if fitting.size else int(borders[borders > first][0])
        yield chosen[first:last]
        first = last


def _columns(start: float, end: float, step: float) -> int:
    return max(round((end - start) / step), 1)


def _is_seldom(series: Series, start: float, end: float) -> bool:
    """Whether it says something new at most ``SELDOM`` times a day, by a new sample or by a new value."""
    first, last = np.searchsorted(series.times, (start, end), side="right")
    values = series.values[first:last]
    if len(values) < 2:
        return True
    days = max(float(series.times[last - 1] - series.times[first]) / DAY, 1.0)
    news = 1 + int(np.count_nonzero(values[1:] != values[:-1]))
    return news <= SELDOM * days


def _laid_out(series: Sequence[Series], end: float, step: float, columns: int) -> Panel:
    """The panel whose last cell ends with the hour in which ``end`` lies."""
    start = -(-end // HOUR) * HOUR - columns * step
    values = np.full((len(series), columns), np.nan)
    grids: dict[int, list[int]] = {}
    for at, one in enumerate(series):
        grids.setdefault(id(one.times), []).append(at)
    for alike in grids.values():
        _fill(values, np.array(alike), [series[at] for at in alike], (start, end), step)
    return Panel(start, step, values)


def _fill(values: FloatArray, lines: Rows, series: Sequence[Series], window: tuple[float, float], step: float) -> None:
    """Fill the lines of series that share one array of times."""
    times, start = series[0].times, window[0]
    first, last = np.searchsorted(times, window, side="right")
    if first == last:
        return
    cell = np.ceil((times[first:last] - start) / step).astype(np.int64) - 1
    np.clip(cell, 0, values.shape[1] - 1, out=cell)
    starts = np.append(0, np.flatnonzero(cell[1:] != cell[:-1]) + 1)
    if len(starts) == len(cell):
        for line, one in zip(lines.tolist(), series, strict=True):
            values[line, cell] = one.values[first:last]
        return
    samples = np.stack([one.values[first:last] for one in series])
    sizes = np.diff(starts, append=len(cell))
    values[np.ix_(lines, cell[starts])] = _medians(samples, starts, sizes)


def _medians(samples: FloatArray, starts: Rows, sizes: Rows) -> FloatArray:
    """The median of each run of columns, for all lines: shape (lines, runs)."""
    if sizes.max() * len(sizes) > PADDING * samples.shape[1]:
        parts = [np.median(samples[:, at : at + size], axis=1) for at, size in zip(starts, sizes, strict=True)]
        return np.stack(parts, axis=1)
    place = np.arange(sizes.max())
    inside = place[None, :] < sizes[:, None]
    taken = np.minimum(starts[:, None] + place[None, :], samples.shape[1] - 1)
    padded = np.sort(np.where(inside[None], samples[:, taken], np.inf), axis=2)
    low = np.take_along_axis(padded, ((sizes - 1) // 2)[None, :, None], axis=2)[:, :, 0]
    high = np.take_along_axis(padded, (sizes // 2)[None, :, None], axis=2)[:, :, 0]
    middle: FloatArray = low / 2.0 + high / 2.0
    return middle
