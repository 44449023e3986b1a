"""``driftbot history``: a value's whole life, and the nearest names where it has none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.marker import Marker
from driftbot.core.series import Series
from driftbot.core.subject import Subject
from tests.cli.conftest import CART, NIGHTS, finding

LOG = Origin("log", "deploys.csv", 7)

pytestmark = pytest.mark.usefixtures("estate")


def test_a_value_is_told_with_dates_from_and_to(run):
    answer = run("history", "workload:production/shop/cart", "timeout.request")
    assert answer.code == 0, answer
    lines = answer.out.splitlines()
    assert "  2026-05-01  5s" in lines
    assert "  2026-05-02  30s" in lines
    assert "gone or changed by 2026-05-02" in answer.out
    assert run("history", "shop/cart", "timeout.request").out == answer.out


def test_an_unknown_subject_names_the_nearest(run):
    answer = run("history", "workload:production/shop/carts")
    assert (answer.code, answer.out) == (1, "")
    assert "no night knows 'workload:production/shop/carts'" in answer.err
    assert "workload:production/shop/cart" in answer.err


def test_an_unknown_key_names_what_there_is(run):
    answer = run("history", "shop/cart", "timeout.requests")
    assert "never had a value for 'timeout.requests'" in answer.err
    assert "It has: timeout.request" in answer.err


def test_a_renamed_alert_answers_to_its_name_of_today(run, store):
    renamed = Subject("alert", "production", "DiskFull", (("alertname", "DiskAlmostFull"),))
    as_of = NIGHTS[-1] + timedelta(days=1)
    with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
        night.add_facts([Fact(renamed, "severity", "page")], [Coverage("rules", "production", "alert")])
        night.add_evaluation((), (), 0, {})
    answer = run("history", "alert:production/DiskAlmostFull")
    assert answer.code == 0, answer
    assert answer.out.startswith("alert:production/DiskAlmostFull is kept under alert:production/DiskFull\n\n")
    assert answer.out.endswith(run("history", "alert:production/DiskFull").out)
    assert "kept under" not in run("history", "DiskFull").out


def test_what_is_gone_answers_to_its_names_too(run, store):
    renamed = Subject("alert", "production", "DiskFull", (("alertname", "DiskAlmostFull"),))
    looked = [Coverage("rules", "production", "alert")]
    seen = [Fact(renamed, "severity", "page", origin=Origin("rules", "disk.yaml"))]
    for days, facts in ((1, seen), (2, []), (3, [])):
        as_of = NIGHTS[-1] + timedelta(days=days)
        with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
            night.add_facts(facts, looked)
            night.add_evaluation((), (), 0, {})
    whole = run("history", "alert:production/DiskFull")
    assert whole.code == 0 and "gone or changed by 2026-05-05" in whole.out, whole
    assert run("history", "DiskFull").out == whole.out
    for name in ("DiskAlmostFull", "alert:production/DiskAlmostFull"):
        assert run("history", name).out == f"{name} is kept under alert:production/DiskFull\n\n{whole.out}"
    assert "alert:production/DiskFull" in run("history", "DiskFul").err
    assert "no night knows" in run("history", "DiskFull", "--as-of", "2026-05-03").err


def test_a_value_that_a_night_could_not_read_is_not_still_so(run, store):
    down = Coverage("manifests", "production", "workload", gaps=(Gap(Origin("manifests"), "refused"),), failed=True)
    for days in (1, 2):
        as_of = NIGHTS[-1] + timedelta(days=days)
        with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
            night.add_facts([], [down])
            night.add_evaluation((), (), 1, {})
    told = run("history", "shop/cart", "timeout.request").out
    assert "last read 2026-05-03; not readable since 2026-05-04 (2 nights)" in told
    assert "still so" not in told


def test_a_past_night_is_told_as_it_was_known(run):
    then = run("history", "shop/cart", "timeout.request", "--as-of", "2026-05-01").out
    assert "last read 2026-05-01, still so" in then
    assert "30s" not in then
    later = run("history", "shop/cart", "--as-of", "2026-05-02T02:00").out
    assert "gone or changed by 2026-05-02" in later
    assert "2026-05-03" not in later
    assert run("history", "shop/cart", "--as-of", "2026-05-03").out == run("history", "shop/cart").out
    assert "The first is of" in run("history", "shop/cart", "--as-of", "2026-04-30").err


def test_the_key_decides_which_of_two_subjects_of_one_name_is_meant(run, store):
    service = Subject("service", "production", "shop/cart")
    as_of = NIGHTS[-1] + timedelta(days=1)
    with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
        night.add_facts([Fact(service, "port", "80"), Fact(service, "owner", "shop")], [])
        night.add_evaluation((), (), 0, {})
    assert run("history", "shop/cart", "port").out.startswith("service:production/shop/cart\n")
    assert run("history", "shop/cart", "timeout.request").out.startswith("workload:production/shop/cart\n")
    for words in (("shop/cart",), ("shop/cart", "nonsense")):
        assert "names 2 subjects" in run("history", *words).err


def test_releases_follow_the_values(run, store):
    cart = Subject("workload", "production", "shop/cart", (("service", "cart"),))
    as_of = NIGHTS[-1] + timedelta(days=1)
    at = NIGHTS[-1].timestamp()
    markers = [
        Marker(cart, at, "shop/cart:2\x1b[31m", origin=Origin("prometheus", "http://p", query="x"), late_by=3600.0),
        Marker(
            Subject("service", "production", "cart"), at, "2.4.1", origin=Origin("log", "deploys.csv", 7), commit="3f"
        ),
        Marker(Subject("service", "production", "pay"), at, "9", origin=Origin("log", "deploys.csv", 8)),
    ]
    with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
        night.add_markers(markers)
    answer = run("history", "workload:production/shop/cart")
    assert answer.code == 0, answer
    assert "2 releases" in answer.out
    assert "release 2.4.1 (3f)" in answer.out
    assert "service:production/cart · deploys.csv:7" in answer.out
    assert "http://p x · or up to 1h earlier" in answer.out
    assert "\x1b" not in answer.out and "release 9" not in answer.out
    assert "elease" not in run("history", "shop/cart", "timeout.request").out
    assert "elease" not in run("history", "shop/cart", "--as-of", f"{NIGHTS[-1]:%Y-%m-%dT%H:%MZ}").out
    only = run("history", "service:production/pay")
    assert only.code == 0 and "release 9" in only.out, only


def test_what_only_series_know_tells_its_findings_and_releases(run, store):
    media = Subject("service", "production", "media")
    as_of = NIGHTS[-1] + timedelta(days=1)
    worse = replace(finding(CART, Verdict.DRIFT, 30), subject=media, message="slower\x1b[31m since 2.4.1")
    released = Marker(
        Subject("workload", "production", "shop/media", (("service", "media"),)), as_of.timestamp(), "2.4.1"
    )
    with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
        night.add_markers([released])
        night.add_evaluation([FindingLife(worse, Life.NEW, as_of, as_of)], (), 2, {})
    answer = run("history", "service:production/media")
    assert answer.code == 0, answer
    assert "1 release, 1 finding" in answer.out and "0 values" not in answer.out
    assert "release 2.4.1" in answer.out
    assert "request-timeout" in answer.out and f"drift · new · {worse.fingerprint}" in answer.out
    assert "slower" in answer.out and "\x1b" not in answer.out
    assert run("history", "media").out == answer.out
    assert "never had a value for 'latency.p99'" in run("history", "service:production/media", "latency.p99").err
    assert run("history", "service:production/media", "--as-of", "2026-05-03").code == 1


def test_findings_follow_the_values(run):
    told = run("history", "shop/cart").out
    assert "1 finding" in told and "requests may take 30s" in told
    assert "requests may take" not in run("history", "shop/cart", "timeout.request").out


def test_what_is_measured_is_known_though_nothing_was_found_of_it(run, store):
    media = Subject("service", "production", "media")
    as_of = NIGHTS[-1] + timedelta(days=1)
    times = as_of.timestamp() - 3600.0 * np.arange(10.0)[::-1]
    released = Marker(Subject("workload", "production", "shop/media", (("service", "media"),)), times[0], "2.4.1")
    with store.lease("test", as_of, timedelta(minutes=1)) as lease, store.begin_night(lease, as_of) as night:
        night.add_series([Series(media, "latency.p99", times, np.full(10, 0.2), Origin("meter"))])
        night.add_evaluation((), (), 0, {})
    assert "a value, a release or a finding of service:production/media" in run("history", str(media)).err
    after = as_of + timedelta(days=1)
    with store.lease("test", after, timedelta(minutes=1)) as lease, store.begin_night(lease, after) as night:
        night.add_markers([released])
        night.add_evaluation((), (), 0, {})
    assert "release 2.4.1" in run("history", str(media)).out
    assert "no night knows" in run("history", "service:production/medium").err
