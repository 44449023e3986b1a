"""What sources stated when they were last heard: what the next night may go on from."""

from __future__ import annotations

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.subject import Subject
from driftbot.store.store import Store
from tests.store.scene import down, keep, night_of, seconds, timeout

LOAD = Subject("condition", "production", "g/Load/1", (("team", "shop"),))
DISK = Subject("condition", "production", "g/Disk/1")
KEYS = ("fit.verdict", "fit.measured_at", "fit.suggested")


def fit(key: str, value: Value, of: Subject = LOAD, source: str = "prometheus") -> Fact:
    return Fact(of, f"fit.{key}", value, View.OBSERVED, origin=Origin(source, "http://p/api", query="load"))


def looked(*gaps: str) -> tuple[Coverage, ...]:
    found = tuple(Gap(Origin("prometheus", "http://p/api"), reason) for reason in gaps)
    return (Coverage("prometheus", "production", "condition", frozenset(KEYS), found),)


def told(store: Store, environment: str = "production") -> list[tuple[str, str, Value]]:
    found = store.stated(environment, "condition", KEYS)
    return [(fact.subject.name, fact.key, fact.value) for fact in found]


def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert store.stated("production", "condition", KEYS) == ()


def test_what_stands_of_the_keys_the_kind_and_the_environment(store: Store) -> None:
    here, other = fit("verdict", "fits"), fit("verdict", "no_data", source="replica")
    instant = fit("measured_at", night_of(0))
    staging = fit("verdict", "flapping", Subject("condition", "staging", "g/Load/1"))
    keep(store, 0, [here, other, instant, staging, fit("margin", seconds(3)), timeout(seconds(5))], looked())
    found = store.stated("production", "condition", KEYS)
    assert [(fact.origin.source, fact.key, fact.value) for fact in found] == [
        ("prometheus", "fit.measured_at", night_of(0)),
        ("prometheus", "fit.verdict", "fits"),
        ("replica", "fit.verdict", "no_data"),
    ]
    assert found[1].origin == here.origin and found[1].view is View.OBSERVED
    assert store.stated("production", "workload", KEYS) == ()


def test_what_was_not_said_again_by_a_source_that_was_heard_is_forgotten(store: Store) -> None:
    """Else a suggestion of another question would be told beside the verdict of today's."""
    keep(store, 0, [fit("verdict", "flapping"), fit("suggested", seconds(7)), fit("verdict", "fits", DISK)], looked())
    keep(store, 1, [fit("verdict", "fits")], looked("the budget is spent"))
    assert told(store) == [("g/Load/1", "fit.verdict", "fits")]
    keep(store, 2, [fit("verdict", "fits"), fit("verdict", "fits", DISK)], looked("the budget is spent"))
    assert ("g/Disk/1", "fit.verdict", "fits") in told(store)


def test_what_a_source_said_before_it_fell_silent_counts(store: Store) -> None:
    keep(store, 0, [fit("verdict", "fits")], looked())
    keep(store, 1, [timeout(seconds(5))], (*looked("refused"), *down()))
    assert told(store) == [("g/Load/1", "fit.verdict", "fits")]
    keep(store, 2, [], looked())
    assert told(store) == []
