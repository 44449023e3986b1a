"""Merged and loaded: what differs in meaning between file and server, and why an alert is not loaded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.alerts.estate import Estate
from driftbot.alerts.loading import derivation
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject, labels_of

ALERT = Subject("alert", "production", "HostDown")
FILE, SERVER = Origin("files", "alerts/hosts.yaml", 7), Origin("prometheus", "http://prometheus/api/v1/rules")


def said(view: View, **parts: Value) -> tuple[Fact, ...]:
    origin = FILE if view is View.DECLARED else SERVER
    return tuple(Fact(ALERT, key.replace("__", "."), value, view, origin=origin) for key, value in parts.items())


def group(name: str, file: str, environment: str = "production") -> Fact:
    subject = Subject("rule_group", environment, f"{file};{name}", labels_of({"file": file, "group": name}))
    return Fact(subject, "rules", Quantity(3.0, Unit.COUNT), View.EFFECTIVE, origin=SERVER)


def derived(*facts: tuple[Fact, ...]) -> dict[str, Value]:
    estate = Estate(datetime(2026, 1, 1, tzinfo=UTC), tuple(fact for part in facts for fact in part))
    return {fact.key: fact.value for fact in derivation.derive(estate)}


def seconds(value: float) -> Quantity:
    return Quantity(value, Unit.SECONDS)


DECLARED = said(View.DECLARED, expression="up == 0", hold=seconds(300), keep_firing=seconds(60), severity="page")


@pytest.mark.parametrize(
    ("loaded", "found"),
    [
        ({"expression": "up == 0", "hold": seconds(300), "severity": "page"}, ()),
        ({"expression": "0 == up", "hold": seconds(300), "severity": "page"}, ()),
        ({"expression": "up == 0", "hold": seconds(900), "severity": "page"}, ("for 5m → 15m",)),
        (
            {"expression": 'up{job="a"} == 0', "hold": seconds(300)},
            (
                'selector of up{job="a"}: nothing → job="a"',
                "severity page → nothing (one of them states no severity)",
            ),
        ),
        ({"expression": "up == 0", "severity": "page", "keep_firing": seconds(0)}, ("keep_firing_for 1m → 0s",)),
    ],
)
def test_what_is_loaded_otherwise_is_told_by_meaning(loaded, found):
    assert derived(DECLARED, said(View.EFFECTIVE, **loaded)) == {"loaded_otherwise": found}


def test_it_is_not_said_of_what_is_not_known_on_both_sides():
    assert derived(DECLARED) == {}
    assert derived(said(View.EFFECTIVE, expression="up == 0")) == {}
    two = (*said(View.EFFECTIVE, expression="up == 0"), *said(View.EFFECTIVE, expression="up == 1"))
    assert derived(DECLARED, two) == {}
    assert derived(DECLARED, said(View.EFFECTIVE, expression="up ==")) == {}


PLACE = said(View.DECLARED, rule__group="hosts", rule__path="alerts/hosts.yaml")
MISSING = said(View.EFFECTIVE, loaded=False)
FAILED = (Fact(Subject("prometheus", "production", "prometheus"), "config.reloaded", False, View.EFFECTIVE),)


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ((), "no group hosts is loaded, nor any other of a file called hosts.yaml"),
        ((group("shop", "/etc/shop.yaml"),), "no group hosts is loaded, nor any other of a file called hosts.yaml"),
        ((group("disks", "/etc/hosts.yaml"),), "the group hosts is not loaded; of hosts.yaml others are"),
        (
            (group("hosts", "/etc/hosts.yaml"),),
            "the group hosts is loaded without it, as an older state of the file has it",
        ),
        (
            (group("hosts", "/etc/hosts.yaml", "staging"),),
            "no group hosts is loaded, nor any other of a file called hosts.yaml",
        ),
    ],
)
def test_why_it_is_not_loaded(groups, told):
    assert derived(DECLARED, PLACE, MISSING, groups) == {"not_loaded_because": told}
    failed = f"the last reload of prometheus failed; {told}"
    assert derived(DECLARED, PLACE, MISSING, groups, FAILED) == {"not_loaded_because": failed}


def test_of_a_loaded_alert_no_reason_is_given():
    assert derived(DECLARED, said(View.EFFECTIVE, loaded=True)) == {}
