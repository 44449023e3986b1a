"""Season: the daily and weekly profile of many series, which no slow movement can hide in.

A day's level is taken out of each sample first: ramps, steps and campaigns are gone before anything is averaged over
days. What an hour adds is the median over the days; what an hour of a single weekday adds beyond that is kept as far as
it repeats from week to week more than chance would have it (empirical Bayes; Morris, JASA 78 (1983), 47-55). What a
weekday adds is measured against the mean of the seven days around it, in which a straight line cancels out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import counted, counted_medians, medians
from driftbot.detectors.spread import NORMAL
from driftbot.detectors.week_grid import DAYS_A_WEEK, WeekGrid

LEAST_CYCLES = 3
"""Weeks that a weekday's own share is learned from. Ours: of two nobody can tell which was the odd one."""

CLIP = 2.0
"""Spreads beyond which a sample counts as one that far away (Huber, Ann. Math. Stat. 35 (1964), 73-101)."""

_WEEKEND = 5
_LEAST_SHARE = 0.5
"""Share of a day's slots that have to be there for the day to speak of its weekday."""
_LEAST_OF_A_WEEK = 5
_TINY = np.finfo(np.float64).tiny

Flags = NDArray[np.bool_]


def season(days: FloatArray, grid: WeekGrid) -> FloatArray:
    """The profile (series, 7 × slots of the day) to subtract, with mean zero; ``days`` is (series, days, slots)."""
    hourly = _of_the_day(days) if grid.per_day > 1 else np.zeros((len(days), 1))
    flat = days - hourly[:, None, :]
    level, _ = day_levels(flat)
    profile = np.repeat(hourly[:, None, :], DAYS_A_WEEK, axis=1)
    if grid.per_day > 1:
        profile += _repeating(flat - level[:, :, None], grid)
    level = np.where(counted(~np.isnan(days)) >= _LEAST_SHARE * grid.per_day, level, np.nan)
    profile += _repeating(_beyond_the_week(level)[:, :, None], grid)
    profile -= profile.mean(axis=(1, 2), keepdims=True)
    return profile.reshape(len(days), -1)


def day_levels(days: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The level of each day (series, days), NaN where it has no sample, and the spread of samples about it (series,).

    One step of Huber's estimator from the median: as steady as a mean where all is well, as a median where not.
    """
    middle, count = counted_medians(days)
    off = days - middle[:, :, None]
    spread = NORMAL * medians(np.abs(off).reshape(len(days), -1))
    spread = np.nan_to_num(spread, nan=0.0)
    return middle + _clipped(off, CLIP * spread).sum(axis=2) / np.maximum(count, 1), spread


def _clipped(off: FloatArray, bound: FloatArray) -> FloatArray:
    """Deviations of each series within its bound, zero where there is none; changes ``off``."""
    flat, bound = off.reshape(len(off), -1), bound[:, None]
    np.minimum(flat, bound, out=flat)
    np.maximum(flat, -bound, out=flat)
    found: FloatArray = np.where(np.isnan(flat), 0.0, flat).reshape(off.shape)
    return found


def _of_the_day(days: FloatArray) -> FloatArray:
    """What each hour of the day adds to its day, the median over all days; zero where it was never seen."""
    off = days - medians(days)[:, :, None]
    return np.nan_to_num(medians(np.ascontiguousarray(off.transpose(0, 2, 1))), nan=0.0)


def _repeating(off: FloatArray, grid: WeekGrid) -> FloatArray:
    """What each slot of each weekday adds (series, 7, slots), as far as it repeats beyond chance.

    Workdays share one profile and weekends another, shrunk to none; each weekday is shrunk to its class.
    """
    mean, error, weeks = _over_weeks(off, grid)
    out = np.zeros_like(mean)
    for chosen in (slice(0, _WEEKEND), slice(_WEEKEND, DAYS_A_WEEK)):
        number = weeks[:, chosen].sum(axis=1)
        shared = (mean[:, chosen] * weeks[:, chosen]).sum(axis=1) / np.maximum(number, 1)
        shared = _shrunk(shared, error / np.maximum(number, 1), number >= LEAST_CYCLES)
        beyond = (mean[:, chosen] - shared[:, None]).reshape(len(mean), -1)
        each = weeks[:, chosen].reshape(len(mean), -1)
        single = _shrunk(beyond, error / np.maximum(each, 1), each >= LEAST_CYCLES)
        out[:, chosen] = shared[:, None] + single.reshape(out[:, chosen].shape)
    return out


def _over_weeks(off: FloatArray, grid: WeekGrid) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Robust means over the weeks, the variance (series, 1) of a sample about them, and how many weeks each has."""
    mean, squares, weeks = (np.zeros((len(off), DAYS_A_WEEK, grid.per_day)) for _ in range(3))
    by_slot = np.ascontiguousarray(off.transpose(0, 2, 1))
    for weekday in range(DAYS_A_WEEK):
        first = (weekday - int(grid.weekdays[0])) % DAYS_A_WEEK
        cell = by_slot[:, :, first::DAYS_A_WEEK]
        centre, spread = day_levels(cell)
        mean[:, weekday] = np.nan_to_num(centre, nan=0.0)
        weeks[:, weekday] = counted(~np.isnan(cell))
        about = _clipped(cell - centre[:, :, None], CLIP * spread)
        squares[:, weekday] = np.square(about, out=about).sum(axis=2)
    freedom = np.maximum((weeks - 1) * (weeks > 1), 0).sum(axis=(1, 2))
    return mean, (squares.sum(axis=(1, 2)) / np.maximum(freedom, 1))[:, None], weeks


def _shrunk(values: FloatArray, error: FloatArray, known: Flags) -> FloatArray:
    """Values of a row pulled to zero by the share of their variance that errors explain; unknown ones are zero."""
    number = np.maximum(known.sum(axis=1, keepdims=True), 1)
    excess = np.where(known, np.square(values) - error, 0.0).sum(axis=1, keepdims=True) / number
    real = np.maximum(excess, 0.0)
    return np.where(known, values * real / np.maximum(real + error, _TINY), 0.0)


def _beyond_the_week(level: FloatArray) -> FloatArray:
    """Each day's level beyond the mean of the seven days around it; NaN where too few of them are there."""
    out = np.full_like(level, np.nan)
    if level.shape[1] >= DAYS_A_WEEK:
        weeks = np.lib.stride_tricks.sliding_window_view(level, DAYS_A_WEEK, axis=1)
        counts = counted(~np.isnan(weeks))
        around = np.where(np.isnan(weeks), 0.0, weeks).sum(axis=2) / np.maximum(counts, 1)
        half = DAYS_A_WEEK // 2
        out[:, half:-half] = np.where(counts >= _LEAST_OF_A_WEEK, level[:, half:-half] - around, np.nan)
    return out
