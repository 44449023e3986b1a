"""Panels: many series on one grid, so that a detector is a few NumPy calls for thousands of them."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.series import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Series on an equal grid, one a row.

    ``start`` (Unix seconds) is the time of the first column and ``step`` (seconds) the distance of columns;
    ``values`` has shape (series, columns) and NaN where no sample is. Missing stays missing, nothing is filled.
    """

    start: float
    step: float
    values: FloatArray

    @property
    def end(self) -> float:
        """The time (Unix seconds) of the last column."""
        return self.start + self.step * (int(self.values.shape[1]) - 1)
