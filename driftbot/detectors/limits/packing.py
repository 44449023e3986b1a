"""Packing: the runs of each series side by side, so that neighbours are the runs before and after, not the days.

A job that runs every week has no run on the days around; a series with gaps has its neighbours beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """Where the runs of each series are: ``order`` (series, days) has their columns first, in time."""

    order: NDArray[np.int64]

    @classmethod
    def of(cls, values: FloatArray) -> Packing:
        """The packing of (series, days) values, NaN where no run is."""
        return cls(np.argsort(np.isnan(values), axis=1, kind="stable"))

    def pack(self, values: FloatArray) -> FloatArray:
        """The values with the runs first and NaN after them."""
        packed: FloatArray = np.take_along_axis(values, self.order, axis=1)
        return packed

    def unpack(self, packed: FloatArray) -> FloatArray:
        """The packed values back in their columns."""
        values = np.empty_like(packed)
        np.put_along_axis(values, self.order, packed, axis=1)
        return values
