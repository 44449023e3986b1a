"""Whether anything was ever there to be measured: many sides asked about in few requests, before any is asked alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from driftbot.collectors.prometheus_condition_plan import Question, Sampling
from driftbot.collectors.prometheus_liveness_inquiry import Answers, Inquiry, Times
from driftbot.core.subject import SubjectId
from driftbot.detectors.fit.firing import LOOKBACK
from driftbot.detectors.fit.threshold import Rows

LOOKS = 24
"""How often a window is looked at first; most that is there at all is there at one of them."""

FEWEST_QUESTIONS = 25
"""Fewer are not worth it, and each is asked alone, so that a server's refusal names the one it is about."""

MOST_POINTS = 10_000
"""Points of time of one query: Prometheus takes 11,000."""


def presence(inquiry: Inquiry, questions: Sequence[Question], now: float) -> dict[SubjectId, float]:
    """The most series that were there at once, as far as the looks saw, by question; 0 where none was at any time.

    What is silent at all first looks is looked at every five minutes, between which Prometheus shows nothing that it
    did not show at one of them. Not in it is what was not answered, or is too long a window for that; nothing is where
    there are few questions.
    """
    if len(questions) < FEWEST_QUESTIONS:
        return {}
    window = max(question.window for question in questions)
    first = inquiry.ask(sorted({_count(one) for one in questions}), _times(window, window / LOOKS, now))
    found = {one.subject.id: _most(first, one) for one in questions if _count(one) in first}
    silent = [one for one in questions if found.get(one.subject.id) == 0.0]
    close = _times(window, LOOKBACK, now) if window / LOOKBACK <= MOST_POINTS else None
    closely = inquiry.ask(sorted({_count(one) for one in silent}), close) if silent and close else {}
    kept = {one.subject.id for one in silent if _count(one) not in closely or _most(closely, one)}
    return {subject: most for subject, most in found.items() if subject not in kept}


def _count(question: Question) -> str:
    return f"count({question.measured})"


def _times(window: float, step: float, now: float) -> Times:
    grid = Sampling(window, step, Rows.SERIES).grid(now)
    return Times(grid.time(0), grid.time(grid.size - 1), grid.step)


def _most(answers: Answers, question: Question) -> float:
    return max((float(np.nanmax(one.values, initial=0.0)) for one in answers[_count(question)]), default=0.0)
