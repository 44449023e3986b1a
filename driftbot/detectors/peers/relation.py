"""Relations: each member's day held against its group's, so that what all share (a season, traffic) is gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.peers.common_scale import scaled_together
from driftbot.detectors.peers.group_block import median, there

DAY = 86400.0
LEAST_SHARE = 0.25
"""Of a day's samples, without which the day counts as missing."""

FEWEST = 3
"""Members without which nothing is a group."""

MOST_DAYS = 28
"""Days that a relation is made of, the latest ones: how members were related before is not how they are now. Ours."""

LARGE = 6
"""Members from which on the group's course is known well enough to be taken out of how far samples stray."""

LEAST_STEPS = 4
"""Pairs of neighbouring samples without which nobody knows how far a day's samples stray."""


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Each member's days against its group: arrays of (groups, members, days), NaN where nothing can be said.

    ``level`` is the day's median without the group's course, in logarithms where ``logarithmic`` (groups,), else in
    the group's mean absolute value; ``spread`` the logarithm of how far neighbouring samples of the day lie apart.
    ``present`` (groups, members): there are samples enough on the last day.
    """

    level: FloatArray
    spread: FloatArray
    logarithmic: Flags
    present: Flags


def relation(values: FloatArray, step: float) -> Relation:
    """Samples (groups, members, columns), the last column the latest, a ``step`` (seconds) apart, against their group.

    Days end with the last column; what is older than the last whole day, or four weeks, is left out. The group's course
    is the median over members, each without its own median: half of the members cannot move it far.
    """
    per_day = max(1, round(DAY / step))
    days = min(values.shape[2] // per_day, MOST_DAYS)
    scaled, logarithmic = scaled_together(values[:, :, values.shape[2] - days * per_day :])
    course = _course(scaled)
    own, daily = _by_day(scaled, days), _by_day(scaled - course[:, None, :], days)
    least = max(1.0, LEAST_SHARE * per_day)
    level = median(daily, 3)
    level[there(daily, 3) < least] = np.nan
    present: Flags = np.any(there(own, 3)[:, :, -1:] >= least, axis=2)
    large = present.sum(axis=1) >= LARGE
    spread = _straying(np.where(large[:, None, None, None], daily, own))
    return Relation(level, spread, logarithmic, present)


def _by_day(values: FloatArray, days: int) -> FloatArray:
    return values.reshape(*values.shape[:2], days, values.shape[2] // max(days, 1))


def _straying(daily: FloatArray) -> FloatArray:
    """The logarithm of how far neighbouring samples of a day lie apart; NaN where that is nothing or not known."""
    steps = np.abs(np.diff(daily, axis=3))
    typical = median(steps, 3)
    typical[there(steps, 3) < max(LEAST_STEPS, LEAST_SHARE * steps.shape[3])] = np.nan
    return np.log(np.where(typical > 0.0, typical, np.nan))


def _course(scaled: FloatArray) -> FloatArray:
    """What all share at each time: (groups, columns)."""
    course = median(scaled - median(scaled, 2)[:, :, None], 1)
    present = there(scaled, 1)
    most = present.max(axis=1, initial=0.0)[:, None]
    course[present < np.maximum(FEWEST, most / 2.0)] = np.nan
    return course
