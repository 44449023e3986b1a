"""Measured series: sample times and values of one key of one subject."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftbot.core.fact import Origin
from driftbot.core.subject import Subject

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
