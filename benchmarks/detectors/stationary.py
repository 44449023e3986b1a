"""Stationary series: 365 points around 100 without any change; whatever is found in them is a false change point."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from benchmarks.detectors.steps import MEMORY
from driftbot.core.series import FloatArray

POINTS = 365


class Kind(StrEnum):
    """How the points stray."""

    GAUSSIAN = "Gaussian"
    HEAVY = "t3"
    REMEMBERING = "AR(0.5)"


def stationary(kind: Kind, count: int, seed: int, scale: float = 0.05) -> FloatArray:
    """So many series of a kind, one a row; ``scale`` is that of the noise (of the t, not its standard deviation)."""
    rng = np.random.default_rng([seed, list(Kind).index(kind)])
    if kind is Kind.HEAVY:
        return 100.0 * np.maximum(1.0 + scale * rng.standard_t(3, (count, POINTS)), 0.01)
    noise = rng.normal(size=(count, POINTS))
    if kind is Kind.REMEMBERING:
        noise[:, 1:] *= np.sqrt(1 - MEMORY**2)
        for point in range(1, POINTS):
            noise[:, point] += MEMORY * noise[:, point - 1]
    found: FloatArray = 100.0 * (1.0 + scale * noise)
    return found
