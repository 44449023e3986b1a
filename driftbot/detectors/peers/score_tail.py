"""Tails of scores: how often a week a series without drift is told at a score, looked at every night."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray


@dataclass(frozen=True, slots=True)
class ScoreTail:
    """An exponential tail: ``at`` the score ``at`` it costs ``rate`` false notices a week, and each ``decay`` beyond it
    divides that by e. Below ``at`` the same line goes on, up to one notice a week."""

    at: float
    rate: float
    decay: float

    def cost(self, scores: FloatArray) -> FloatArray:
        """False notices a week at which these scores (of any sign) would just be told; NaN where there is none."""
        with np.errstate(over="ignore", under="ignore"):
            cost: FloatArray = np.minimum(1.0, self.rate * np.exp((self.at - np.abs(scores)) / self.decay))
        return cost
