"""``driftbot history``: a value's whole life, and the nearest names where it has none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.subject import Subject
from tests.cli.conftest import NIGHTS

pytestmark = pytest.mark.usefixtures("estate")


def test_a_value_is_told_with_dates_from_and_to(run):
    answer = run("history", "workload:production/shop/cart", "timeout.request")
    assert answer.code == 0, answer
    lines = answer.out.splitlines()
    assert "  2026-05-01  5s" in lines
    assert "  2026-05-02  30s" in lines
    assert "gone or changed by 2026-05-02" in answer.out
    assert run("history", "shop/cart").out == answer.out


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
