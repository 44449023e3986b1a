"""Judgements of liveness: fates by sightings, causes by smaller selectors, names that look alike, several servers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.collectors.prometheus_liveness_cause import Cause, Culprit, cause, trials
from driftbot.collectors.prometheus_liveness_event import waits_for_an_event
from driftbot.collectors.prometheus_liveness_names import (
    MetricNames,
    Standing,
    leading_metric,
    leading_value,
    metric_words,
)
from driftbot.collectors.prometheus_liveness_past import COARSE, DAY, Fate, last_told, past, told_of
from driftbot.promql.expression import parse
from driftbot.promql.selector import selectors
from driftbot.promql.selector_text import selector_text
from tests.collectors.liveness_scene import NOW, ask, facts_of, gaps, said, series

MEMORY = NOW - 360 * COARSE


def seen(*spans):
    """Coarse sightings in spans of steps before now."""
    return sorted(NOW - number * COARSE for begin, end in spans for number in range(end, begin + 1))


@pytest.mark.parametrize(
    ("sightings", "fate"),
    [
        ([], Fate.NEVER),
        (seen((100, 0)), Fate.THERE),
        (seen((100, 1)), Fate.THERE),
        (seen((100, 2)), Fate.GONE),
        (seen((360, 300)), Fate.GONE),
        (seen((50, 50)), Fate.RARE),
        # What came and went within a week, while the server watched, may come again: a load test, a monthly job.
        (seen((10, 7)), Fate.RARE),
        (seen((130, 103)), Fate.RARE),
        (seen((131, 103)), Fate.GONE),
        (seen((353, 330)), Fate.GONE),
        # Silent before for as long: scaled down at night, at weekends, or an exporter that was away.
        (seen((100, 60), (50, 10)), Fate.RARE),
        (seen((100, 60), (56, 9)), Fate.GONE),
        (seen((100, 60), (56, 8)), Fate.RARE),
        (seen(*((2 * number, 2 * number) for number in range(2, 40))), Fate.RARE),
    ],
)
def test_the_fate_by_sightings(sightings, fate):
    assert past(sightings, NOW, MEMORY).fate is fate


@pytest.mark.parametrize(
    ("sightings", "memory", "fate"),
    [
        # A young server has seen no weekend yet: a week of silence is needed.
        (seen((20, 2)), 20, Fate.RARE),
        (seen((31, 27)), 31, Fate.RARE),
        (seen((40, 29)), 40, Fate.GONE),
        (seen(*((4 * day + 2, 4 * day + 1) for day in range(2, 6))), 24, Fate.RARE),
        (seen((29, 2)), 30, Fate.GONE),
        # It was there when memory begins: how long it had lived is not known.
        (seen((60, 50)), 60, Fate.GONE),
        (seen((60, 50)), 90, Fate.RARE),
    ],
)
def test_the_fate_where_memory_is_short(sightings, memory, fate):
    assert past(sightings, NOW, NOW - memory * COARSE).fate is fate


@given(st.sampled_from(["a", 'a{x="; last seen 2020-01-01 00:00 UTC"}', 'a{x="b: c, d"}']), st.integers(0, 10**6))
def test_when_it_was_last_seen_is_read_from_what_was_told(text, minutes):
    seen = NOW - NOW % 60 - minutes * 60
    others = [told_of("b", "", "gone", NOW, "90 days"), told_of("ab", "", "gone", NOW, "90 days")]
    for through in ("", ", read by the recording rule shop:a"):
        assert last_told(text, [*others, told_of(text, through, "the metric is gone", seen, "90 days")]) == seen
    assert last_told(text, [*others, told_of(text, "", "nothing matches it any more", None, "90 days")]) is None


@given(st.lists(st.integers(0, 360), unique=True))
def test_the_longer_the_silence_the_less_it_is_there(steps):
    order = [Fate.THERE, Fate.RARE, Fate.GONE]
    sightings = sorted(NOW - step * COARSE for step in steps)
    fates = [past(sightings, NOW + later * DAY, MEMORY).fate for later in (0, 1, 10, 100, 1000)]
    if not steps:
        assert set(fates) == {Fate.NEVER}
    else:
        places = [order.index(fate) for fate in fates]
        assert places == sorted(places)
        assert past(sightings, NOW, MEMORY).last_seen == sightings[-1]


@pytest.mark.parametrize(
    ("text", "there", "expected"),
    [
        ("a", {"a": False}, (Culprit.METRIC, None)),
        ("a", {}, None),
        ('a{x="1"}', {"a": True}, (Culprit.MATCHER, "x")),
        ('a{x="1",y="2"}', {"a": False}, (Culprit.METRIC, None)),
        ('a{x="1",y="2"}', {"a": True, 'a{x="1"}': True, 'a{y="2"}': False}, (Culprit.MATCHER, "y")),
        (
            'a{x="1",y="2",z="3"}',
            {
                "a": True,
                'a{x="1"}': True,
                'a{y="2"}': True,
                'a{z="3"}': True,
                'a{y="2",z="3"}': False,
                'a{x="1",z="3"}': True,
                'a{x="1",y="2"}': False,
            },
            (Culprit.ALONE, "y"),
        ),
        ('a{x="1",y="2"}', {"a": True, 'a{x="1"}': True, 'a{y="2"}': True}, (Culprit.TOGETHER, None)),
        ('a{x="1",y="2"}', {"a": True, 'a{x="1"}': True}, None),
        ('{job="gone"}', {}, (Culprit.MATCHER, "job")),
        ('a{x="1" or y="2"}', {"a": True}, (Culprit.TOGETHER, None)),
    ],
)
def test_the_cause_of_a_death(text, there, expected):
    (selector,) = selectors(parse(text))
    asked = {selector_text(trial) for trial in trials(selector)}
    found = cause(selector, there.get)
    assert found == expected or (found.culprit, found.matcher and found.matcher.label) == expected
    assert set(there) <= asked | {text}, "what tells the cause is asked for"


@pytest.mark.parametrize(
    ("text", "culprit", "label", "waits"),
    [
        ("shop_errors_total", Culprit.METRIC, "", True),
        ('shop_errors_total{job="shop"}', Culprit.MATCHER, "job", True),
        ('ALERTS{alertname="Maintenance"}', Culprit.MATCHER, "alertname", True),
        ('http_requests_total{code="500"}', Culprit.MATCHER, "code", True),
        ('http_requests_total{code=~"5.."}', Culprit.ALONE, "code", True),
        ('http_requests_total{code!="200"}', Culprit.ALONE, "code", True),
        ('http_requests_total{code="200"}', Culprit.MATCHER, "code", False),
        ('http_requests_total{code=~"2.."}', Culprit.MATCHER, "code", False),
        ('http_requests_total{code="500"}', Culprit.METRIC, "", False),
        ('http_requests_total{job="shop",code="500"}', Culprit.MATCHER, "job", False),
        ('http_requests_total{job="shop",code="500"}', Culprit.TOGETHER, "", True),
        ('http_requests_total{job="shop",path="/"}', Culprit.TOGETHER, "", False),
        ('kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}', Culprit.METRIC, "", True),
        ("node_cpu_seconds_total", Culprit.METRIC, "", False),
        ('up{job="shop"}', Culprit.MATCHER, "job", False),
    ],
)
def test_what_may_only_wait_for_the_next_failure(text, culprit, label, waits):
    (selector,) = selectors(parse(text))
    matcher = next((one for one in selector.matchers if one.label == label), None)
    assert waits_for_an_event(selector, Cause(culprit, matcher)) is waits


def test_without_a_known_cause_an_outcome_may_be_what_is_missing():
    (outcome,), (job,) = (selectors(parse(text)) for text in ('a_total{job="shop",code="500"}', 'a_total{job="shop"}'))
    assert waits_for_an_event(outcome, None) and not waits_for_an_event(job, None)


def test_words_of_a_metric():
    assert metric_words("http_requests_total") == ("http", "request", "total")
    assert metric_words("job:http_inprogress_requests:sum") == ("job", "http", "inprogress", "request", "sum")
    assert metric_words("jvmMemoryUsedBytes") == ("jvm", "memory", "used", "byte")
    assert metric_words("process_class_loss") == ("process", "class", "loss")


PUBLIC_RENAMINGS = [
    # node_exporter 0.16, Kubernetes 1.14 to 1.19, kube-state-metrics 2: names as their release notes give them.
    ("node_cpu", "node_cpu_seconds_total"),
    ("node_memory_MemFree", "node_memory_MemFree_bytes"),
    ("node_filesystem_avail", "node_filesystem_avail_bytes"),
    ("node_disk_bytes_read", "node_disk_read_bytes_total"),
    ("node_network_receive_bytes", "node_network_receive_bytes_total"),
    ("node_boot_time", "node_boot_time_seconds"),
    ("apiserver_request_count", "apiserver_request_total"),
    ("rest_client_request_latency_seconds_bucket", "rest_client_request_duration_seconds_bucket"),
    ("kubelet_running_pod_count", "kubelet_running_pods"),
    ("etcd_request_latencies_summary_sum", "etcd_request_duration_seconds_sum"),
    ("kube_hpa_status_current_replicas", "kube_horizontalpodautoscaler_status_current_replicas"),
]
FOUND_AMONG_MANY = {pair for pair in PUBLIC_RENAMINGS if pair[0] != "etcd_request_latencies_summary_sum"}


@pytest.mark.parametrize(("old", "new"), PUBLIC_RENAMINGS)
def test_public_renamings_are_found_among_all_new_names(old, new):
    beside = ("node_load1", "node_memory_MemTotal_bytes", "node_filesystem_size_bytes", "kubelet_running_containers")
    names = MetricNames([*beside, *(after for _, after in PUBLIC_RENAMINGS)])
    new_names = {after for _, after in PUBLIC_RENAMINGS}
    near = names.like(old)
    standing = {one.name: Standing(one.name not in new_names, frozenset({"job"})) for one in near}
    best = leading_metric(near, standing, frozenset({"job"}))
    assert (best is not None and best[0] == new) == ((old, new) in FOUND_AMONG_MANY), (best, near)


@pytest.mark.parametrize(
    ("old", "others"),
    [
        # Two that are as near: neither leads.
        ("shop_orders", ["shop_orders_open", "shop_orders_closed"]),
        # A histogram's parts are not one another.
        ("shop_latency_seconds_bucket", ["shop_latency_seconds_sum"]),
        ("shop_requests", ["cart_carts", "shop_restarts_of_the_whole_thing"]),
    ],
)
def test_where_none_clearly_leads_none_is_named(old, others):
    near = MetricNames(others).like(old)
    assert leading_metric(near, {name: Standing(False, frozenset()) for name in others}, frozenset()) is None


def test_a_candidate_that_was_there_beside_it_or_comes_from_elsewhere():
    near = MetricNames(["shop_requests_total", "shop_requests_done"]).like("shop_requests")
    shop, other = frozenset({"shop"}), frozenset({"other"})
    assert leading_metric(near, {"shop_requests_total": Standing(True, shop)}, shop)[0] == "shop_requests_total"
    assert leading_metric(near, {"shop_requests_done": Standing(True, shop)}, shop) is None, "it is something else"
    assert leading_metric(near, {"shop_requests_total": Standing(False, other)}, shop) is None, "of another job"
    assert leading_metric(near, {}, shop) is None, "it is not there any more"


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        ({"post", "bills"}, {"mail", "bills"}, "post"),
        ({"bills"}, {"mail", "bills"}, None),
        ({"mailer", "xyz", "bills"}, {"mail", "bills"}, "mailer"),
        ({"mail-a", "mail-b"}, {"mail"}, None),
        ({"post", ""}, {"mail", ""}, "post"),
    ],
)
def test_the_value_that_came_instead(now, then, expected):
    best = leading_value("mail", now, then)
    assert (best and best[0]) == expected


@pytest.mark.server
def test_each_server_speaks_of_what_it_has_loaded_and_none_of_what_is_anothers(prometheus_server):
    here = prometheus_server(series=[series("mine", 20, 0, 300.0), series("gone", 20, 5, 300.0)])
    alerts = [
        ("Mine", "mine > 1"),
        ("Gone", "gone > 1"),
        ("Elsewhere", "elsewhere > 1"),
        ("Part", "gone + elsewhere > 1"),
    ]
    own = ask(here.url, facts_of(alerts))
    assert {name: bool(found) for name, found in said(own, "dead.selectors").items()} == {
        "Mine": False,
        "Gone": True,
        "Elsewhere": False,
        "Part": True,
    }
    loaded_by_another = ask(here.url, facts_of(alerts, source="vmalert"))
    assert not said(loaded_by_another, "dead.selectors") and not gaps(loaded_by_another)
    without_rules = ask(here.url, facts_of(alerts, source="vmalert"), rules=False)
    assert set(said(without_rules, "dead.selectors")) == {"Mine", "Gone", "Part"}
    assert said(without_rules, "dead.selectors")["Gone"] == said(own, "dead.selectors")["Gone"]


def test_a_counters_time_of_birth_is_not_its_new_name():
    near = MetricNames(["shop_orders_created", "shop_orders_info"]).like("shop_orders")
    assert near and not any(one.core for one in near)
