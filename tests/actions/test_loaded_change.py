"""Which of a server's rules is the one that was changed, and whether it says what it should."""

from __future__ import annotations

import pytest

from driftbot.actions.loaded_change import loaded_changes, missing
from driftbot.collectors.prometheus_alerts import LoadedFacts
from driftbot.collectors.prometheus_rules import read_rules_answer
from driftbot.core.fact import Fact, Origin
from driftbot.core.subject import Subject
from tests.actions.server_scene import change, edit


def loaded(*rules, group="shop", file="/etc/prometheus/shop.yml"):
    """Facts of a server that has these rules (name, expression, seconds to hold, severity)."""
    listed = [
        {"type": "alerting", "name": name, "query": query, "duration": hold, "labels": {"severity": severity}}
        for name, query, hold, severity in rules
    ]
    collected = LoadedFacts("production", Origin("live"))
    collected.take(read_rules_answer({"groups": [{"name": group, "file": file, "rules": listed}]}).rules)
    return collected.facts


def changed(key, before, after, becomes=None, number=1, measured="sum(errors)", severity="page"):
    """The change of an alert's condition, or of the alert itself where ``number`` is 0."""
    place = {"alertname": "HighErrors", "group": "shop", "file": "rules/shop.yml", "severity": severity}
    kind, name = ("condition", f"anything/{number}") if number else ("alert", "anything")
    subject = Subject(kind, "production", name, tuple(sorted(place.items())))
    said = Fact(subject, "measured" if number else "expression", measured, origin=Origin("rules", "rules/shop.yml"))
    return loaded_changes([edit(change(subject.id, key, before, after, becomes))], [said], subject)


THRESHOLD = changed("threshold", "5", "3", 3.0)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([("HighErrors", "sum(errors) > 3", 60, "page")], ()),
        ([("HighErrors", "3 < sum(errors)", 60, "page")], ()),
        ([("HighErrors", "sum(errors) > 30/10", 60, "page")], ()),
        ([("HighErrors", "sum(errors) > 5", 60, "page")], ("is 5 on the server, not 3",)),
        ([("HighErrors", "sum(errors)", 60, "page")], ("has no threshold",)),
        ([("Other", "sum(errors) > 3", 60, "page")], ("has no threshold",)),
        ([], ("has no threshold",)),
        ([("HighErrors", "sum(errors) > 3", 60, "page"), ("HighErrors", "sum(others) > 9", 60, "page")], ()),
        ([("HighErrors", "sum(errors) > 3", 60, "page"), ("HighErrors", "sum(errors) > 9", 60, "ticket")], ()),
        (
            [("HighErrors", "sum(errors) > 3", 60, "page"), ("HighErrors", "sum(errors) > 9", 60, "page")],
            ("is 9 on the server, not 3",),
        ),
    ],
)
def test_a_threshold(rules, told):
    found = missing(THRESHOLD, loaded(*rules))
    assert len(found) == len(told)
    assert all(part in sentence for part, sentence in zip(told, found, strict=True))


def test_the_same_alert_of_another_group_is_another_alert():
    assert "has no threshold" in missing(THRESHOLD, loaded(("HighErrors", "sum(errors) > 3", 1, "page"), group="x"))[0]


def test_the_second_of_two_conditions():
    second = changed("threshold", "0.1", "0.2", 0.2, number=2, measured="ratio")
    assert missing(second, loaded(("HighErrors", "sum(errors) > 3 and ratio > 0.2", 60, "page"))) == ()
    assert missing(second, loaded(("HighErrors", "sum(errors) > 0.2 and ratio > 0.1", 60, "page")))
    bounded = changed("threshold", "8", "9", 9.0, number=2)
    assert missing(bounded, loaded(("HighErrors", "sum(errors) > 3 and sum(errors) < 9", 60, "page"))) == ()


def test_how_long_an_alert_holds_and_what_it_asks():
    hold = changed("hold", "5m", "10m", 600.0, number=0, measured="sum(errors) > 3")
    assert missing(hold, loaded(("HighErrors", "sum(errors) > 3", 600, "page"))) == ()
    assert "is 5m on the server" in missing(hold, loaded(("HighErrors", "sum(errors) > 3", 300, "page")))[0]
    asks = changed("expression", "sum(errors) > 5", "sum (errors) > 3", number=0)
    assert missing(asks, loaded(("HighErrors", "sum(errors) > 3", 600, "page"))) == ()
    assert missing(asks, loaded(("HighErrors", "sum(errors) > 5", 600, "page")))


def test_a_change_turned_back_asks_for_what_was():
    (one,) = THRESHOLD
    back = one.model_copy(update={"was": 5.0}).turned
    assert missing([back], loaded(("HighErrors", "sum(errors) > 5", 60, "page"))) == ()
    assert missing([back], loaded(("HighErrors", "sum(errors) > 3", 60, "page")))


def test_what_servers_do_not_show_is_not_asked_for():
    job = Subject("job", "production", "shop/invoice")
    assert loaded_changes([edit(change(job.id, "timeout.deadline", "1h", "2h", 7200.0))], [], job) == ()
