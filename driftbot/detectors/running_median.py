"""The running median of many series of runs: the level around each, which no single wild run moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

HALF = 3
"""Runs to each side: of daily runs the window is a week, so that every weekday counts once."""

_WIDTH = 2 * HALF + 1
# Batcher's odd-even merge sort of seven: comparing whole planes is several times as fast as sorting rows of seven.
_COMPARISONS = (
    *((0, 1), (2, 3), (4, 5), (0, 2), (1, 3), (4, 6), (1, 2), (5, 6)),
    *((0, 4), (1, 5), (2, 6), (2, 4), (3, 5), (1, 2), (3, 4), (5, 6)),
)


def running_median(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The median of each run and three to each side, and the same without the run itself; NaN where nothing is.

    ``values`` is (series, runs), NaN where one is missing. At both ends the window is cut off. For a missing run both
    medians are the same.
    """
    planes = _planes(values)
    counts = np.isfinite(planes).sum(axis=0, dtype=np.int8)
    for low, high in _COMPARISONS:
        smaller = np.minimum(planes[low], planes[high])
        np.maximum(planes[low], planes[high], out=planes[high])
        planes[low] = smaller
    lower, upper = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, _WIDTH - 1)
    middle, beside = _at(planes, lower), _at(planes, upper)
    median = (middle + beside) / 2.0
    others = _without_itself(planes, counts, middle, beside, values)
    return np.where(counts > 0, median, np.nan), others


def _planes(values: FloatArray) -> FloatArray:
    """The values of each window, one plane a place in it; infinite where nothing is."""
    series, days = values.shape
    planes = np.full((_WIDTH, series, days), np.inf)
    filled = np.where(np.isfinite(values), values, np.inf)
    for place in range(_WIDTH):
        shift = place - HALF
        first, last = max(0, -shift), max(0, days - max(0, shift))
        if first < last:
            planes[place][:, first:last] = filled[:, first + shift : last + shift]
    return planes


def _without_itself(
    planes: FloatArray, counts: NDArray[np.int8], low: FloatArray, high: FloatArray, values: FloatArray
) -> FloatArray:
    """Taking one of the sorted away moves the middle by half a place: where to depends on its side."""
    own = np.where(np.isfinite(values), values, np.nan)
    odd, middle = counts % 2 == 1, counts // 2
    below, above = _at(planes, np.maximum(middle - 1, 0)), _at(planes, np.minimum(middle + 1, _WIDTH - 1))
    first = np.where(odd, np.where(own < low, low, below), np.where(own <= low, high, low))
    second = np.where(odd, np.where(own > low, low, above), first)
    missing = np.isnan(own)
    others: FloatArray = (np.where(missing, low, first) + np.where(missing, high, second)) / 2.0
    return np.where(np.isfinite(others), others, np.nan)


def _at(planes: FloatArray, places: NDArray[np.int8]) -> FloatArray:
    found: FloatArray = np.take_along_axis(planes, places[None].astype(np.int64), axis=0)[0]
    return found
