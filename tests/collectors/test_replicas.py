"""Which server is heard of an alert that several told of."""

from __future__ import annotations

from itertools import permutations

import pytest

from driftbot.collectors.replicas import heard
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject

ALERT = Subject("alert", "production", "shop/CartSlow")
RECEIVER = Subject("receiver", "production", "pager")
SILENCE = Subject("silence", "production", "8b3f")
CONDITION = Subject("condition", "production", "shop/CartSlow/1")
GONE_AT = ("orders_open: the metric is gone; last seen 2026-11-12 15:50 UTC",)
GONE_LATER = ("orders_open: the metric is gone; last seen 2026-11-12 15:55 UTC",)
THROUGH = ("orders_open, read by the recording rule job:open: the metric is gone; last seen 2026-11-12 15:55 UTC",)


def dead(*selectors: str, never: tuple[str, ...] = ()) -> dict[str, object]:
    return {"dead.selectors": selectors, "dead.never_seen": never}


def fit(verdict: str | None, firings: float = 1.0) -> dict[str, object]:
    verdicts = {} if verdict is None else {"fit.verdict": verdict}
    return {**verdicts, "fit.firings": Quantity(firings, Unit.COUNT), "fit.evidence": f"{firings} times a week"}


def pace(seconds: float) -> dict[str, object]:
    return {"scrape_interval": Quantity(seconds, Unit.SECONDS), "takes_rates": True}


def handed(*alerts: str) -> dict[str, object]:
    return {"routed_alerts": alerts, "routed_severities": ("page",) if alerts else ()}


def muting(alerts: float) -> dict[str, object]:
    return {"muting": Quantity(float(alerts), Unit.COUNT)}


def facts(subject: Subject, said: dict[str, dict[str, object]], loaded: str) -> list[Fact]:
    found = [
        Fact(
            subject, "expression" if subject.kind == "alert" else "measured", "x", View.EFFECTIVE, origin=Origin(source)
        )
        for source in loaded
    ]
    for source, values in said.items():
        for key, value in values.items():
            view = View.EFFECTIVE if key in {"health", "error"} else View.OBSERVED
            found.append(Fact(subject, key, value, view, origin=Origin(source)))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("subject", "loaded", "said", "speaking"),
    [
        (ALERT, "ab", {"a": dead(*GONE_AT), "b": dead(*GONE_LATER)}, "a"),
        (ALERT, "ab", {"a": dead(), "b": dead()}, "a"),
        (ALERT, "ab", {"a": dead(*GONE_AT), "b": dead()}, "ab"),
        # A younger replica, or one that forgets sooner, has no say in what it never saw.
        (ALERT, "ab", {"a": dead(never=("orders_open",)), "b": dead(*GONE_LATER)}, "b"),
        (ALERT, "ab", {"a": dead(never=("orders_open",)), "b": dead(*THROUGH)}, "b"),
        (ALERT, "ab", {"a": dead(never=("orders",)), "b": dead(*GONE_LATER)}, "ab"),
        # Who has loaded the alert tells of it; else whoever sees its series.
        (ALERT, "b", {"a": dead(), "b": dead(*GONE_AT)}, "b"),
        (ALERT, "b", {"a": dead(*GONE_AT), "b": dead()}, "b"),
        (ALERT, "", {"a": dead(*GONE_AT), "b": dead()}, "b"),
        (ALERT, "", {"a": dead(*GONE_AT), "b": dead(*GONE_AT)}, "a"),
        (ALERT, "ab", {"a": {"health": "ok"}, "b": {"health": "err", "error": "many-to-many"}}, "b"),
        (ALERT, "ab", {"a": {"health": "unknown"}, "b": {"health": "ok"}}, "b"),
        (ALERT, "ab", {"a": {"health": "unknown"}, "b": {"health": "unknown"}}, "a"),
        (CONDITION, "ab", {"a": fit("fits", 0.0), "b": fit("never_reached", 0.1)}, "a"),
        (CONDITION, "ab", {"a": fit("flapping", 120.0), "b": fit("near_peak", 118.0)}, "a"),
        (CONDITION, "ab", {"a": fit("fits", 0.0), "b": fit("flapping", 118.0)}, "b"),
        (CONDITION, "ab", {"a": fit(None), "b": fit("fits")}, "b"),
        (CONDITION, "ab", {"a": fit("no_data"), "b": fit("fits")}, "b"),
        (CONDITION, "ab", {"a": fit("no_data"), "b": fit("no_data")}, "a"),
        (CONDITION, "ab", {"a": fit("left_alone"), "b": fit("flapping")}, "b"),
        (CONDITION, "ab", {"a": fit("left_alone"), "b": fit("left_alone")}, "a"),
        (CONDITION, "ab", {"a": fit("unit_mistake"), "b": fit("fits")}, "ab"),
        (CONDITION, "ab", {"a": pace(15.0), "b": pace(15.0)}, "a"),
        (CONDITION, "ab", {"a": pace(15.0), "b": pace(30.0)}, "ab"),
        (CONDITION, "ab", {"a": {"takes_rates": True}, "b": pace(30.0)}, "b"),
        (ALERT, "ab", {"a": {"firing": Quantity(0.0, Unit.COUNT)}, "b": {"firing": Quantity(1.0, Unit.COUNT)}}, "b"),
        # A pair of Alertmanagers is not handed everything at the same time.
        (RECEIVER, "ab", {"a": handed(), "b": handed("DiskFull")}, "b"),
        (RECEIVER, "ab", {"a": handed("DiskFull"), "b": handed("CartSlow", "DiskFull")}, "a"),
        (RECEIVER, "ab", {"a": handed(), "b": handed()}, "a"),
        (SILENCE, "ab", {"a": muting(0), "b": muting(3)}, "b"),
        (SILENCE, "ab", {"a": muting(2), "b": muting(3)}, "a"),
        (CONDITION, "abc", {"a": pace(15.0), "b": pace(30.0), "c": pace(30.0)}, "abc"),
    ],
)
def test_who_is_heard(subject: Subject, loaded: str, said: dict[str, dict[str, object]], speaking: str) -> None:
    for order in permutations(said):
        found = heard(facts(subject, {source: said[source] for source in order}, loaded))
        told = {fact.origin.source for fact in found if fact.key not in {"expression", "measured"}}
        assert told == set(speaking)
        kept = {(fact.origin.source, fact.key) for fact in found}
        assert kept >= {(source, key) for source in speaking for key in said[source]}, "whole or not at all"


def test_nothing_is_taken_from_one_voice_alone_nor_from_other_keys() -> None:
    alone = facts(ALERT, {"a": dead(*GONE_AT)}, "ab") + facts(CONDITION, {"b": fit("fits")}, "ab")
    others = [Fact(ALERT, "hold", value, View.EFFECTIVE, origin=Origin(value)) for value in "ab"]
    assert heard([*alone, *others]) == (*alone, *others)


def test_each_matter_and_each_subject_has_its_own_speaker() -> None:
    other = Subject("alert", "staging", "shop/CartSlow")
    estate = [
        *facts(ALERT, {"a": {**dead(never=("orders_open",)), "health": "ok"}}, "ab"),
        *facts(ALERT, {"b": {**dead(*GONE_AT), "health": "ok"}}, ""),
        *facts(other, {"b": dead(*GONE_AT)}, "b"),
    ]
    spoken = {(f.subject.environment, f.key, f.origin.source) for f in heard(estate) if f.key != "expression"}
    assert spoken == {
        ("production", "dead.selectors", "b"),
        ("production", "dead.never_seen", "b"),
        ("production", "health", "a"),
        ("staging", "dead.selectors", "b"),
        ("staging", "dead.never_seen", "b"),
    }
