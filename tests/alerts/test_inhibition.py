"""Inhibitions against a real Alertmanager, and what can be proved of them."""

from __future__ import annotations

import random
import time

import pytest
import yaml

from driftbot.alerts.inhibition import Inhibition, carried_by_neither, muted, mutes_everything, mutes_nothing
from driftbot.alerts.matcher_syntax import read_matchers

LINES = [
    'severity="page"',
    'severity=~"page|warning"',
    'severity!="page"',
    'team="db"',
    'team=~".+"',
    'alertname="A"',
    "",
]
EQUAL = [[], ["team"], ["cluster"], ["team", "cluster"]]


def an_inhibition(source="", target="", equal=()):
    return Inhibition(read_matchers(source), read_matchers(target), tuple(equal))


@pytest.mark.server
@pytest.mark.parametrize("seed", range(3))
def test_what_is_muted_is_what_alertmanager_mutes(seed, alertmanager_server):
    chance = random.Random(seed)
    rules = [(chance.choice(LINES), chance.choice(LINES), chance.choice(EQUAL)) for _ in range(2)]
    inhibit = [
        {"source_matchers": [s] if s else [], "target_matchers": [t] if t else [], "equal": e} for s, t, e in rules
    ]
    config = {"route": {"receiver": "r"}, "receivers": [{"name": "r"}], "inhibit_rules": inhibit}
    server = alertmanager_server(yaml.safe_dump(config))
    labels = [
        {"alertname": name, "severity": severity, **({"team": team} if team else {}), "number": str(number)}
        for number, (name, severity, team) in enumerate(
            (chance.choice("AB"), chance.choice(["page", "warning"]), chance.choice(["db", "web", ""]))
            for _ in range(8)
        )
    ]
    server.fire(labels)
    settled(server, len(labels))
    expected = {one["number"]: any(muted(an_inhibition(*rule), one, labels) for rule in rules) for one in labels}
    assert {one["labels"]["number"]: bool(one["status"]["inhibitedBy"]) for one in server.alerts()} == expected


def settled(server, count):
    """Wait until the states of all alerts have not changed for a while."""
    states = None
    for _ in range(100):
        now = [(one["fingerprint"], one["status"]["state"]) for one in server.alerts()]
        if len(now) == count and now == states and all(state != "unprocessed" for _, state in now):
            return
        states = now
        time.sleep(0.3)
    raise AssertionError(f"the alerts did not settle: {states}")


@pytest.mark.parametrize(
    ("source", "target", "everything", "nothing"),
    [
        ('severity="page"', "", True, False),
        ('severity="page"', 'a=~".*"', True, False),
        ("", "", True, True),
        ('severity="page"', 'alertname=~".+"', True, False),
        ('severity="page"', 'alertname!=""', True, False),
        ('severity="page"', 'team=~".+"', False, False),
        ('severity="page"', 'severity="warning"', False, False),
        ('severity="page"', 'severity="page"', False, True),
        ('severity="page"', 'severity=~"page"', False, True),
        ('severity=~"page|warning"', 'severity="page"', False, False),
        ('severity="page"', 'severity=~"page|warning"', False, False),
        ('severity="page",severity="warning"', 'severity="page"', False, True),
        ('severity="page"', 'severity="page",severity=""', False, True),
    ],
)
def test_what_can_be_proved(source, target, everything, nothing):
    assert mutes_everything(an_inhibition(source, target)) is everything
    assert mutes_nothing(an_inhibition(source, target)) is nothing


def test_labels_that_neither_side_carries():
    rule = an_inhibition('severity="page"', 'severity="warning"', ["cluster", "team"])
    page, warning = {"severity": "page", "team": "db"}, {"severity": "warning", "cluster": ""}
    assert carried_by_neither(rule, [page, warning]) == ("cluster",)
    assert carried_by_neither(rule, [page]) is None
    assert carried_by_neither(rule, [warning, {"severity": "none"}]) is None
