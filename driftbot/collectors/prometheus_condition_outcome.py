"""Outcomes: what became of asking about one condition."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.collectors.prometheus_condition_plan import Question
from driftbot.detectors.fit.threshold_fit import Fit, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question: its fit, and for a better one the number of series and the cost of a point of time."""

    question: Question
    fit: Fit
    query: str
    series: int = 0
    cost: float = 0.0
    fine: bool = False

    @property
    def crossed(self) -> bool:
        """Whether the threshold was crossed, as far as one can tell: then it may flap."""
        return self.fit.margin is None or self.fit.margin < 0.0

    @property
    def open(self) -> bool:
        """Whether samples an hour apart cannot settle the verdict."""
        return self.crossed and self.fit.verdict is Verdict.FITS
