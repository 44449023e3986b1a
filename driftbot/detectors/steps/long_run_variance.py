"""Long-run variance: how much a mean of neighbouring points strays.

That is more than single points say where each remembers the last one.
For independent points it is their variance; for an AR(1) of coefficient r it is (1 + r) / (1 - r) times as much. A test
that takes one for the other finds a change in every slow wave (Aue and Horváth, J. Time Ser. Anal. 34 (2013), 1-16).
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray

MOST_MEMORY = 0.9
"""The largest AR(1) coefficient taken for noise. Ours: what remembers longer wanders, and is told by the drift."""

LAGS = 5
"""Lags of the window over what an AR(1) leaves (Bartlett; Newey and West, Econometrica 55 (1987), 703-708)."""

_LONGEST_LAG = 8
_POINTS_A_LAG = 25
_MIDDLE = (0.3, 0.4, 0.5, 0.6, 0.7)
_NORMAL_MIDDLE = 0.6817
"""Mean of these quantiles of the size of a standard normal variable."""


def spread_of(off: FloatArray) -> FloatArray:
    """The standard deviation (rows,) of deviations, from the middle of their sizes; zero where most of them are.

    The mean of five quantiles around the median strays less than the median, and does not jump where points take few
    values. NaN is left out; a row without points has spread zero.
    """
    sizes = np.sort(np.abs(off), axis=1)
    last = np.maximum(sizes.shape[1] - np.isnan(sizes).sum(axis=1) - 1, 0)
    places = np.rint(last[:, None] * np.asarray(_MIDDLE)).astype(np.int64)
    found: FloatArray = np.nan_to_num(np.take_along_axis(sizes, places, axis=1).mean(axis=1) / _NORMAL_MIDDLE)
    return found


def from_differences(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Long-run variance and memory (rows,) as differences show them: steps hardly move those, as few lie across one.

    Half the variance of differences is the variance at long lags and, of an AR(1), (1 - r) times as much at lag one.
    """
    points = int((~np.isnan(values)).sum(axis=1).max(initial=0))
    longest = min(max(points // _POINTS_A_LAG, 1), _LONGEST_LAG)
    lags = sorted({longest, -(-3 * longest // 4), -(-3 * longest // 2)})
    whole = np.mean([half_variance(values, lag) for lag in lags], axis=0)
    memory = np.clip(1.0 - half_variance(values, 1) / np.where(whole > 0, whole, 1.0), 0.0, MOST_MEMORY)
    return whole * (1.0 + memory) / (1.0 - memory), memory


def from_residuals(residuals: FloatArray, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Long-run variance and memory (rows,) of what a fit with so many ``parameters`` (rows,) left; NaN is missing.

    Prewhitened (Andrews and Monahan, Econometrica 60 (1992), 953-966): an AR(1) is taken out and the rest summed
    under a window. What each fitted parameter took from every autocovariance is given back.
    """
    there = (~np.isnan(residuals)).astype(np.float64)
    plain = np.nan_to_num(residuals)
    points = np.maximum(there.sum(axis=1), 1.0)
    lagged = np.stack([_autocovariance(plain, there, lag) for lag in range(LAGS + 2)], axis=1)
    share = np.minimum(parameters / points, 0.5)
    first, _ = _prewhitened(lagged)
    return _prewhitened(lagged + (share * np.maximum(first, lagged[:, 0]))[:, None])


def innovation_variance(residuals: FloatArray, parameters: FloatArray) -> FloatArray:
    """The variance (rows,) of what is new in each point of an AR(1) of which a fit left these residuals."""
    there = (~np.isnan(residuals)).astype(np.float64)
    plain = np.nan_to_num(residuals)
    lagged = np.stack([_autocovariance(plain, there, lag) for lag in range(2)], axis=1)
    points = np.maximum(there.sum(axis=1), 1.0)
    variance = lagged[:, 0] / (1.0 - np.minimum(parameters / points, 0.5))
    memory = np.clip(lagged[:, 1] / np.where(lagged[:, 0] > 0, lagged[:, 0], 1.0), 0.0, MOST_MEMORY)
    found: FloatArray = variance * (1.0 - memory**2)
    return found


def half_variance(values: FloatArray, lag: int) -> FloatArray:
    """Half the variance (rows,) of differences over so many columns, from the middle of their sizes."""
    if values.shape[1] <= lag:
        return np.zeros(len(values))
    found: FloatArray = 0.5 * np.square(spread_of(values[:, lag:] - values[:, :-lag]))
    return found


def _autocovariance(plain: FloatArray, there: FloatArray, lag: int) -> FloatArray:
    ahead, behind = slice(lag, None), slice(None, plain.shape[1] - lag)
    pairs = np.einsum("ij,ij->i", there[:, ahead], there[:, behind])
    found: FloatArray = np.einsum("ij,ij->i", plain[:, ahead], plain[:, behind]) / np.maximum(pairs, 1.0)
    return found


def _prewhitened(lagged: FloatArray) -> tuple[FloatArray, FloatArray]:
    variance = np.maximum(lagged[:, 0], 0.0)
    memory = np.clip(lagged[:, 1] / np.where(variance > 0, variance, 1.0), 0.0, MOST_MEMORY)
    at = np.arange(LAGS + 1)
    before = lagged[:, np.abs(at - 1)]
    rest = (1.0 + memory[:, None] ** 2) * lagged[:, at] - memory[:, None] * (lagged[:, at + 1] + before)
    window = 2.0 * (1.0 - at / (LAGS + 1.0))
    window[0] = 1.0
    summed = np.maximum(rest @ window, 0.25 * rest[:, 0])
    return np.maximum(summed, 0.0) / (1.0 - memory) ** 2, memory
