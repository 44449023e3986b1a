"""The search for a case that tells a rule from its mutant: what would have to stand in the file to notice it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from driftbot.core.finding import Verdict
from driftbot.core.key import Vocabulary
from driftbot.core.rule import Rule
from driftbot.lessons.trial import outcomes
from driftbot.lessons.variation import Axis, axes, leaps
from driftbot.rules.case import Case

BATCH = 400
"""Cases judged at a time: the search ends with the first batch that holds an answer."""

MOST_CASES = 1_200
"""Cases tried of each kind before a mutant counts as one that cannot be told."""

BISECTIONS = 60
"""Halvings of an interval of doubles until its ends are neighbours."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that tells the two apart, and what each says about it (None: not selected)."""

    case: Case
    rule_says: Verdict | None
    mutant_says: Verdict | None


def telling_case(rule: Rule, mutant: Rule, cases: Sequence[Case], vocabulary: Vocabulary) -> Suggestion | None:
    """A case on which the two differ, or None where none was found among variations of the rule's own cases."""
    judge = _Judge(rule, mutant, vocabulary)
    for candidates in (_plain(rule, mutant, cases), _edges(judge, cases), _combined(rule, mutant, cases)):
        remaining = islice(candidates, MOST_CASES)
        while batch := list(islice(remaining, BATCH)):
            if found := judge.difference(batch):
                return found
    return None


class _Judge:
    def __init__(self, rule: Rule, mutant: Rule, vocabulary: Vocabulary) -> None:
        self._rule, self._mutant, self._vocabulary = rule, mutant, vocabulary

    def difference(self, cases: Sequence[Case]) -> Suggestion | None:
        """The first case on which the two differ."""
        said = outcomes([self._rule, self._mutant], cases, self._vocabulary)
        pairs = zip(said[self._rule.id], said[self._mutant.id], strict=True)
        return next(
            (Suggestion(one.case, one.verdict, other.verdict) for one, other in pairs if one.verdict != other.verdict),
            None,
        )

    def verdicts(self, cases: Sequence[Case]) -> list[Verdict | None]:
        """What the rule itself says."""
        return [one.verdict for one in outcomes([self._rule], cases, self._vocabulary)[self._rule.id]]


def _plain(rule: Rule, mutant: Rule, cases: Sequence[Case]) -> Iterator[Case]:
    """One number moved or one thing changed."""
    for case in cases:
        for axis in axes(case):
            yield from (axis.at(point) for point in axis.points)
    for case in cases:
        yield from leaps(case, [rule, mutant], cases)


def _combined(rule: Rule, mutant: Rule, cases: Sequence[Case]) -> Iterator[Case]:
    """Two numbers moved, or one thing changed and a number moved."""
    for case in cases:
        for first, second in combinations(range(len(tuple(axes(case)))), 2):
            for moved in _moved(case, first):
                yield from _moved(moved, second)
    for case in cases:
        for changed in leaps(case, [rule, mutant], cases):
            for axis in axes(changed):
                yield from (axis.at(point) for point in axis.points)


def _moved(case: Case, number: int) -> Iterator[Case]:
    for axis in islice(axes(case), number, number + 1):
        yield from (axis.at(point) for point in axis.points)


@dataclass(slots=True)
class _Interval:
    axis: Axis
    low: float
    high: float
    verdict_low: Verdict | None


def _edges(judge: _Judge, cases: Sequence[Case]) -> Iterator[Case]:
    """Where the verdict flips, by halving, rounded to what a person would write: there ``<`` and ``<=`` part.

    Mutants that differ at numbers only that nobody writes are left untold.
    """
    intervals = [interval for case in cases for axis in axes(case) for interval in _flips(judge, axis)]
    for _ in range(BISECTIONS):
        open_ones = [one for one in intervals if one.low < (one.low + one.high) / 2 < one.high]
        if not open_ones:
            break
        middles = [(one.low + one.high) / 2 for one in open_ones]
        said = judge.verdicts([one.axis.at(middle) for one, middle in zip(open_ones, middles, strict=True)])
        for one, middle, verdict in zip(open_ones, middles, said, strict=True):
            if verdict == one.verdict_low:
                one.low = middle
            else:
                one.high = middle
    for one in intervals:
        yield from (one.axis.at(point) for point in (one.axis.written(one.low), one.axis.written(one.high)))


def _flips(judge: _Judge, axis: Axis) -> Iterator[_Interval]:
    said = judge.verdicts([axis.at(point) for point in axis.points])
    steps = zip(axis.points, axis.points[1:], said, said[1:], strict=False)
    yield from (_Interval(axis, low, high, before) for low, high, before, after in steps if before != after)
