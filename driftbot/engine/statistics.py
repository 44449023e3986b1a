"""Statistics of a table's series: each measure of each key over each window is computed once for all rules."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np

from driftbot.core.series import Series
from driftbot.engine import measures
from driftbot.engine.block import Block, blocks
from driftbot.engine.column import Column, Flags, RowIndex, Rows
from driftbot.engine.trend import trend
from driftbot.rules import expression as ex

LEVEL, SLOPE = "trend level", "trend slope"
Name = tuple[str, float | None]
"""A measure and its share, where it has one."""


class Statistics:
    """The measures of the series of one table at one time."""

    def __init__(self, length: int, as_of: float) -> None:
        self._length = length
        self._as_of = as_of
        self._rows: dict[str, array[int]] = {}
        self._series: dict[str, list[Series]] = {}
        self._joined: dict[str, tuple[Rows, list[Series], Flags]] = {}
        self._indexes: dict[str, RowIndex] = {}
        self._columns: dict[tuple[str, float, Name], Column] = {}

    def add(self, row: int, series: Series) -> None:
        """Take a series of the subject in that row."""
        self._rows.setdefault(series.key, array("q")).append(row)
        self._series.setdefault(series.key, []).append(series)

    def measured(self, key: str) -> bool:
        """Whether any subject has a series of the key."""
        return key in self._series

    def series_of(self, key: str, row: int) -> tuple[Series, ...]:
        """All series of the key of one subject."""
        if key not in self._indexes:
            self._indexes[key] = RowIndex(np.array(self._rows.get(key, ()), dtype=np.int64))
        found = self._series.get(key, [])
        return tuple(found[at] for at in self._indexes[key].at(row))

    def conflicts(self, key: str) -> Flags:
        """Which subjects have two series of the key that overlap in time: nobody knows which one to believe."""
        return self.joined(key)[2]

    def prepare(self, nodes: Iterable[ex.Measure]) -> None:
        """Compute all of these at once: the samples of a window are gathered and sorted one time."""
        wanted: dict[tuple[str, float], set[Name]] = {}
        for node in nodes:
            wanted.setdefault((node.key, node.window), set()).update(names_of(node))
        for (key, window), names in sorted(wanted.items()):
            missing = {name for name in names if (key, window, name) not in self._columns}
            if missing:
                self._compute(key, window, missing)

    def column(self, node: ex.Measure, name: Name) -> Column:
        """A measure of every subject; unknown where the window has too little data or the series conflict."""
        if (node.key, node.window, name) not in self._columns:
            self.prepare([node])
        return self._columns[node.key, node.window, name]

    def _compute(self, key: str, window: float, names: set[Name]) -> None:
        rows, series, conflict = self.joined(key)
        values = {name: np.zeros(self._length) for name in names}
        known = {name: np.zeros(self._length, dtype=np.bool_) for name in names}
        with np.errstate(all="ignore"):
            for block in blocks(rows, series, self._as_of - window, self._as_of):
                for name, (result, sure) in _measured(block, names):
                    values[name][block.rows] = result
                    known[name][block.rows] = sure & np.isfinite(result)
        for name in names:
            self._columns[key, window, name] = Column(values[name], known[name] & ~conflict)

    def joined(self, key: str) -> tuple[Rows, list[Series], Flags]:
        """One series a subject, with its row: parts that follow each other are joined, parts that overlap conflict."""
        if key not in self._joined:
            rows = np.array(self._rows.get(key, ()), dtype=np.int64)
            series = self._series.get(key, [])
            conflict = np.zeros(self._length, dtype=np.bool_)
            if len(rows) and np.bincount(rows).max() > 1:
                rows, series = _join_parts(rows, series, conflict)
            self._joined[key] = (rows, series, conflict)
        return self._joined[key]


def names_of(node: ex.Measure) -> tuple[Name, ...]:
    """The statistics that a measure rests on."""
    if node.name in {"time_until", "time_until_below"}:
        return (LEVEL, None), (SLOPE, None)
    if node.name == "quantile":
        share = node.arguments[0]
        assert isinstance(share, ex.Literal) and isinstance(share.value, float)
        return (("quantile", share.value),)
    return ((node.name, None),)


def _measured(block: Block, names: set[Name]) -> Iterable[tuple[Name, measures.Statistic]]:
    if (LEVEL, None) in names or (SLOPE, None) in names:
        line = trend(block)
        yield (LEVEL, None), (line.level, line.known)
        yield (SLOPE, None), (line.slope, line.known)
    for name, share in names - {(LEVEL, None), (SLOPE, None)}:
        measure: Callable[[Block], measures.Statistic]
        measure = measures.quantile(share) if share is not None else measures.MEASURES[name]
        yield (name, share), measure(block)


def _join_parts(rows: Rows, series: list[Series], conflict: Flags) -> tuple[Rows, list[Series]]:
    parts: dict[int, list[Series]] = {}
    for row, part in zip(rows.tolist(), series, strict=True):
        if len(part.times):
            parts.setdefault(row, []).append(part)
    joined = []
    for row, found in parts.items():
        found.sort(key=lambda part: float(part.times[0]))
        if any(after.times[0] <= before.times[-1] for before, after in pairwise(found)):
            conflict[row] = True
        times, values = (np.concatenate([getattr(part, name) for part in found]) for name in ("times", "values"))
        joined.append(Series(found[0].subject, found[0].key, times, values, found[0].origin))
    return np.array(list(parts), dtype=np.int64), joined
