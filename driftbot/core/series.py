"""Measured series: sample times and values of one key of one subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftbot.core.fact import Origin
from driftbot.core.subject import Subject, SubjectId

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A measured series.

    ``times`` are Unix seconds, strictly rising; ``values`` are finite, in the key's unit and of the same length. A
    missing sample is left out, never filled.
    """

    subject: Subject
    key: str
    times: FloatArray
    values: FloatArray
    origin: Origin = field(default=Origin(""))

    def __post_init__(self) -> None:
        if self.times.shape != self.values.shape or self.times.ndim != 1:
            raise ValueError(f"series {self.key} of {self.subject}: times and values differ in shape")

    def since(self, start: float) -> Series:
        """The part from ``start`` (Unix seconds) on."""
        first = int(np.searchsorted(self.times, start, side="left"))
        return Series(self.subject, self.key, self.times[first:], self.values[first:], self.origin)


def joined(parts: Sequence[Series]) -> Series:
    """Series of one key of one subject over times that do not overlap, as one; its origin is the first one's."""
    if len(parts) == 1:
        return parts[0]
    rising = sorted(parts, key=lambda part: float(part.times[0]) if len(part.times) else 0.0)
    times = np.concatenate([part.times for part in rising])
    return Series(
        parts[0].subject, parts[0].key, times, np.concatenate([part.values for part in rising]), parts[0].origin
    )


def overlaid(stored: Iterable[Series], fresh: Iterable[Series]) -> Iterator[Series]:
    """Stored and freshly measured series of one key, subject and source as one; where times are equal the fresh holds.

    What two sources say of one key of one subject stays two series: nobody knows which one to believe.
    Neighbours with the same times share one array of them, which halves what an estate of equal grids weighs.
    """
    grid = np.empty(0)
    for series in _laid_over(stored, {_place(series): series for series in fresh}):
        if np.array_equal(series.times, grid):
            yield Series(series.subject, series.key, grid, series.values, series.origin)
        else:
            grid = series.times
            yield series


def _place(series: Series) -> tuple[SubjectId, str, str]:
    return series.subject.id, series.key, series.origin.source


def _laid_over(stored: Iterable[Series], fresh: dict[tuple[SubjectId, str, str], Series]) -> Iterator[Series]:
    for old in stored:
        late = fresh.pop(_place(old), None)
        yield old if late is None else _overlay(old, late)
    yield from fresh.values()


def _overlay(old: Series, late: Series) -> Series:
    kept = ~np.isin(old.times, late.times)
    times = np.concatenate((old.times[kept], late.times))
    values = np.concatenate((old.values[kept], late.values))
    rising = np.argsort(times, kind="stable")
    return Series(late.subject, late.key, times[rising], values[rising], late.origin)
