"""Silently dead alerts, asked of real servers whose metrics end, are renamed, change labels or are recorded no more."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.collectors.liveness_scene import DAY, HOUR, NOW, ask, facts_of, gaps, read, said, series
from tests.servers.remote_write import sample

pytestmark = pytest.mark.filterwarnings("error")

HISTORY = [
    series("up", 30, 0, 300.0, job="shop"),
    # A metric that ended, one that got its unit, and one that only got another word.
    series("orders_open", 30, 10, 300.0, job="shop"),
    series("shop_requests", 30, 5, 300.0, job="shop", code="500"),
    series("shop_requests_total", 5, 0, 300.0, job="shop", code="500"),
    series("shop_requests_in_flight", 30, 0, 300.0, job="shop"),
    # A label value that was renamed, one that ended, a label that was renamed.
    series("queue_length", 30, 7, 300.0, job="shop", queue="mail"),
    series("queue_length", 7, 0, 300.0, job="shop", queue="post"),
    series("queue_length", 30, 0, 300.0, job="shop", queue="bills"),
    series("disk_free_bytes", 30, 8, 300.0, job="disk", device="sda"),
    series("disk_free_bytes", 30, 0, 300.0, job="disk", device="sdb"),
    series("container_memory_bytes", 30, 9, 300.0, job="cadvisor", pod_name="cart-1"),
    series("container_memory_bytes", 9, 0, 300.0, job="cadvisor", pod="cart-1"),
    # What comes and goes, and what went only hours ago.
    series("crash_looping", 20, 19.9, 300.0, job="kube"),
    *(series("night_job_rows", 30 - day, 29.6 - day, 300.0, job="batch") for day in range(30)),
    series("outage", 30, 3 * HOUR / DAY, 300.0, job="shop"),
    # What only counts failures, and what says how something went.
    series("shop_errors_total", 30, 3, 300.0, job="shop"),
    series("shop_answers_total", 30, 0, 300.0, job="shop", code="200"),
    series("shop_answers_total", 30, 3, 300.0, job="shop", code="500"),
    series("shop_answers_total", 3, 0, 300.0, job="shop", code="404"),
    series("cart_answers_total", 30, 4, 300.0, job="cart", code="500"),
    series("cart_answers_total", 4, 0, 300.0, job="cart", status="200"),
    series("cart_failures", 30, 4, 300.0, job="cart"),
    series("cart_failures_total", 4, 0, 300.0, job="cart"),
    # Recorded ones: by a rule that is gone, one that fails, one whose input ended.
    series("shop:gone:rate5m", 30, 4, 300.0, job="shop"),
    series("shop:failing:rate5m", 30, 4, 300.0, job="shop"),
    series("shop:open:sum", 30, 10, 300.0),
    series("shop:covered:sum", 30, 0, 300.0),
]
ALERTS = {
    "Alive": "up == 0",
    "MetricGone": "orders_open > 100",
    "UnitAdded": 'rate(shop_requests{code="500"}[5m]) > 1',
    "ValueRenamed": 'queue_length{job="shop",queue="mail"} > 10',
    "ValueGone": 'disk_free_bytes{device="sda"} < 10',
    "LabelRenamed": 'container_memory_bytes{pod_name="cart-1"} > 5',
    "Rare": "crash_looping > 0",
    "Nightly": "night_job_rows == 0",
    "Outage": "outage > 1",
    "Never": 'queue_length{queue="never"} > 1',
    "NeverAtAll": "shop_refunds_total > 1",
    "NoErrorSince": "rate(shop_errors_total[5m]) > 1",
    "No500Since": 'sum(rate(shop_answers_total{job="shop",code=~"5.."}[5m])) > 1',
    "CodeIsStatus": 'rate(cart_answers_total{code="500"}[5m]) > 1',
    "FailuresRenamed": "rate(cart_failures[5m]) > 1",
    "Absent": "absent(orders_open)",
    "EitherLives": "orders_open > 1 or queue_length > 1",
    "Covered": "(sum(orders_open) or vector(0)) > 5",
    "Restricted": "up == 0 and on (job) orders_open > 5",
    "HeldBack": "up == 0 unless on (job) orders_open > 5",
    "LongWindow": "increase(orders_open[12d]) > 1",
    "RuleGone": "shop:gone:rate5m > 1",
    "RuleFailing": "shop:failing:rate5m > 1",
    "RuleStarved": "shop:open:sum > 1",
    "RuleCovered": "shop:covered:sum > 1",
    "Constant": "vector(1)",
}
RECORDING = [
    ("shop:open:sum", "sum(orders_open)"),
    ("shop:covered:sum", "sum(orders_open) or vector(0)"),
]
DEAD = {
    "MetricGone",
    "UnitAdded",
    "CodeIsStatus",
    "FailuresRenamed",
    "ValueRenamed",
    "ValueGone",
    "LabelRenamed",
    "Covered",
    "Restricted",
    "HeldBack",
    "RuleGone",
    "RuleFailing",
    "RuleStarved",
    "RuleCovered",
}


def about():
    failing = facts_of([], [("shop:failing:rate5m", "rate(up[5m])")], health="err", error="many-to-many matching")
    return [*facts_of(ALERTS.items(), RECORDING), *failing]


@pytest.fixture(params=["prometheus_server", "victoria_metrics_server"])
def server(request):
    return request.getfixturevalue(request.param)(series=HISTORY)


@pytest.mark.server
def test_what_alerts_do_not_see_any_more(server):
    reading = ask(server.url, about())
    assert not gaps(reading) and not reading.notes
    dead = said(reading, "dead.selectors")
    assert {name for name, selectors in dead.items() if selectors} == DEAD
    assert set(dead) == set(ALERTS)
    assert dead["MetricGone"] == ("orders_open: the metric is gone; last seen 2026-10-22 03:20 UTC",)
    assert dead["ValueGone"][0].startswith(
        'disk_free_bytes{device="sda"}: no disk_free_bytes has device="sda" any more; last seen 2026-10-24 03:'
    )
    assert 'no queue_length has queue="mail" any more' in dead["ValueRenamed"][0]
    assert "nothing is held back any more" in dead["HeldBack"][0]
    assert dead["RuleCovered"][0].startswith("orders_open, read by the recording rule shop:covered:sum: the metric")
    instants = said(reading, "dead.last_seen")
    assert set(instants) == DEAD
    for name, days in {
        "MetricGone": 10,
        "UnitAdded": 5,
        "ValueRenamed": 7,
        "LabelRenamed": 9,
        "RuleStarved": 10,
    }.items():
        assert abs(instants[name].timestamp() - (NOW - days * DAY)) <= 600.0, name
    assert said(reading, "dead.never_seen")["Never"] == ('queue_length{queue="never"}',)
    assert said(reading, "dead.never_seen")["NeverAtAll"] == ("shop_refunds_total",)
    assert said(reading, "dead.never_seen")["MetricGone"] == ()


@pytest.mark.server
def test_what_it_was_probably_renamed_to(server):
    renamed = said(ask(server.url, about()), "dead.renamed")
    assert {name for name, found in renamed.items() if found} == {
        "UnitAdded",
        "ValueRenamed",
        "LabelRenamed",
        "CodeIsStatus",
        "FailuresRenamed",
    }
    assert renamed["UnitAdded"] == (
        "shop_requests → shop_requests_total: only unit or kind differ, appeared when it went,"
        " exported by job shop as the old one was",
    )
    assert renamed["ValueRenamed"][0].startswith('queue="mail" → queue="post": the only value that is there now')
    assert renamed["LabelRenamed"][0].startswith("label pod_name → label pod: ")


@pytest.mark.server
def test_the_recording_rule_that_stopped(server):
    recording = said(ask(server.url, about()), "dead.recording")
    assert recording["RuleGone"] == ("shop:gone:rate5m: no rule that is known records it any more",)
    assert recording["RuleFailing"] == (
        "shop:failing:rate5m: its rule in group shop cannot be evaluated: many-to-many matching",
    )
    assert recording["RuleStarved"] == ("shop:open:sum: its rule in group shop has lost what it reads: orders_open",)
    assert recording["MetricGone"] == ()


LOADED = """
groups:
- name: shop
  interval: 1s
  rules:
  - {record: "shop:torn:sum", expr: "shop_a * on (job) shop_b"}
  - {record: "shop:starved:sum", expr: "sum(shop_gone)"}
  - {record: "shop:whole:sum", expr: "sum(shop_a)"}
  - {alert: Torn, expr: "shop:torn:sum > 1"}
  - {alert: Starved, expr: "shop:starved:sum > 1"}
  - {alert: Whole, expr: "shop:whole:sum > 1"}
"""


@pytest.mark.server
def test_what_was_dead_stays_dead_when_the_server_forgets_it(prometheus_server):
    remembering = prometheus_server(series=HISTORY)
    forgetting = prometheus_server(series=[one for one in HISTORY if one.labels["__name__"] != "orders_open"])
    alerts = facts_of({"MetricGone": "orders_open > 100", "NeverAtAll": "shop_refunds_total > 1"}.items())
    told = list(alerts)
    before = ask(remembering.url, told)
    later = ask(forgetting.url, told, before=before)
    for key in ("dead.selectors", "dead.last_seen", "dead.never_seen"):
        assert said(later, key) == said(before, key)
    assert said(ask(forgetting.url, told), "dead.selectors")["MetricGone"] == ()
    other = ask(forgetting.url, told, source="other", before=before)
    assert said(other, "dead.selectors").get("MetricGone", ()) == (), "another server's memory is not its own"
    back = ask(remembering.url, told, before=later)
    assert said(back, "dead.selectors") == said(before, "dead.selectors")


@pytest.mark.server
def test_recording_rules_that_a_server_has_loaded_and_cannot_evaluate(prometheus_server):
    now = float(int(time.time()) // 60 * 60)
    begin = now - 15 * DAY
    written = [
        *(sample("shop_a", np.arange(begin, now + 600, 60.0), 1.0, job="shop", pod=pod) for pod in "ab"),
        *(sample("shop_b", np.arange(begin, now + 600, 60.0), 1.0, job="shop", pod=pod) for pod in "ab"),
        *(
            sample(name, np.arange(begin, now - DAY, 60.0), 1.0)
            for name in ("shop_gone", "shop:torn:sum", "shop:starved:sum")
        ),
    ]
    server = prometheus_server(rules={"shop.yml": LOADED}, series=written)
    server.wait_for_rules("shop:torn:sum")
    as_of = datetime.fromtimestamp(time.time(), UTC)
    reading = ask(server.url, read(server.url, as_of=as_of).facts, as_of=as_of)
    assert not gaps(reading)
    dead, recording = said(reading, "dead.selectors"), said(reading, "dead.recording")
    assert not dead["Whole"] and not recording["Whole"]
    assert (
        len(dead["Torn"]) == 1 and "its rule in group shop cannot be evaluated: found duplicate" in recording["Torn"][0]
    )
    assert [text.partition(":")[0] for text in dead["Starved"]] == [
        "shop",
        "shop_gone, read by the recording rule shop",
    ]
    assert recording["Starved"] == ("shop:starved:sum: its rule in group shop has lost what it reads: shop_gone",)


@pytest.mark.server
def test_a_server_with_a_small_limit_of_samples_is_asked_in_smaller_queries(prometheus_server):
    small = prometheus_server(series=HISTORY, arguments=["--query.max-samples=2000"])
    reading = ask(small.url, about())
    assert not gaps(reading)
    assert {name for name, selectors in said(reading, "dead.selectors").items() if selectors} == DEAD
