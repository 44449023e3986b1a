"""What fires: the rules' own word, ``/api/v1/alerts`` where they are silent, and what becomes of contradictions."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_firing import read_alerts_answer, reconcile
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_rules import read_rules_answer
from driftbot.core.coverage import is_absent
from driftbot.tape import LiveTape
from tests.servers.fake import Reply, fake_server

SINCE = "2026-11-01T02:00:00.123456789Z"
RULES = {"shop.yml": "groups: [{name: shop, rules: [{alert: Fires, expr: vector(1) == 1, labels: {team: shop}}]}]"}


def rule(name, firing=None, **more):
    """A rule as an answer lists it: with so many firing alerts, or silent about alerts."""
    alerts = {} if firing is None else {"alerts": [alert(name) for _ in range(firing)]}
    return {"type": "alerting", "name": name, "query": "up == 0", "duration": 0, "health": "ok", **alerts, **more}


def alert(name, state="firing", **labels):
    return {"labels": {"alertname": name, **labels}, "state": state, "activeAt": SINCE}


def rules_of(*rules):
    return {"groups": [{"name": "g", "file": "f", "interval": 60, "rules": list(rules)}]}


def firing(rules, alerts):
    """How many instances of each rule fire, in the order of the rules."""
    read = None if alerts is None else read_alerts_answer({"alerts": alerts})
    found = reconcile(read_rules_answer(rules_of(*rules)).rules, read)
    return [rule.firing for rule in found.rules], found.strays, found.unsure


PAGE, TICKET = {"labels": {"severity": "page"}}, {"labels": {"severity": "ticket", "at": "{{ $value }}"}}


@pytest.mark.parametrize(
    ("rules", "alerts", "expected"),
    [
        pytest.param([rule("A", 1)], [alert("A")], ([1], (), ()), id="both say it"),
        pytest.param([rule("A", 1)], [], ([1], (), ()), id="it ended between the answers"),
        pytest.param([rule("A", 0)], [alert("A")], ([0], (), ()), id="it began between the answers"),
        pytest.param([rule("A", 2)], None, ([2], (), ()), id="only the rules answer"),
        pytest.param([rule("A"), rule("B")], [alert("A"), alert("A")], ([2, 0], (), ()), id="the rules are silent"),
        pytest.param([rule("A", 0, state="firing")], [alert("A")], ([1], (), ()), id="firing, its alerts left out"),
        pytest.param([rule("A")], [alert("A", "pending")], ([0], (), ()), id="pending is not firing"),
        pytest.param([rule("A")], None, ([None], (), ("A",)), id="nobody says it"),
        pytest.param([rule("A", 0)], [alert("B"), alert("B")], ([0], ("B",), ()), id="of no loaded rule"),
        pytest.param(
            [rule("A", **PAGE), rule("A", **TICKET)],
            [alert("A", severity="ticket", at="3")],
            ([0, 1], (), ()),
            id="labels tell namesakes apart, computed ones are not compared",
        ),
        pytest.param(
            [rule("A"), rule("A"), rule("B")], [alert("A")], ([None, None, 0], (), ("A",)), id="namesakes alike"
        ),
        pytest.param([rule("A"), rule("A")], [], ([0, 0], (), ()), id="namesakes alike, none fires"),
        pytest.param(
            [rule("A", id="1"), rule("A", id="2")], [{**alert("A"), "rule_id": "2"}], ([0, 1], (), ()), id="by number"
        ),
        pytest.param([rule("A")], ["what", {}, {"labels": 3, "state": "firing"}], ([0], (), ()), id="odd entries"),
    ],
)
def test_rules_and_alerts_are_reconciled(rules, alerts, expected):
    assert firing(rules, alerts) == expected


@pytest.mark.parametrize("data", [None, [], "x", {}, {"alerts": None}, {"alerts": {}}])
def test_something_else_is_no_list_of_alerts(data):
    assert read_alerts_answer(data) is None


def test_the_earliest_instance_counts():
    early = {**alert("A"), "activeAt": "2026-10-01T00:00:00Z"}
    read = read_alerts_answer({"alerts": [alert("A"), early, {**alert("A"), "activeAt": "?"}]})
    (found,) = reconcile(read_rules_answer(rules_of(rule("A"))).rules, read).rules
    assert (found.firing, found.firing_since) == (3, datetime(2026, 10, 1, tzinfo=UTC))


def read(answers):
    """The reading of a server that answers these paths."""
    with fake_server(lambda request: answers.get(request.path, Reply(404, "no such page"))) as server:
        options = PrometheusOptions(url=server.url, retries=0, timeout=2)
        reading = prometheus.read(options, Context("prometheus", "production", datetime.now(UTC), LiveTape(Path())))
    return reading, server


def success(data):
    return Reply(200, {"status": "success", "data": data})


def gaps(reading):
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


def absent(reading, key):
    return is_absent(reading.coverage, "production", "alert", key)


def test_a_server_without_the_endpoint_is_no_gap_where_the_rules_say_it():
    reading, server = read({"/api/v1/rules": success(rules_of(rule("A", 1)))})
    assert not gaps(reading) and server.paths()[-1] == "/api/v1/alerts"
    reading, _ = read({"/api/v1/rules": success(rules_of(rule("A")))})
    (reason,) = gaps(reading)
    assert "/api/v1/alerts is not there, and the rules do not say it; whether these fire is not known: A" in reason


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(500, "oh"), "/api/v1/alerts answered 500 Internal Server Error"),
        (Reply(403, ""), "/api/v1/alerts answered 403 Forbidden"),
        (success([]), "/api/v1/alerts answered with something else than a list of alerts"),
        (Reply(200, "<html>"), "/api/v1/alerts answered with a web page"),
    ],
)
def test_an_endpoint_that_fails_is_one_sentence_about_what_fires_and_nothing_else(reply, said):
    reading, _ = read({"/api/v1/rules": success(rules_of(rule("A", 1))), "/api/v1/alerts": reply})
    (reason,) = gaps(reading)
    assert said in reason
    assert not absent(reading, "firing") and not absent(reading, "firing_since") and absent(reading, "runbook")
    assert {fact.value.value for fact in reading.facts if fact.key == "firing"} == {1.0}, "what was read is kept"


def test_an_alert_of_no_loaded_rule_makes_the_rules_incomplete():
    answers = {"/api/v1/rules": success(rules_of()), "/api/v1/alerts": success({"alerts": [alert("Lost")]})}
    reading, _ = read({**answers, "/api/v1/status/buildinfo": success({"version": "3.0.0"})})
    assert "names alerts that fire and whose rules /api/v1/rules does not list: Lost" in gaps(reading)[0]
    assert not absent(reading, "runbook")


def test_a_server_that_is_down_is_not_asked_for_alerts():
    _, server = read({"/api/v1/rules": Reply(503, "")})
    assert "/api/v1/alerts" not in server.paths()


@pytest.mark.server
def test_a_real_prometheus_and_a_real_vmalert(prometheus_server, victoria_metrics_server, vmalert_server):
    for server in (prometheus_server(rules=RULES), vmalert_server(victoria_metrics_server().url, RULES)):
        options = PrometheusOptions(url=server.url)
        for _ in range(100):
            reading = prometheus.read(options, Context("prometheus", "production", datetime.now(UTC), LiveTape(Path())))
            counts = [fact.value.value for fact in reading.facts if fact.key == "firing"]
            if counts == [1.0]:
                break
            time.sleep(0.1)
        assert counts == [1.0] and not gaps(reading)
