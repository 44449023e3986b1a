"""Local lines: level and slope of many daily series now, with how sure they are, when levels also shift.

A level moves by its slope and by what shifts it; a run strays about the level. Two questions decide the forecast and
neither is known: whether there is a slope at all, and how much of the movement is shifts. Each pair of answers is a
model (a line with or without slope × a few ratios of shifts to noise), each model a Kalman filter, and each counts by
how well it foretold every next day of the past: Bayesian model averaging (Harvey, Forecasting, Structural Time Series
Models and the Kalman Filter, 1989, sections 2.3 and 4.2; Hoeting et al., 1999). A slope that the days do not bear out
thus shrinks towards none instead of being extrapolated. Single wild days are pulled in before to where they do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

Flags = NDArray[np.bool_]

SHIFTS = (0.001, 0.01, 0.05, 0.3, 5.0)
"""Variance a day of shifts, in variances of a run: from a level that all but rests to one that only wanders."""

SLOPELESS, STRAIGHT, BENDING = 0.5, 0.4, 0.1
"""How likely no slope, one slope, and a slope that changes are before anything is seen. Ours: every second job does not
grow, and growth that begins, ends or speeds up within the window is the rarer kind."""

BEND_DAYS = 30.0
"""Days in which a bending line's slope changes by as much as a usual slope is (one standard deviation)."""

_PRIOR = (SLOPELESS, STRAIGHT, BENDING)

_DIFFUSE = 1e6
_PRIOR_DAYS = 2.0
"""What the spread given counts for in days, beside the days that were foretold."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The models of each series, all of shape (models, series).

    ``level`` is at the last day and ``slope`` a day; their variances and covariance; ``shifts`` is the variance by
    which the level wanders a day; ``weight`` how likely each model is (adds up to 1 for each series).
    """

    level: FloatArray
    slope: FloatArray
    level_variance: FloatArray
    covariance: FloatArray
    slope_variance: FloatArray
    shifts: FloatArray
    weight: FloatArray


@dataclass(slots=True, eq=False)
class _State:
    """Level and slope of each model and series, and what the days so far said of each model."""

    level: FloatArray
    slope: FloatArray
    level_variance: FloatArray
    covariance: FloatArray
    slope_variance: FloatArray
    surprise: FloatArray
    log_variance: FloatArray


def local_lines(values: FloatArray, spread: FloatArray, usual_slope: FloatArray) -> Lines:
    """The lines of (series, days) ``values``, NaN where a day is missing.

    ``spread`` (series,) is how far a run strays from its level (above 0), ``usual_slope`` (series,) how steep a slope
    a day is expected to be where there is one (one standard deviation).
    """
    noise = spread**2
    ratios = np.tile(np.array(SHIFTS), len(_PRIOR))[:, None]
    bends = np.zeros((len(ratios), len(values)))
    bends[-len(SHIFTS) :] = usual_slope**2 / BEND_DAYS
    state = _start(values, noise, usual_slope)
    shifts = ratios * noise
    foretold, seen = np.zeros(len(values)), np.zeros(len(values), dtype=np.bool_)
    for day in range(values.shape[1]):
        there = np.isfinite(values[:, day])
        _predict(state, shifts, bends)
        _update(state, np.where(there, values[:, day], 0.0), noise, there, there & seen)
        foretold += there & seen
        seen |= there
    scale = (_PRIOR_DAYS + state.surprise) / (_PRIOR_DAYS + foretold)
    return Lines(
        level=state.level,
        slope=state.slope,
        level_variance=np.maximum(state.level_variance, 0.0) * scale,
        covariance=state.covariance * scale,
        slope_variance=(np.maximum(state.slope_variance, 0.0) + bends * BEND_DAYS / 3.0) * scale,
        shifts=shifts * scale,
        weight=_weights(state, scale, foretold),
    )


def _start(values: FloatArray, noise: FloatArray, usual_slope: FloatArray) -> _State:
    shape = (len(_PRIOR) * len(SHIFTS), len(noise))
    slope, slope_variance, covariance, surprise, log_variance = (np.zeros(shape) for _ in range(5))
    first = values[np.arange(len(values)), np.isfinite(values).argmax(axis=1)]
    level = np.broadcast_to(np.nan_to_num(first), shape).copy()
    slope_variance[len(SHIFTS) :] = usual_slope**2
    level_variance = np.broadcast_to(_DIFFUSE * (noise + usual_slope**2), shape).copy()
    return _State(level, slope, level_variance, covariance, slope_variance, surprise, log_variance)


def _predict(state: _State, shifts: FloatArray, bends: FloatArray) -> None:
    state.level += state.slope
    state.level_variance += 2.0 * state.covariance + state.slope_variance + shifts
    state.covariance += state.slope_variance
    state.slope_variance += bends


def _update(state: _State, values: FloatArray, noise: FloatArray, there: Flags, counts: Flags) -> None:
    total = state.level_variance + noise
    error = (values - state.level) * there
    state.surprise += error**2 / total * counts
    state.log_variance += np.log(total) * counts
    slope_gain = state.covariance * there / total
    state.level += state.level_variance * there / total * error
    state.slope += slope_gain * error
    state.slope_variance -= slope_gain * state.covariance
    kept = np.where(there, noise / total, 1.0)
    state.covariance *= kept
    state.level_variance *= kept


def _weights(state: _State, scale: FloatArray, foretold: FloatArray) -> FloatArray:
    """Model weights from the likelihood with its scale estimated (Harvey 1989, section 3.4), against the prior."""
    prior = np.repeat(np.log(_PRIOR), len(SHIFTS))[:, None]
    likelihood = prior - 0.5 * state.log_variance - 0.5 * (foretold + _PRIOR_DAYS) * np.log(scale)
    weight: FloatArray = np.exp(likelihood - likelihood.max(axis=0))
    weight /= weight.sum(axis=0)
    return weight
