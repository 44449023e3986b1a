"""Step screen: which of many series may hold a step at all, so that only those are divided exactly.

At each point the means of the points before and after it are compared, in windows of six widths and with the noise's
long-run variance (moving sums; Eichinger and Kirch, Bernoulli 24 (2018), 526-564). It is meant to let through too many.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.step import Places

WIDTHS = (5, 9, 16, 30, 55, 100)
"""Points on either side."""

LIKELY_WIDTHS = (5, 16)
"""Points on either side by which the likeliest places are chosen."""

SHARE = 0.85
"""What a window has to show of the strength that a step needs; a window as wide as a piece shows all of it. Ours."""


def strengths(values: FloatArray, weights: FloatArray) -> FloatArray:
    """The largest squared difference of means over its variance (rows,), ``values`` being in units of the noise."""
    y = np.where(weights > 0, values, 0.0) * weights
    found = np.zeros(len(values))
    for width in WIDTHS:
        if width * 2 <= values.shape[1] or width == WIDTHS[0]:
            found = np.maximum(found, _largest(y, weights, width))
    return found


def likeliest(values: FloatArray, weights: FloatArray, count: int) -> Places:
    """For each row the ``count`` columns (sorted) at which a step is likeliest, in a narrow or a wider window."""
    y = np.where(weights > 0, values, 0.0) * weights
    seen = np.maximum(*(_contrasts(y, weights, width) for width in LIKELY_WIDTHS))
    chosen = np.argpartition(seen, -count, axis=1)[:, -count:] + 1
    found: Places = np.sort(chosen, axis=1)
    return found


def _largest(y: FloatArray, weights: FloatArray, width: int) -> FloatArray:
    found: FloatArray = _contrasts(y, weights, width).max(axis=1, initial=0.0)
    return found


def _contrasts(y: FloatArray, weights: FloatArray, width: int) -> FloatArray:
    """At each boundary between two columns the squared difference of the means beside it over its variance."""
    before, after = _window_sums(weights, width)
    total_before, total_after = _window_sums(y, width)
    enough = np.minimum(before, after) > 1.0
    low, high = np.where(enough, before, 1.0), np.where(enough, after, 1.0)
    off = total_after / high - total_before / low
    found: FloatArray = np.where(enough, np.square(off) * (low * high / (low + high)), 0.0)
    return found


def _window_sums(parts: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
    """For each boundary between two columns the sums over so many columns before and after it."""
    columns = parts.shape[1]
    running = np.zeros((len(parts), columns + 1 + 2 * width))
    np.cumsum(parts, axis=1, out=running[:, width + 1 : width + 1 + columns])
    running[:, width + 1 + columns :] = running[:, width + columns, None]
    here = running[:, width + 1 : width + columns]
    before = here - running[:, 1:columns]
    after = running[:, 2 * width + 1 : 2 * width + columns] - here
    return before, after
