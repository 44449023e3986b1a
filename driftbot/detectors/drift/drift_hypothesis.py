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

STEEP, STEEP_UNANNOUNCED = 0.15, 0.1
"""A steeper prior, for levels that shift as well: shifts cut the line, and only steeper ones can be told. The second
where no release is known. Ours."""


@dataclass(frozen=True, slots=True)
class Age:
    """How likely a drift is that began so many days ago and was not told since: the logarithm at ``MIDDLE`` days, and
    by how much it falls for each unit more of the logarithm of the days."""

    weight: float
    fall: float

    def weighs(self, days: int) -> float:
        """The logarithm of how likely an onset so many days ago is, beside what ``drift_evidence`` makes of it."""
        return self.weight - self.fall * math.log(days / MIDDLE)


MIDDLE = 16
USUAL_AGE = Age(0.0, 1.0)
STEEP_AGE, STEEP_UNANNOUNCED_AGE = Age(2.0, 3.0), Age(3.0, 4.0)
"""A steep drift that began long ago would have been told by now, and shifts one way pass for an old one sooner than for
a new one. Chosen on simulated drifts of 0.15 and 0.5 % a day and of 1.5 % a release, at equal false notices."""

ONSETS = (7, 9, 12, 16, 22, 30, 42, 60)
"""Days back, a factor of 4/3 apart; one day before or after makes little difference to any."""
LATER_ONSETS = ONSETS[2:]
"""For steep ones (before, nothing that can be told is steeper), and by the release: one release alone is a step."""

PLAIN, PLAIN_WEIGHT = 1.0, -6.0
PLAIN_BY_RELEASE, PLAIN_BY_RELEASE_WEIGHT = 3.0, -3.0
PLAIN_ONSETS = (12, 22, 42)
"""Priors for what anybody sees in a quiet series, and the logarithm of how likely that is beside the others. Ours."""

STILL = Hypothesis(Growth.NONE, 0, 0.0)


def hypotheses(*, released: bool) -> tuple[Hypothesis, ...]:
    """The still one, and the others from the earliest onset to the latest."""
    steep = (STEEP, STEEP_AGE) if released else (STEEP_UNANNOUNCED, STEEP_UNANNOUNCED_AGE)
    found = (*_by_day(*steep), *(_by_release() if released else ()))
    return (STILL, *sorted(found, key=lambda each: -each.days))


def _by_day(steep: float, age: Age) -> Iterator[Hypothesis]:
    yield from (Hypothesis(Growth.BY_DAY, days, _just_told(days), USUAL_AGE.weighs(days)) for days in ONSETS)
    yield from (Hypothesis(Growth.BY_DAY, days, steep, age.weighs(days)) for days in LATER_ONSETS)
    yield from (Hypothesis(Growth.BY_DAY, days, PLAIN, PLAIN_WEIGHT) for days in PLAIN_ONSETS)


def _by_release() -> Iterator[Hypothesis]:
    for days in LATER_ONSETS:
        yield Hypothesis(Growth.BY_RELEASE, days, _just_told(days) * DAYS_A_WEEK, USUAL_AGE.weighs(days))
    for days in PLAIN_ONSETS[1:]:
        yield Hypothesis(Growth.BY_RELEASE, days, PLAIN_BY_RELEASE, PLAIN_BY_RELEASE_WEIGHT)


def _just_told(days: int) -> float:
    return RATE * math.sqrt(3.0 / days**3)
