"""Cycle peaks: what fills and is emptied again and again (transaction ids, logs that are rotated), seen by its peaks.

How fast such a series rises now says nothing about a limit: it is emptied before. Whether its peaks come nearer does.
The peak at a time is the highest of one longest cycle up to it, so that it passes a limit when the series itself does.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray

EMPTIED = 0.5
"""A value at most this share of the one before it begins a new cycle (as in sample_faults.py)."""


def cycle_peaks(values: FloatArray) -> FloatArray:
    """The peaks of (series, days) values, NaN where no value is and before the longest cycle is over once.

    Row by row: few series are emptied.
    """
    peaks = np.full_like(values, np.nan)
    for row, one in enumerate(values):
        there = np.flatnonzero(np.isfinite(one))
        longest = _longest(one, there)
        known = there[there >= there[0] + longest - 1]
        filled = np.where(np.isfinite(one), one, -np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(filled, longest)
        peaks[row, known] = windows[known - longest + 1].max(axis=1)
    return peaks


def _longest(values: FloatArray, there: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """The days of the longest cycle, the unfinished ones at both ends included."""
    begins = there[1:][values[there[1:]] <= EMPTIED * values[there[:-1]]]
    return int(np.diff(np.concatenate([there[:1], begins, there[-1:] + 1])).max())
