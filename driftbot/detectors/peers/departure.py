"""Departures: how far a member left its own earlier relation to its group, in steps of what is usual there.

What is usual has two parts. *Noise*: how far one day lies from the next, from the member's own days, steadied by its
group's. *Restlessness*: how far relations move for good within some days (each zone has its own releases), from the
changes between thirds of weeks of all members but the most restless quarter, steadied by a prior, since in a small
group that happened to keep still nobody knows how far members move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.peers.group_block import median, there
from driftbot.detectors.peers.relation import FEWEST

NOW_DAYS = (1, 2, 3, 5, 7)
"""How many days the relation now may be made of."""

RECENT = 7
"""Days that may be 'now'; what is older is 'before'."""

LEAST_BEFORE = 5
"""Days before these without which a member has no earlier relation."""

CHUNK = 3
"""Days of a part between which changes are restlessness."""

PRIOR_WEIGHT, QUIETEST = 2.0, 0.9
"""For how many members the prior stands, and which share of the members, the most even ones, counts."""

MOST_TIMES = 8.0
"""How many times the usual one member counts at most, so that a few odd ones do not hide behind each other."""

PERIODS = 2.0
"""Moves between parts that 'now' and 'before' lie apart."""

OF_MEDIANS = 1.3
"""By how much the variance of a median of few days is above that of their mean; days are a little alike as well."""

HALVES = 3.0
"""How many times what members stray and move by chance two halves of a group lie apart at least. Ours."""

LINE_LEAVES = 0.9
"""Of what a step leaves unexplained, below which a line is said to fit better. Ours."""

MEDIAN_NORMAL = 0.6745
"""The median of the absolute value of a standard normal number (Φ⁻¹(3/4))."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is known beforehand of a measure: how far one day lies from the next (``noise``), how far it moves for good
    (``restless``)."""

    noise: float
    restless: float


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """For each member (groups, members): the difference to its earlier relation, its standard error, and the score,
    where that is largest over the choices of 'now', which is so many ``days``. NaN where there is no earlier relation,
    or none now.

    The error is of noise alone; the score divides by restlessness as well. ``line``: a straight line through all days
    fits better than that step.
    """

    change: FloatArray
    error: FloatArray
    score: FloatArray
    days: FloatArray
    line: Flags


def departure(daily: FloatArray, usual: Usual) -> Departure:
    """How far members (groups, members, days) departed from their group."""
    own = _own_level(daily)
    rest = daily - own[:, :, None]
    common = median(rest, 1)
    common[there(rest, 1) < FEWEST] = np.nan
    rest = rest - common[:, None, :]
    noise = _noise(rest, usual)
    restless = _restless(rest, noise, usual)
    before = np.minimum(there(rest[:, :, :-RECENT], 2), 14.0)
    best = _against(rest, NOW_DAYS[0], before, noise, restless)
    for days in NOW_DAYS[1:]:
        best = _larger(best, _against(rest, days, before, noise, restless))
    return replace(best, line=_fits_a_line(rest, best))


def divided(of: Departure, usual: Usual) -> Flags:
    """Of each group (groups,), whether one half of it departed from the other half, so that neither is the odd one.

    Halves are equal in number, lie further apart than either is wide, and by more than what groups do for no reason.
    """
    ordered = np.sort(of.change, axis=1)
    known = there(of.change, 1).astype(np.int64)
    half = known // 2
    at = np.stack([np.zeros_like(half), np.maximum(half - 1, 0), half, np.maximum(known - 1, 0)], axis=1)
    first, low, high, last = np.take_along_axis(ordered, np.minimum(at, ordered.shape[1] - 1), axis=1).T
    gap = high - low
    wide = np.maximum(low - first, last - high)
    by_chance = HALVES * np.hypot(median(of.error, 1), usual.restless)
    even: Flags = (known % 2 == 0) & (known >= 4) & (gap > wide) & (gap > by_chance)
    return even


def _own_level(daily: FloatArray) -> FloatArray:
    earlier = daily[:, :, :-RECENT]
    own = median(earlier, 2)
    own[there(earlier, 2) < LEAST_BEFORE] = np.nan
    return own


def _noise(rest: FloatArray, usual: Usual) -> FloatArray:
    """The standard deviation of a day about its member's level: (groups, members)."""
    steps = np.abs(np.diff(rest[:, :, :-RECENT], axis=2)) / np.sqrt(2.0)
    own, count = median(steps, 2) / MEDIAN_NORMAL, there(steps, 2)
    group = median(steps.reshape(len(steps), -1), 1) / MEDIAN_NORMAL
    known = np.minimum(there(steps.reshape(len(steps), -1), 1), 60.0)
    group2 = (4.0 * usual.noise**2 + known * np.nan_to_num(group) ** 2) / (4.0 + known)
    mixed = (10.0 * group2[:, None] + count * np.nan_to_num(own) ** 2) / (10.0 + count)
    noise: FloatArray = np.sqrt(mixed)
    return noise


def _restless(rest: FloatArray, noise: FloatArray, usual: Usual) -> FloatArray:
    days = rest.shape[2]
    parts = [median(rest[:, :, max(0, end - CHUNK) : end], 2) for end in range(days, CHUNK - 1, -CHUNK)]
    changes = np.diff(np.stack(parts[::-1], axis=2), axis=2) ** 2
    count = there(changes, 2)
    mean = np.sum(changes, axis=2, where=~np.isnan(changes)) / np.maximum(count, 1.0)
    mean = np.maximum(np.where(count > 0, mean, np.nan) - 0.9 * noise**2, 0.0)
    return np.sqrt(shrunk_variance(PERIODS * mean, usual))


def shrunk_variance(squares: FloatArray, usual: Usual) -> FloatArray:
    """The variance in each group from one square per member (groups, members; NaN: unknown): the mean without the
    largest tenth, none counted for more than ``MOST_TIMES`` the median or the prior's, and the prior as two members."""
    ceiling = np.fmax(MOST_TIMES * usual.restless**2, MOST_TIMES * median(squares, 1))
    kept = np.floor(QUIETEST * there(squares, 1))
    ordered = np.sort(np.minimum(squares, ceiling[:, None]), axis=1)
    total = np.sum(ordered, axis=1, where=np.arange(squares.shape[1])[None, :] < kept[:, None])
    variance: FloatArray = (PRIOR_WEIGHT * usual.restless**2 + total) / (PRIOR_WEIGHT + kept)
    return variance


def _against(rest: FloatArray, days: int, before: FloatArray, noise: FloatArray, restless: FloatArray) -> Departure:
    now = rest[:, :, -days:]
    change, seen = median(now, 2), there(now, 2)
    change[(seen < (days + 1) // 2) | np.isnan(rest[:, :, -1])] = np.nan
    of_noise = noise**2 * OF_MEDIANS * (1.0 / np.maximum(seen, 1.0) + 1.0 / np.maximum(before, 1.0))
    scale = np.sqrt(of_noise + restless[:, None] ** 2)
    none = np.zeros(change.shape, dtype=bool)
    return Departure(change, np.sqrt(of_noise), change / scale, np.full(change.shape, float(days)), none)


def _fits_a_line(rest: FloatArray, step: Departure) -> Flags:
    """Whether the robust line (median of slopes at half the window's lag) leaves clearly less than the step does."""
    days = np.arange(rest.shape[2], dtype=np.float64)
    lag = rest.shape[2] // 2
    slope = median(rest[:, :, lag:] - rest[:, :, :-lag], 2) / lag
    tilted = rest - slope[:, :, None] * days
    of_line = np.abs(tilted - median(tilted, 2)[:, :, None])
    now = days >= rest.shape[2] - step.days[:, :, None]
    of_step = np.abs(rest - np.where(now, step.change[:, :, None], 0.0))
    there_is = ~np.isnan(of_line)
    line: Flags = np.sum(of_line, axis=2, where=there_is) < LINE_LEAVES * np.sum(of_step, axis=2, where=there_is)
    return line


def _larger(one: Departure, other: Departure) -> Departure:
    better = np.isnan(one.score) | (np.abs(other.score) > np.abs(one.score))
    names = Departure.__dataclass_fields__
    return Departure(*(np.where(better, getattr(other, name), getattr(one, name)) for name in names))
