"""Local noise: how much more or less a series strays in one stretch than in another.

A change of the noise is no change of the level; points of a noisy stretch count less, as their variance says.
"""

from __future__ import annotations

import itertools

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.hampel import running_median
from driftbot.detectors.steps.long_run_variance import spread_of

STRETCH = 40
"""Points that a stretch has at least. Ours: a spread of so many is within a tenth or so."""

PRIOR = 25.0
"""Points' worth of belief that a stretch is as noisy as the whole. Ours."""

MOST = 30.0
"""The largest ratio of two weights. Ours."""

_MOST_STRETCHES = 12


def local_weights(values: FloatArray, off: FloatArray, floor: float) -> FloatArray:
    """The weight of each point (mean one over a row's points, zero where missing), the inverse of its variance."""
    there = ~np.isnan(values)
    columns = values.shape[1]
    count = int(np.clip(columns // STRETCH, 1, _MOST_STRETCHES))
    if count == 1:
        return there.astype(np.float64)
    local = off - running_median(off)
    edges = np.linspace(0, columns, count + 1).astype(np.int64)
    variances = np.stack([np.square(spread_of(local[:, a:b])) for a, b in itertools.pairwise(edges)], axis=1)
    points = np.add.reduceat(there, edges[:-1], axis=1)
    whole = np.square(np.maximum(spread_of(local), floor))[:, None]
    share = points / (points + PRIOR)
    relative = np.clip((whole / np.maximum(variances, floor**2)) ** share, MOST**-0.5, MOST**0.5)
    weights = np.repeat(relative, np.diff(edges), axis=1) * there
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    found: FloatArray = weights * (there.sum(axis=1, keepdims=True) / total)
    return found
