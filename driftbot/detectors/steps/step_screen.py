"""Step screen: which of many series may hold a step at all, so that only those are divided exactly.

At each point the means of the points before and after it are compared, in windows of six widths and with the noise's
long-run variance (moving sums; Eichinger and Kirch, Bernoulli 24 (2018), 526-564). It is meant to let through too many.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.step import Places

WIDTHS = (5, 9, 16, 30, 55, 100)
"""Points on either side."""

LIKELY_WIDTHS = (5, 16)
"""Points on either side by which the likeliest places are chosen."""

SHARE = 0.85
"""What a window has to show of the strength that a step needs; a window as wide as a piece shows all of it. Ours."""

_WIDEST = max(WIDTHS)
_CHUNK = 64


def strengths(values: FloatArray, weights: FloatArray) -> FloatArray:
    """The largest squared difference of means over its variance (rows,), ``values`` being in units of the noise."""
    found = np.zeros(len(values))
    for first in range(0, len(values), _CHUNK):
        rows = slice(first, first + _CHUNK)
        found[rows] = _strongest(values[rows], weights[rows])
    return found


def likeliest(values: FloatArray, weights: FloatArray, count: int) -> Places:
    """For each row the ``count`` columns (sorted) at which a step is likeliest, in a narrow or a wider window."""
    sums = _Sums(values, weights)
    seen = np.maximum(*(sums.contrasts(width) for width in LIKELY_WIDTHS))
    chosen = np.argpartition(seen, -count, axis=1)[:, -count:] + 1
    found: Places = np.sort(chosen, axis=1)
    return found


def _strongest(values: FloatArray, weights: FloatArray) -> FloatArray:
    sums = _Sums(values, weights)
    found = np.zeros(len(values))
    for width in WIDTHS:
        if width * 2 <= values.shape[1] or width == WIDTHS[0]:
            found = np.maximum(found, sums.contrasts(width).max(axis=1, initial=0.0))
    return found


class _Sums:
    """Running sums of weights and of weighted values, and what windows of any of the widths make of them."""

    def __init__(self, values: FloatArray, weights: FloatArray) -> None:
        self._columns = values.shape[1]
        self._weights = _running(weights)
        self._values = _running(np.where(weights > 0, values, 0.0) * weights)

    def contrasts(self, width: int) -> FloatArray:
        """At each boundary between two columns the squared difference of the means beside it over its variance."""
        before, after = self._windows(self._weights, width)
        total_before, total_after = self._windows(self._values, width)
        enough = np.minimum(before, after) > 1.0
        low, high = np.maximum(before, 1.0, out=before), np.maximum(after, 1.0, out=after)
        total_after /= high
        total_before /= low
        total_after -= total_before
        np.square(total_after, out=total_after)
        total = low + high
        low *= high
        low /= total
        total_after *= low
        found: FloatArray = np.where(enough, total_after, 0.0)
        return found

    def _windows(self, running: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
        """For each boundary between two columns the sums over so many columns before and after it."""
        first, last = _WIDEST + 1, _WIDEST + self._columns
        here = running[:, first:last]
        return here - running[:, first - width : last - width], running[:, first + width : last + width] - here


def _running(parts: FloatArray) -> FloatArray:
    """The sums up to each boundary between columns, as many more as the widest window has at either end."""
    columns = parts.shape[1]
    running = np.zeros((len(parts), columns + 1 + 2 * _WIDEST))
    np.cumsum(parts, axis=1, out=running[:, _WIDEST + 1 : _WIDEST + 1 + columns])
    running[:, _WIDEST + 1 + columns :] = running[:, _WIDEST + columns, None]
    return running
