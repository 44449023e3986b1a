"""Faults of samples: series from which no baseline can be learned, and what is wrong with each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.lack import Lack, Lacks
from driftbot.detectors.medians import medians
from driftbot.detectors.week_grid import WeekGrid

Flags = NDArray[np.bool_]

LEAST_DAYS = 14
"""Days that the samples have to span: two of each weekday. Ours."""
LEAST_SEEN_DAYS = 10
"""Days with samples among them. Ours."""
STALE_DAYS = 7
"""Days without a sample at the end of the window after which there is no level "now". Ours."""

UNITS = np.log([60.0, 100.0, 1000.0, 1024.0, 3600.0, 86400.0, 1e6, 1024.0**2, 1e9, 1024.0**3])
"""Factors between usual units of time, size and share, as logarithms."""
_UNIT_TOLERANCE = 0.15
_LEAST_SIDE_DAYS = 2

_LEAST_RISES = 0.5
_MOST_FALLS = 0.1
_RESET = 0.5
_LEAST_RESETS = 2


def faults(plain: FloatArray, days: FloatArray, logarithmic: Flags, grid: WeekGrid) -> Lacks:
    """What each series lacks; ``plain`` are the samples, ``days`` (series, days, slots) the same on scale, adjusted."""
    lack = np.zeros(len(plain), dtype=np.int8)
    lack[_counters(plain)] = Lack.COUNTER
    middle = medians(days)
    for row in _jumping(middle, logarithmic):
        if _unit_changed(middle[row]):
            lack[row] = Lack.UNIT_CHANGED
    seen = ~np.isnan(middle)
    first, last = seen.argmax(axis=1), grid.days - 1 - seen[:, ::-1].argmax(axis=1)
    lack[seen.sum(axis=1) < LEAST_SEEN_DAYS] = Lack.TOO_SPARSE
    lack[last - first + 1 < LEAST_DAYS] = Lack.TOO_SHORT
    lack[last < grid.days - STALE_DAYS] = Lack.STALE
    lack[~seen.any(axis=1)] = Lack.NO_SAMPLES
    return lack


def _counters(plain: FloatArray) -> Flags:
    """Which series rise at most steps, hardly ever fall, and then by more than half: counters that were reset."""
    change = np.diff(plain, axis=1)
    steps = np.maximum((~np.isnan(change)).sum(axis=1), 1)
    falls, rises = change < 0, change > 0
    likely = (rises.sum(axis=1) >= _LEAST_RISES * steps) & (falls.sum(axis=1) <= _MOST_FALLS * steps)
    likely &= (falls.sum(axis=1) >= _LEAST_RESETS) & (np.fmin.reduce(plain, axis=1, initial=np.inf) >= 0)
    out = np.zeros(len(plain), dtype=np.bool_)
    for row in np.flatnonzero(likely):
        at = np.flatnonzero(falls[row])
        out[row] = bool((plain[row, at + 1] <= _RESET * plain[row, at]).all())
    return out


def _jumping(middle: FloatArray, logarithmic: Flags) -> NDArray[np.int64]:
    """Rows that move by more than the smallest unit factor at all; few."""
    low, high = (bound.reduce(middle, axis=1) for bound in (np.fmin, np.fmax))
    return np.flatnonzero(logarithmic & (high - low > UNITS[0] - _UNIT_TOLERANCE))


def _unit_changed(middle: FloatArray) -> bool:
    """Whether daily levels (log scale) jump once, lastingly, by the factor between two units."""
    days = middle[~np.isnan(middle)]
    if len(days) < 2 * _LEAST_SIDE_DAYS:
        return False
    at = int(np.abs(np.diff(days)).argmax()) + 1
    before, after = days[:at], days[at:]
    if min(len(before), len(after)) < _LEAST_SIDE_DAYS:
        return False
    jump = abs(float(np.median(after) - np.median(before)))
    return bool((np.abs(jump - UNITS) < _UNIT_TOLERANCE).any())
