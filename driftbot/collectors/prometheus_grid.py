"""The grid that range queries answer on, and the table that their answers fill."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from driftbot.collectors.prometheus_errand import Direction
from driftbot.collectors.prometheus_matrix import Matrix
from driftbot.core.fact import Origin
from driftbot.core.series import FloatArray, Series
from driftbot.core.subject import Subject
from driftbot.signals.signal import SOURCE_LABEL, Aggregation, Signal


@dataclass(frozen=True, slots=True)
class Grid:
    """Times at whole multiples of a step (seconds), so that every night asks for the same ones."""

    start: float
    step: float
    size: int

    @classmethod
    def covering(cls, start: float, end: float, step: float) -> Grid:
        """All multiples of the step from ``start`` to ``end``, both included; a step has whole seconds."""
        whole = float(max(1, round(step)))
        first, last = math.ceil(start / whole), math.floor(end / whole)
        return cls(first * whole, whole, max(0, last - first + 1))

    def time(self, index: int) -> float:
        """The time of a point (Unix seconds)."""
        return self.start + index * self.step

    def points(self, part: range, direction: Direction) -> range:
        """The points of a part of the way over the grid in a direction, in rising order."""
        return part if direction is Direction.FORWARD else range(self.size - part.stop, self.size - part.start)

    def times(self) -> FloatArray:
        """All times."""
        return self.start + np.arange(self.size, dtype=np.float64) * self.step


_COMBINE = {Aggregation.MAX: np.fmax, Aggregation.MIN: np.fmin}


@dataclass(slots=True)
class Table:
    """Values of one signal on a grid, a row a subject; what was not measured is NaN."""

    grid: Grid
    signal: Signal
    environment: str
    source: str
    rows: dict[Subject, FloatArray] = field(default_factory=dict)
    nameless: set[str] = field(default_factory=set)
    merged: set[Subject] = field(default_factory=set)
    not_finite: int = 0
    off_grid: int = 0

    def take(self, matrix: Matrix, points: range) -> None:
        """Enter an answer to the question for these points of the grid."""
        seen: set[Subject] = set()
        for one in matrix.series:
            subject = self.signal.subject_of({SOURCE_LABEL: self.source, **one.labels}, self.environment)
            if subject is None:
                self.nameless.add(", ".join(f"{name}={value}" for name, value in sorted(one.labels.items())))
                continue
            row = self.rows.setdefault(subject, np.array(()))
            if row.size == 0:
                row = self.rows[subject] = np.full(self.grid.size, np.nan)
            if subject in seen:
                self.merged.add(subject)
            seen.add(subject)
            self._enter(row, one.times, one.values, points)

    def _enter(self, row: FloatArray, times: FloatArray, values: FloatArray, points: range) -> None:
        with np.errstate(invalid="ignore"):
            index = np.rint((times - self.grid.start) / self.grid.step).astype(np.int64)
        finite = np.isfinite(values)
        fits = (index >= points.start) & (index < points.stop)
        self.not_finite += int((~finite).sum())
        self.off_grid += int((~fits).sum())
        if not (finite.all() and fits.all()):
            index, values = index[finite & fits], values[finite & fits]
        row[index] = self._combined(row[index], values)

    def _combined(self, known: FloatArray, values: FloatArray) -> FloatArray:
        if self.signal.aggregation is Aggregation.SUM:
            return np.where(np.isnan(known), values, known + values)
        return _COMBINE[self.signal.aggregation](known, values)

    def series(self, origin: Origin) -> Iterator[Series]:
        """The rows as series, sorted by subject; rows measured at the same times share one array of times."""
        times = self.grid.times()
        shared: dict[bytes, FloatArray] = {}
        for subject in sorted(self.rows):
            row = self.rows.pop(subject)
            there = ~np.isnan(row)
            if there.all():
                yield Series(subject, self.signal.key, times, row, origin)
            elif there.any():
                pattern = np.packbits(there).tobytes()
                yield Series(subject, self.signal.key, shared.setdefault(pattern, times[there]), row[there], origin)

    def notes(self) -> Iterator[str]:
        """What a person should know about the answers."""
        if self.nameless:
            example = min(self.nameless) or "no labels at all"
            yield f"{len(self.nameless)} series carry no {self.signal.subject} and were left out, e.g. {example}"
        if self.merged:
            combined = f"were combined by {self.signal.aggregation}"
            yield f"several series are one subject and {combined}: {len(self.merged)}, e.g. {min(self.merged).name}"
        if self.not_finite:
            yield f"{self.not_finite:,} samples are not finite numbers (NaN, Inf) and were left out"
        if self.off_grid:
            yield f"{self.off_grid:,} samples stand at times that were not asked for and were left out"
