"""Blocks: windows of many series as one padded matrix, so that a measure is one NumPy call for hundreds of subjects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from driftbot.core.series import FloatArray, Series
from driftbot.engine.column import Flags, Rows

CELLS = 500_000
"""Samples in one block: bounds memory to a few dozen megabytes whatever the estate's size."""

LONGEST_HOLE = 0.6
"""Share of a window that may lie without a sample in one piece; with a longer hole the window is not known.

Ours: a server that keeps 15 days still answers for 30, a weekly job answers for 30 days, and two samples at the ends of
a window say nothing about what lies between.
"""


@dataclass(frozen=True, eq=False)
class Block:
    """Samples of several series between ``start`` and ``end`` (Unix seconds), one row a series, padded with NaN.

    ``rows`` are the rows of their subjects in the table and ``counts`` how many samples each has (at least one).
    """

    start: float
    end: float
    rows: Rows
    counts: Rows
    times: FloatArray
    values: FloatArray

    @cached_property
    def ordered(self) -> FloatArray:
        """The values of each row in rising order, padding last."""
        return np.sort(self.values, axis=1)

    @cached_property
    def filled(self) -> FloatArray:
        """The values with zeros for padding."""
        return np.where(self.valid, self.values, 0.0)

    @cached_property
    def valid(self) -> Flags:
        """Which cells hold a sample."""
        return np.arange(self.values.shape[1])[None, :] < self.counts[:, None]

    @cached_property
    def enough(self) -> Flags:
        """Which rows have no hole longer than the window's share allows."""
        inside = np.diff(self.times, axis=1)
        longest = np.fmax.reduce(inside, axis=1) if inside.shape[1] else np.zeros(len(self.rows))
        edges = np.fmax(self.times[:, 0] - self.start, self.end - self.newest)
        return np.fmax(longest, edges) <= LONGEST_HOLE * (self.end - self.start)

    @cached_property
    def newest(self) -> FloatArray:
        """The time of the last sample of each row."""
        return self.pick(self.times, self.counts - 1)

    def pick(self, matrix: FloatArray, columns: Rows) -> FloatArray:
        """One cell of each row."""
        return matrix[np.arange(len(matrix)), columns]

    def quantile(self, share: float) -> FloatArray:
        """The quantile of each row, interpolated linearly between order statistics (Hyndman and Fan, 1996: type 7)."""
        place = share * (self.counts - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, self.counts - 1)
        below, above = self.pick(self.ordered, low), self.pick(self.ordered, high)
        found: FloatArray = below + (above - below) * (place - low)
        return found


def blocks(rows: Rows, series: Sequence[Series], start: float, end: float) -> Iterator[Block]:
    """The windows of all series that have a sample in it, in blocks of similar length."""
    firsts = np.fromiter((s.times.searchsorted(start, "left") for s in series), np.int64, len(series))
    lasts = np.fromiter((s.times.searchsorted(end, "right") for s in series), np.int64, len(series))
    counts = lasts - firsts
    order = np.argsort(counts, kind="stable")
    waiting = order[counts[order] > 0]
    while len(waiting):
        # Sorted by length, so the last of a block is the longest: as many rows as keep the padded matrix small.
        sizes = counts[waiting] * np.arange(1, len(waiting) + 1)
        taken = max(int(np.searchsorted(sizes, CELLS, "right")), 1)
        chosen, waiting = waiting[:taken], waiting[taken:]
        yield _block(rows, series, chosen, firsts, lasts, start, end)


def _block(
    rows: Rows, series: Sequence[Series], chosen: Rows, firsts: Rows, lasts: Rows, start: float, end: float
) -> Block:
    counts = (lasts - firsts)[chosen]
    shape = (len(chosen), int(counts.max()))
    times, values = np.full(shape, np.nan), np.full(shape, np.nan)
    for line, index in enumerate(chosen.tolist()):
        first, last = firsts[index], lasts[index]
        times[line, : last - first] = series[index].times[first:last]
        values[line, : last - first] = series[index].values[first:last]
    return Block(start, end, rows[chosen], counts, times, values)
