"""Drift hypotheses: since when a series may drift, by what, and how fast it is thought to before it is looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from driftbot.detectors.week_grid import DAYS_A_WEEK


class Growth(Enum):
    """By what a series drifts."""

    NONE = "not at all"
    BY_DAY = "by the day"
    BY_RELEASE = "by the release"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A series has drifted for so many days; ``prior`` is the standard deviation of its rate before anything was seen.

    A rate is by day or by release, in standard deviations of a day's level. ``weight`` is the logarithm of how likely
    the hypothesis is before, beside others of its onset.
    """

    growth: Growth
    days: int
    prior: float
    weight: float = 0.0


RATE = 3.0
"""The prior of a rate in standard errors of a line through so many days: what can just be told by then. Ours."""

STEEP, STEEP_UNANNOUNCED, STEEP_UNANNOUNCED_WEIGHT = 0.15, 0.1, -1.0
"""A steeper prior, for levels that shift as well: shifts cut the line, and only steeper ones can be told. The second
where no release is known, and the logarithm of how likely it is then. Ours."""

ONSETS = (7, 9, 12, 16, 22, 30, 42, 60)
"""Days back, a factor of 4/3 apart; one day before or after makes little difference to any."""
LATER_ONSETS = ONSETS[2:]
"""For steep ones (before, nothing that can be told is steeper), and by the release: one release alone is a step."""
BY_RELEASE_WEIGHT = -0.5

PLAIN, PLAIN_WEIGHT = 1.0, -6.0
PLAIN_BY_RELEASE, PLAIN_BY_RELEASE_WEIGHT = 3.0, -3.0
PLAIN_ONSETS = (12, 22, 42)
"""Priors for what anybody sees in a quiet series, and the logarithm of how likely that is beside the others. Ours."""

STILL = Hypothesis(Growth.NONE, 0, 0.0)


def hypotheses(*, released: bool) -> tuple[Hypothesis, ...]:
    """The still one, and the others from the earliest onset to the latest."""
    steep = (STEEP, 0.0) if released else (STEEP_UNANNOUNCED, STEEP_UNANNOUNCED_WEIGHT)
    found = (*_by_day(*steep), *(_by_release() if released else ()))
    return (STILL, *sorted(found, key=lambda each: -each.days))


def _by_day(steep: float, weight: float) -> Iterator[Hypothesis]:
    yield from (Hypothesis(Growth.BY_DAY, days, _just_told(days)) for days in ONSETS)
    yield from (Hypothesis(Growth.BY_DAY, days, steep, weight) for days in LATER_ONSETS)
    yield from (Hypothesis(Growth.BY_DAY, days, PLAIN, PLAIN_WEIGHT) for days in PLAIN_ONSETS)


def _by_release() -> Iterator[Hypothesis]:
    for days in LATER_ONSETS:
        yield Hypothesis(Growth.BY_RELEASE, days, _just_told(days) * DAYS_A_WEEK, BY_RELEASE_WEIGHT)
    for days in PLAIN_ONSETS[1:]:
        yield Hypothesis(Growth.BY_RELEASE, days, PLAIN_BY_RELEASE, PLAIN_BY_RELEASE_WEIGHT)


def _just_told(days: int) -> float:
    return RATE * math.sqrt(3.0 / days**3)
