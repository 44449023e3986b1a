"""Spread: how far a series ordinarily strays, and how many such steps away something is."""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray

NORMAL = 1.4826
"""What makes the median absolute deviation of normal samples their standard deviation (1 / Φ⁻¹(3/4);
https://en.wikipedia.org/wiki/Median_absolute_deviation#Relation_to_standard_deviation)."""

SAMPLES = 4096
"""How many samples of a series its spread is taken from; every n-th one where it has more. Ours: a median of so many is
within 2 % of a standard deviation of the whole's."""


def centre_and_spread(levels: FloatArray) -> tuple[float, float]:
    """The median of samples (NaN left out) and their spread about it; both NaN where there is none.

    The spread is the median absolute deviation, scaled; it cannot be moved by outliers, but is zero where most samples
    are equal. Then the standard deviation stands for it, which is zero only where nothing ever changed.
    """
    thinned = levels[:: max(1, -(-len(levels) // SAMPLES))]
    there = thinned[~np.isnan(thinned)]
    if not there.size:
        return np.nan, np.nan
    centre = float(np.median(there))
    spread = NORMAL * float(np.median(np.abs(there - centre)))
    return centre, spread or _deviation(levels)


def _deviation(levels: FloatArray) -> float:
    """The standard deviation; exactly zero where all samples are equal, whatever rounding makes of their mean."""
    there = levels[~np.isnan(levels)]
    return 0.0 if there.min() == there.max() else float(there.std())
