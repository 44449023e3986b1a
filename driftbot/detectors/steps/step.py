"""Steps: changes of level found in many series, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the first column after it, the levels on both sides, the standard error of their difference, and the
    strength, the square of the difference in units of that error."""

    first: int
    before: float
    after: float
    error: float
    strength: float

    @property
    def height(self) -> float:
        """The level after minus the level before."""
        return self.after - self.before

    def moved(self, by: float) -> Step:
        """The same step in a series that is so much higher."""
        return Step(self.first, self.before + by, self.after + by, self.error, self.strength)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Steps of many series, one an entry, sorted by ``series`` (row) and place; the fields are those of ``Step``."""

    series: Places
    first: Places
    before: FloatArray
    after: FloatArray
    error: FloatArray
    strength: FloatArray

    @classmethod
    def of(cls, rows: Sequence[Sequence[Step]]) -> Steps:
        """The steps of each row in turn."""
        flat = [(row, step) for row, found in enumerate(rows) for step in found]
        return cls(
            np.asarray([row for row, _ in flat], dtype=np.int64),
            np.asarray([step.first for _, step in flat], dtype=np.int64),
            *(
                np.asarray([getattr(step, name) for _, step in flat], dtype=np.float64)
                for name in ("before", "after", "error", "strength")
            ),
        )

    def where(self, chosen: Flags) -> Steps:
        """Some of them."""
        return Steps(
            self.series[chosen],
            self.first[chosen],
            self.before[chosen],
            self.after[chosen],
            self.error[chosen],
            self.strength[chosen],
        )

    @property
    def height(self) -> FloatArray:
        """The level after minus the level before."""
        found: FloatArray = self.after - self.before
        return found
