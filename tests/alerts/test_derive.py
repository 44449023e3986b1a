"""Deriving: only what is wanted, each key declared once, and from facts alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.alerts import derive as registry
from driftbot.alerts.derivation import Derivation, computed
from driftbot.alerts.derive import derive, derived_keys
from driftbot.alerts.estate import Estate, stated
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.subject import Subject

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = Origin("rules", "a.yaml", 3)
ALERTS = [Subject("alert", "production", name) for name in ("B", "A")]
ESTATE = Estate(AS_OF, tuple(Fact(alert, "severity", "page", origin=PLACE) for alert in ALERTS))


def severe(estate: Estate) -> list[Fact]:
    return [
        computed(facts[0].subject, key, str(facts[0].value).upper(), facts[0].origin)
        for _, facts in estate.of_kind("alert")
        for key in ("louder", "loudest")
    ]


@pytest.fixture
def louder(monkeypatch):
    keys = tuple(Key("alert", name, ValueType.TEXT, "louder", None, ("alerts",)) for name in ("louder", "loudest"))
    monkeypatch.setattr(registry, "DERIVATIONS", (Derivation(keys, severe),))


@pytest.mark.usefixtures("louder")
def test_only_what_is_wanted_is_derived_and_sorted():
    found = derive(ESTATE, {"alert": {"louder", "severity"}, "condition": {"loudest"}})
    assert [(str(fact.subject), fact.key, fact.value) for fact in found] == [
        (str(ALERTS[1]), "louder", "PAGE"),
        (str(ALERTS[0]), "louder", "PAGE"),
    ]
    assert {(fact.view, fact.provenance, fact.origin) for fact in found} == {(View.OBSERVED, Provenance.DERIVED, PLACE)}


def test_what_nobody_wants_is_not_even_computed(monkeypatch):
    key = Key("alert", "louder", ValueType.TEXT, "louder", None, ("alerts",))
    monkeypatch.setattr(registry, "DERIVATIONS", (Derivation((key,), lambda _: pytest.fail("it was derived")),))
    assert derive(ESTATE, {"alert": {"severity"}}) == ()


def test_every_derived_key_is_declared_once_and_by_nobody_else():
    keys = derived_keys()
    assert len({(key.subject_kind, key.name) for key in keys}) == len(keys)
    assert len(Vocabulary(keys)) == len(keys)


def test_the_estate_knows_where_everything_was_seen():
    gap = Gap(Origin("rules", "b.yaml"), "broken")
    whole = Coverage("rules", "production", "alert")
    assert Estate(AS_OF, (), (), (whole,)).complete("production", "alert")
    assert not Estate(AS_OF, (), (), (whole,)).complete("staging", "alert")
    assert not Estate(AS_OF, (), (), (whole, Coverage("more", "production", "alert", gaps=(gap,)))).complete(
        "production", "alert"
    )


def test_what_two_places_say_differently_nobody_states():
    alert = ALERTS[0]
    facts = (Fact(alert, "severity", "page"), Fact(alert, "severity", "page"), Fact(alert, "runbook", "x"))
    assert stated(facts, View.DECLARED, "severity") == facts[0]
    assert stated(facts, View.EFFECTIVE, "severity") is None
    assert stated((*facts, Fact(alert, "severity", "warn")), View.DECLARED, "severity") is None
