"""The smallest estate that can drift: one workload, one rule about it, and what was looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Finding, Verdict
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject

FIRST_NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)
CART = Subject("workload", "production", "shop/cart")
LOOKED = Coverage("manifests", "production", "workload")
UNREADABLE = Gap(Origin("manifests", "cart.yaml", 3), "not YAML")
HALF_LOOKED = replace(LOOKED, gaps=(UNREADABLE,))
NOT_LOOKED = replace(HALF_LOOKED, failed=True)
_TEXT = Expression("true", Origin("rules", "grace.yaml"))
GRACE = Rule(
    id="grace",
    title="Stops in time",
    lesson=Lesson("https://example.org/reviews/1", "It was killed.", incident="1"),
    why="It was killed while it still had requests.",
    severity=Severity.MEDIUM,
    owner="web",
    for_each="workload",
    expect=_TEXT,
    message=_TEXT,
    origin=Origin("rules", "grace.yaml"),
    digest="first",
)


def night(number: int) -> datetime:
    """The time of the n-th night, from 0."""
    return FIRST_NIGHT + timedelta(days=number)


def finding(verdict: Verdict, severity: Severity = Severity.MEDIUM, subject: Subject = CART) -> Finding:
    """What the rule says of a workload."""
    return Finding(GRACE.id, subject, verdict, severity, GRACE.title)


def snapshot(number: int = 0, *subjects: Subject, coverage: Coverage = LOOKED) -> Snapshot:
    """What was known on the n-th night: a grace period for each subject."""
    grace = Quantity(30.0, Unit.SECONDS)
    facts = tuple(Fact(subject, "termination.grace_period", grace) for subject in subjects)
    return Snapshot(night(number), facts, coverage=(coverage,))
