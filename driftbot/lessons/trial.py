"""Trials: cases judged by the function that judges production, many rules and many cases in one go."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from driftbot.core.fact import Fact
from driftbot.core.finding import Finding, Verdict, fingerprint
from driftbot.core.graph import paths
from driftbot.core.key import Vocabulary
from driftbot.core.rule import Rule
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine.evaluate import evaluate
from driftbot.rules.case import SUBJECT, Case
from driftbot.rules.scope import CALL, PATH

Found = Mapping[tuple[str, str], Finding]
"""Findings by rule id and the name of the case's environment; of several subjects the worst."""

UNBOUNDED = math.inf
"""False notices a week for all cases together. Each case is an estate of its own, and of so few series that each test
may cost the most that any may; what stands beside it in the file must not make it deaf."""

_WORST_FIRST = (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule said about a case; ``verdict`` is None where it was not selected."""

    case: Case
    verdict: Verdict | None
    finding: Finding | None = None

    @property
    def as_expected(self) -> bool:
        """Whether the case got what it says."""
        return (self.verdict and self.verdict.value) == (self.case.verdict and self.case.verdict.value)


def outcomes(rules: Sequence[Rule], cases: Sequence[Case], vocabulary: Vocabulary) -> dict[str, tuple[Outcome, ...]]:
    """What each rule says about each case, by rule id; every rule sees every case.

    Each case plays in an environment of its own, so that one evaluation judges all of them.
    """
    at_times: dict[datetime, list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        at_times[case.snapshot.as_of].append(number)
    found: dict[tuple[str, str], Finding] = {}
    for as_of, numbers in at_times.items():
        stage = _merged(as_of, [_staged(cases[number].snapshot, _place(number)) for number in numbers])
        watched = frozenset(_watched(rules, stage))
        findings = evaluate(rules, vocabulary, stage, MappingProxyType({}), watched, budget=UNBOUNDED).findings
        judged = {_place(number): cases[number].judged for number in numbers}
        for finding in sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.verdict)):
            place = finding.subject.environment
            if judged[place] in ("", finding.subject.name):
                found.setdefault((finding.rule, place), finding)
    return {rule.id: tuple(_outcome(rule, case, number, found) for number, case in enumerate(cases)) for rule in rules}


def _outcome(rule: Rule, case: Case, number: int, found: Found) -> Outcome:
    finding = found.get((rule.id, _place(number)))
    return Outcome(case, finding.verdict if finding else None, finding)


def _place(number: int) -> str:
    return f"case-{number}"


Thing = TypeVar("Thing", Fact, Series)


def _staged(snapshot: Snapshot, place: str) -> Snapshot:
    """The snapshot, moved into another environment."""

    def moved(subject: Subject) -> Subject:
        return replace(subject, environment=place)

    def all_moved(things: Iterable[Thing]) -> tuple[Thing, ...]:
        return tuple(replace(thing, subject=moved(thing.subject)) for thing in things)

    return Snapshot(
        snapshot.as_of,
        all_moved(snapshot.facts),
        all_moved(snapshot.series),
        tuple(replace(entry, environment=place) for entry in snapshot.coverage),
        tuple(moved(subject) for subject in snapshot.lingering),
        tuple(marker.about(moved(marker.subject)) for marker in snapshot.markers),
    )


def _merged(as_of: datetime, snapshots: Sequence[Snapshot]) -> Snapshot:
    return Snapshot(
        as_of,
        tuple(fact for snapshot in snapshots for fact in snapshot.facts),
        tuple(series for snapshot in snapshots for series in snapshot.series),
        tuple(entry for snapshot in snapshots for entry in snapshot.coverage),
        tuple(subject for snapshot in snapshots for subject in snapshot.lingering),
        tuple(marker for snapshot in snapshots for marker in snapshot.markers),
    )


def _watched(rules: Iterable[Rule], stage: Snapshot) -> Iterator[str]:
    subjects = stage.subjects()
    ways = [path.subject for path in paths(subject for subject in subjects if subject.kind == CALL)]
    for rule in rules:
        judged = ways if rule.for_each == PATH else [subject for subject in subjects if subject.name == SUBJECT]
        yield from (fingerprint(rule.id, subject.id) for subject in judged if subject.kind == rule.for_each)
