"""What a server has loaded, from real servers and from answers of other versions."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_alerts import LoadedFacts
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_rules import read_rules_answer
from driftbot.core.fact import Origin, View
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity, Unit
from driftbot.tape import LiveTape
from tests.servers.prometheus import CONFIG

RULES = {
    "shop.yml": """\
groups:
  - name: shop
    interval: 15s
    rules:
      - record: service:requests:rate5m
        expr: sum by (service) (rate(http_requests_total[5m]))
      - alert: Slow
        expr: latency_seconds{service="cart"} > 0.5 and on () vector(1) > 0
        for: 5m
        labels: {severity: page, team: "{{ $labels.team }}"}
        annotations: {runbook_url: https://shop.example/slow}
      - alert: Slow
        expr: latency_seconds > 2
        labels: {severity: "{{ if gt $value 5.0 }}page{{ else }}ticket{{ end }}"}
  - name: always
    rules:
      - alert: Fires
        expr: vector(1) == 1
"""
}


def read(url, **more):
    options = PrometheusOptions(url=url, **more)
    return prometheus.read(options, Context("prometheus", "production", datetime.now(UTC), LiveTape(Path())))


def said(reading, subject):
    return {fact.key: fact.value for fact in reading.facts if str(fact.subject) == subject}


def gaps(reading):
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


@pytest.mark.server
def test_a_prometheus(prometheus_server):
    server = prometheus_server(rules=RULES)
    server.wait_for_rules()
    reading = read(server.url)
    assert not gaps(reading)
    slow = said(reading, "alert:production/shop/Slow")
    assert slow["hold"] == Quantity(300.0, Unit.SECONDS) and slow["interval"] == Quantity(15.0, Unit.SECONDS)
    assert (slow["severity"], slow["runbook"], slow["health"]) == ("page", "https://shop.example/slow", "ok")
    assert slow["conditions"] == Quantity(2.0, Unit.COUNT)
    condition = said(reading, "condition:production/shop/Slow/1")
    assert condition["threshold"].value == 0.5 and condition["comparison"] == ">"
    computed = said(reading, "alert:production/shop/Slow#2")
    assert computed["hold"].value == 0.0 and "severity" not in computed
    assert "expression" in said(reading, "recording_rule:production/shop/service:requests:rate5m")
    fires = said(reading, "alert:production/always/Fires")
    assert fires["firing"].value == 1.0 and fires["firing_since"].tzinfo
    itself = said(reading, "prometheus:production/prometheus")
    assert itself["config.reloaded"] is True and itself["version"].startswith("2.")
    assert itself["query.timeout"] == Quantity(120.0, Unit.SECONDS)
    subjects = {fact.subject for fact in reading.facts if fact.subject.name == "shop/Slow"}
    assert dict(subjects.pop().labels)["alertname"] == "Slow"
    assert all("{{" not in value for fact in reading.facts for _, value in fact.subject.labels)


@pytest.mark.server
def test_every_fact_has_its_key(prometheus_server):
    server = prometheus_server(rules=RULES)
    server.wait_for_rules()
    vocabulary = Vocabulary(prometheus.keys(None))
    missing = {
        (fact.subject.kind, fact.key)
        for fact in read(server.url).facts
        if vocabulary.find(fact.subject.kind, fact.key) is None
    }
    assert not missing


@pytest.mark.server
def test_a_reload_that_failed(prometheus_server):
    server = prometheus_server(rules=RULES)
    (server.directory / "prometheus.yml").write_text(CONFIG + "nonsense: true\n")
    with pytest.raises(Exception, match="500"):
        server._ask("POST", "/-/reload")
    assert said(read(server.url), "prometheus:production/prometheus")["config.reloaded"] is False


@pytest.mark.server
def test_vmalert_says_the_same(victoria_metrics_server, vmalert_server):
    store = victoria_metrics_server()
    server = vmalert_server(store.url, RULES)
    for _ in range(100):
        reading = read(server.url)
        if said(reading, "alert:production/always/Fires").get("firing", Quantity(0.0, Unit.COUNT)).value:
            break
        time.sleep(0.1)
    assert not gaps(reading)
    assert said(reading, "alert:production/always/Fires")["firing"].value == 1.0
    slow = said(reading, "alert:production/shop/Slow")
    assert slow["hold"] == Quantity(300.0, Unit.SECONDS)
    assert "keep_firing" not in slow, "this version does not know the field"
    assert said(reading, "condition:production/shop/Slow/1")["threshold"].value == 0.5


@pytest.mark.server
def test_a_store_without_rules_is_not_taken_for_an_estate_without_alerts(victoria_metrics_server):
    server = victoria_metrics_server()
    reading = read(server.url)
    assert not any(entry.complete for entry in reading.coverage if entry.kind == "alert")
    assert "name vmalert's URL in a source of its own and write `rules: false` here" in gaps(reading)[0]
    assert not gaps(read(server.url, rules=False))


def loaded(*rules):
    return read_rules_answer({"groups": [{"name": "g", "file": "f", "interval": 60, "rules": list(rules)}]})


def test_one_odd_rule_hides_no_other():
    found = loaded(
        {"name": "A", "query": "up == 0"}, {"name": "B"}, "what", {"name": "C", "query": "x", "duration": "NaN"}
    )
    assert [rule.name for rule in found.rules] == ["A"]
    assert len(found.odd) == 3 and found.odd[0].startswith("rule number 2 of group 'g' is not understood")


@pytest.mark.parametrize("data", [None, [], {}, {"groups": None}, {"groups": "x"}, {"groups": [None, 3, {}]}])
def test_odd_answers_are_no_crash(data):
    assert not read_rules_answer(data).rules


def test_an_expression_of_another_language_is_a_gap_of_that_alert_only():
    facts = LoadedFacts("production", Origin("prometheus", "http://x/api/v1/rules"))
    unknown = {"name": "A", "query": "foo keep_metric_names > 1", "alerts": []}
    facts.take(loaded(unknown, {"name": "B", "query": "up == 0"}).rules)
    assert {kind for kind, _ in facts.gaps} == {"alert", "condition"}
    assert all("the expression of g/A cannot be taken apart" in gap.reason for _, gap in facts.gaps)
    assert {fact.subject.name for fact in facts.facts if fact.key == "expression"} == {"g/B"}
    assert {fact.view for fact in facts.facts if fact.key == "firing"} == {View.OBSERVED}
