"""Small estates and rules for the engine's tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.finding import Finding, Verdict, fingerprint
from driftbot.core.rule import Binding, Expression, Lesson, Rule, Severity
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject, labels_of
from driftbot.engine.evaluate import evaluate
from driftbot.rules.case import read_value
from tests.rules.words import VOCABULARY

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
NOW = AS_OF.timestamp()
DAY = 86400.0


def rule(
    expect: str,
    where: str | None = None,
    let: Mapping[str, str] | None = None,
    for_each: str = "job",
    message: str = "told",
    recommend: Mapping[str, str] | None = None,
    name: str = "a-rule",
) -> Rule:
    def expression(text: str) -> Expression:
        return Expression(text, Origin("rules", f"{name}.yaml", 1, 1))

    def bindings(texts: Mapping[str, str] | None) -> tuple[Binding, ...]:
        return tuple(Binding(word, expression(text)) for word, text in (texts or {}).items())

    return Rule(
        id=name,
        title="A rule",
        lesson=Lesson("https://example.org", "It happened."),
        why="It happened.",
        severity=Severity.HIGH,
        owner="somebody",
        for_each=for_each,
        expect=expression(expect),
        message=expression(message),
        origin=Origin("rules", f"{name}.yaml", 1, 1),
        digest="0" * 64,
        where=expression(where) if where else None,
        let=bindings(let),
        recommend=bindings(recommend),
    )


def job(name: str = "one", environment: str = "production", **labels: str) -> Subject:
    return Subject("job", environment, name, labels_of(labels))


def fact(subject: Subject, key: str, value: object, view: View = View.DECLARED, **more: object) -> Fact:
    found = VOCABULARY.get(subject.kind, key)
    read: Value = value if isinstance(value, datetime | tuple) else read_value(value, found)
    provenance = more.get("provenance", Provenance.EXPLICIT)
    assert isinstance(provenance, Provenance)
    return Fact(subject, key, read, view, provenance, Origin("files", str(more.get("file", "a.yaml")), 3))


def call(caller: str, callee: str) -> Subject:
    return Subject("call", "production", f"{caller}->{callee}", labels_of({"from": caller, "to": callee}))


def hourly(subject: Subject, key: str, values: np.ndarray, ago: float = 0.0, file: str = "q") -> Series:
    times = NOW - ago - 3600.0 * np.arange(len(values) - 1, -1, -1, dtype=np.float64)
    return Series(subject, key, times, np.asarray(values, dtype=np.float64), Origin("prometheus", file))


def complete(kind: str = "job", *keys: str) -> Coverage:
    return Coverage("files", "production", kind, frozenset(keys))


def broken(kind: str = "job", *keys: str, reason: str = "permission denied") -> Coverage:
    return Coverage("files", "production", kind, frozenset(keys), (Gap(Origin("files", "b.yaml", 7), reason),))


def watched(rules: tuple[Rule, ...], subjects: tuple[Subject, ...]) -> frozenset[str]:
    return frozenset(fingerprint(each.id, subject.id) for each in rules for subject in subjects)


def judge(expected: Rule, *things: Fact | Series | Coverage | Subject) -> Evaluation:
    """Everything the rule says, healthy subjects included."""
    facts = tuple(thing for thing in things if isinstance(thing, Fact))
    series = tuple(thing for thing in things if isinstance(thing, Series))
    coverage = tuple(thing for thing in things if isinstance(thing, Coverage))
    lingering = tuple(thing for thing in things if isinstance(thing, Subject))
    snapshot = Snapshot(AS_OF, facts, series, coverage, lingering)
    subjects = snapshot.subjects()
    return evaluate([expected], VOCABULARY, snapshot, {}, watched((expected,), subjects))


def verdict(expected: Rule, *things: Fact | Series | Coverage | Subject) -> Verdict | None:
    """The verdict about the only subject; None where it is not selected."""
    evaluation = judge(expected, *things)
    assert not tally(evaluation).stopped, tally(evaluation).stopped
    return evaluation.findings[0].verdict if evaluation.findings else None


def finding(expected: Rule, *things: Fact | Series | Coverage | Subject) -> Finding:
    """The only finding."""
    (found,) = judge(expected, *things).findings
    return found


def tally(evaluation: Evaluation) -> Tally:
    (found,) = evaluation.tallies
    return found
