"""Rhythm: how high a series ordinarily gets in the course of a day or a week."""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray

HOUR = 3600.0
DAY_HOURS, WEEK_HOURS = 24, 168
LEAST_CYCLES = 3
"""Days or weeks that a peak is an ordinary one of: what came at the same hour in most of three is no accident. Ours."""


def normal_peak(levels: FloatArray, start: float, step: float) -> float:
    """How high the samples (first at ``start``, Unix seconds, a ``step`` apart) ordinarily get; NaN where not known.

    The highest sample of each hour, its median over the days at the same hour of the day, and the highest of these; the
    same over the weeks at the same hour of the week, where there are enough. What happens now and then, and not at one
    hour in most days or weeks, is no ordinary peak.
    """
    hours, first = _hourly_highs(levels, start, step)
    peaks = [_peak(hours, first, cycle) for cycle in (DAY_HOURS, WEEK_HOURS)]
    known = [peak for peak in peaks if not np.isnan(peak)]
    return max(known) if known else np.nan


def _hourly_highs(levels: FloatArray, start: float, step: float) -> tuple[FloatArray, int]:
    """The highest sample of each hour (-inf where there is none), and which hour since 1970 is the first."""
    times = start + np.arange(len(levels)) * step
    hour = np.floor(times / HOUR).astype(np.int64)
    first = int(hour[0])
    highs = np.full(int(hour[-1]) - first + 1, -np.inf)
    there = ~np.isnan(levels)
    np.maximum.at(highs, hour[there] - first, levels[there])
    return highs, first


def _peak(highs: FloatArray, first: int, cycle: int) -> float:
    """The highest of the medians over the cycles, of hours of the cycle that were seen in most of enough cycles."""
    shift = first % cycle
    cycles = -(-(len(highs) + shift) // cycle)
    laid = np.full(cycles * cycle, -np.inf)
    laid[shift : shift + len(highs)] = highs
    table = np.sort(laid.reshape(cycles, cycle), axis=0)
    seen = np.isfinite(table).sum(axis=0)
    usable = seen >= LEAST_CYCLES
    if not usable.any():
        return np.nan
    # Of the hours that were seen, the lower one of the two in the middle: half of the cycles reach at least that.
    place = (cycles - seen + (seen - 1) // 2)[usable]
    return float(table[place, np.flatnonzero(usable)].max())
