"""The weekday effect of daily series: by how much each day of the week lies above or below its surroundings."""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.limits.packing import Packing
from driftbot.detectors.medians import medians
from driftbot.detectors.running_median import running_median
from driftbot.detectors.spread import NORMAL

WEEK = 7
_MEDIAN_VARIANCE = np.pi / 2
"""Variance of a median to that of a mean of as many normal samples."""
_FREE = 5.0
"""Seven effects shrink as James and Stein (1961) shrink seven means: with 7 - 2 in the factor."""


def weekday_effect(values: FloatArray) -> FloatArray:
    """The effect (series, 7) of each column's place in the week, from the first column on; it adds up to 0.

    ``values`` is (series, days). A weekday's effect is the median of how far its runs lie from the running median of
    seven, which follows every trend and step. Each series' effects are shrunk together towards none by as much
    as chance alone would scatter them (James–Stein, positive part), so that nothing is read into plain noise.
    """
    packing = Packing.of(values)
    around, _ = running_median(packing.pack(values))
    apart = values - packing.unpack(around)
    spread = NORMAL * medians(np.abs(apart))
    effect, variance = np.zeros((len(values), WEEK)), np.zeros((len(values), WEEK))
    for day in range(WEEK):
        on_day = apart[:, day::WEEK]
        effect[:, day] = np.nan_to_num(medians(on_day))
        variance[:, day] = _MEDIAN_VARIANCE * spread**2 / np.maximum(np.isfinite(on_day).sum(axis=1), 1)
    effect -= effect.mean(axis=1, keepdims=True)
    scatter, chance = (effect**2).sum(axis=1), np.nan_to_num(variance.mean(axis=1))
    kept = np.clip(1.0 - _FREE * chance / np.where(scatter > 0, scatter, 1.0), 0.0, 1.0)
    shrunk: FloatArray = effect * kept[:, None]
    return shrunk
