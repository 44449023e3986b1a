"""Common scales: the samples of a group as logarithms where they are positive, else in their mean absolute value."""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.peers.group_block import median

IDLE = 1e-3
"""Of a group's level: where a zero stands on the logarithmic scale. Ours; beyond it less is not told apart."""


def scaled_together(values: FloatArray) -> tuple[FloatArray, Flags]:
    """Samples (groups, members, columns), each group on one scale, and which of them are on the logarithmic one.

    These are the groups without negative samples whose typical member is typically above zero. What is not finite is
    missing.
    """
    finite = np.where(np.isfinite(values), values, np.nan)
    typical = median(median(finite, 2), 1)
    negative = np.any(finite < 0.0, axis=(1, 2))
    logarithmic: Flags = (typical > 0.0) & ~negative
    out = np.empty_like(finite)
    out[logarithmic] = _logarithms(finite[logarithmic], typical[logarithmic])
    out[~logarithmic] = _in_means(finite[~logarithmic])
    return out, logarithmic


def _logarithms(values: FloatArray, typical: FloatArray) -> FloatArray:
    positive = np.where(values > 0.0, values, np.inf)
    least = np.minimum(positive.min(axis=2, initial=np.inf), IDLE * typical[:, None])
    tiny = np.finfo(np.float64).tiny
    return np.log(np.where(values == 0.0, np.maximum(least, tiny)[:, :, None], values))


def _in_means(values: FloatArray) -> FloatArray:
    top = np.max(np.abs(values), axis=(1, 2), initial=0.0, where=~np.isnan(values))[:, None, None]
    shares = values / np.where(top > 0.0, top, 1.0)
    count = np.maximum(np.sum(~np.isnan(shares), axis=(1, 2)), 1)
    mean = np.sum(np.abs(shares), axis=(1, 2), where=~np.isnan(shares)) / count
    return shares / np.where(mean > 0.0, mean, 1.0)[:, None, None]
