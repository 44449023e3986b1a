"""Measures of a series that a detector answers: what each gives and takes, and which of them cost of the budget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DAY = 86400.0

LOOK_BACK = 90 * DAY
"""Seconds that a breach is forecast from; its window is the horizon ahead."""

FARTHEST_BACK = 1095 * DAY
"""Seconds that a detector looks back at most: three years, beyond which one series alone is a matter of megabytes."""


class Family(StrEnum):
    """What a detector is asked. Each member that ``costs`` is a test that may cost false notices."""

    BASELINE = "baseline"
    DRIFT = "drift"
    STEP = "step"
    BREACH = "breach"
    APART = "apart"
    AFTER_RELEASE = "after_release"

    @property
    def costs(self) -> bool:
        """Whether the answer may be a false notice: a level is a description, and a breach states its own odds."""
        return self not in {Family.BASELINE, Family.BREACH}

    @property
    def rests_on_now(self) -> bool:
        """Whether nothing is told of a series that has no level now."""
        return self in {Family.DRIFT, Family.STEP, Family.AFTER_RELEASE}

    @property
    def marked(self) -> bool:
        """Whether releases and other markers beside the series count."""
        return self in {Family.DRIFT, Family.STEP, Family.AFTER_RELEASE}


class Gives(StrEnum):
    """What a measure results in."""

    SAME_UNIT = "the unit of the series"
    RATIO = "ratio"
    SECONDS = "seconds"
    INSTANT = "instant"
    TEXT = "text"


class Takes(StrEnum):
    """What a measure takes before its window."""

    NOTHING = "nothing"
    LIMIT = "limit"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class DetectorMeasure:
    """One member of a series; a window (seconds) outside of ``shortest`` to ``longest`` can never be answered."""

    name: str
    family: Family
    gives: Gives
    takes: Takes = Takes.NOTHING
    shortest: float = DAY
    longest: float = FARTHEST_BACK

    def look_back(self, window: float) -> float:
        """Seconds of samples that the measure rests on when a rule names that window."""
        return LOOK_BACK if self.family is Family.BREACH else window


_BREACHES = (
    DetectorMeasure(name, Family.BREACH, gives, Takes.LIMIT, longest=366 * DAY)
    for name, gives in (
        ("breach", Gives.RATIO),
        ("breach_below", Gives.RATIO),
        ("breach_in", Gives.SECONDS),
        ("breach_below_in", Gives.SECONDS),
    )
)

DETECTOR_MEASURES = {
    measure.name: measure
    for measure in (
        DetectorMeasure("baseline", Family.BASELINE, Gives.SAME_UNIT, shortest=14 * DAY),
        DetectorMeasure("spread", Family.BASELINE, Gives.SAME_UNIT, shortest=14 * DAY),
        DetectorMeasure("drift", Family.DRIFT, Gives.RATIO, shortest=21 * DAY),
        DetectorMeasure("drift_per_day", Family.DRIFT, Gives.RATIO, shortest=21 * DAY),
        DetectorMeasure("drift_per_release", Family.DRIFT, Gives.RATIO, shortest=21 * DAY),
        DetectorMeasure("step", Family.STEP, Gives.RATIO, shortest=14 * DAY),
        DetectorMeasure("step_at", Family.STEP, Gives.INSTANT, shortest=14 * DAY),
        DetectorMeasure("step_cause", Family.STEP, Gives.TEXT, shortest=14 * DAY),
        *_BREACHES,
        DetectorMeasure("apart", Family.APART, Gives.RATIO, Takes.LABEL, shortest=12 * DAY),
        DetectorMeasure("after_release", Family.AFTER_RELEASE, Gives.RATIO, shortest=8 * DAY),
    )
}
"""Every such measure by its name, in the order of the documentation."""

BELOW = frozenset({"breach_below", "breach_below_in"})
"""Breaches of a limit below (free space), not above (a deadline)."""
