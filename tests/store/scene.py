"""A small estate for tests of the store: nights, facts and what was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.evaluation import Tally
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject, SubjectId
from driftbot.store.night import Night
from driftbot.store.store import Store

START = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CART = Subject("workload", "production", "shop/cart", (("team", "shop"),))
STOCK = Subject("workload", "production", "shop/stock")
SEEN_ALL = (Coverage("git", "production", "workload"),)


def night_of(number: int) -> datetime:
    """The time of the night with this number, from 0."""
    return START + timedelta(days=number)


def seconds(value: float) -> Quantity:
    return Quantity(value, Unit.SECONDS)


def timeout(value: Value, *, of: Subject = CART, file: str = "cart.yaml", line: int = 3, source: str = "git") -> Fact:
    """A timeout stated in a file."""
    return Fact(of, "timeout.request", value, View.DECLARED, Provenance.EXPLICIT, Origin(source, file, line))


def unread(*files: str, source: str = "git") -> tuple[Coverage, ...]:
    """Everything was read but these files."""
    gaps = tuple(Gap(Origin(source, file, 7), "is not YAML") for file in files)
    return (Coverage(source, "production", "workload", gaps=gaps),)


def down(source: str = "git") -> tuple[Coverage, ...]:
    """The source did not answer at all."""
    gaps = (Gap(Origin(source), "connection refused"),)
    return (Coverage(source, "production", "workload", gaps=gaps, failed=True),)


def keep(store: Store, number: int, facts: Iterable[Fact] = (), coverage: Iterable[Coverage] = SEEN_ALL) -> None:
    """One night with these facts."""
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        night.add_facts(facts, coverage)


def finding(subject: Subject = CART, verdict: Verdict = Verdict.DRIFT, observed: str = "110m") -> Finding:
    """A finding with everything a finding can carry."""
    origin = Origin("git", "shop/cart.yaml", 12, 5, 340, 344)
    return Finding(
        rule="job-deadline-headroom",
        subject=subject,
        verdict=verdict,
        severity=Severity.HIGH,
        title="Batch jobs finish well inside their deadline",
        message="110m of 2h used",
        observed=observed,
        expected="at most 84m = 0.7 × 2h",
        evidence=(
            Evidence("deadline", seconds(7200), View.DECLARED, Provenance.DEFAULT, (origin,)),
            Evidence("left", None, note="the series is too short"),
            Evidence("paused", False, View.EFFECTIVE),
            Evidence("proved", START, View.OBSERVED),
            Evidence("zones", ("a", "b")),
            Evidence("image", "cart:1.2"),
        ),
        recommendations=(Recommendation("timeout.deadline", seconds(9000)), Recommendation("replicas", None, "unread")),
        reasons=("because",),
        rule_digest="ab" * 32,
    )


def judge(night: Night, lives: Iterable[FindingLife], exit_code: int = 2) -> None:
    """The night's evaluation."""
    tally = Tally("job-deadline-headroom", 3, 3, ok=1, drift=1, unknown=1, never_seen=("duration",))
    night.add_evaluation(tuple(lives), [tally], exit_code, {"job-deadline-headroom": "ab" * 32})


def new_life(number: int, subject: Subject = CART) -> FindingLife:
    """A finding that appeared that night."""
    return FindingLife(finding(subject), Life.NEW, night_of(number), night_of(number))


def values(store: Store, number: int, subject: Subject | SubjectId | None = None) -> list[Value]:
    """The values known on a night."""
    return [fact.value for fact in store.facts(night_of(number), subject=subject)]
