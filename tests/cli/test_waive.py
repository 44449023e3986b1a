"""``driftbot waive``: one finding, all that stand, the list, the end, and everything it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from driftbot.approvals_file import FILE_NAME, load_approvals
from driftbot.cli.waive import read_end
from driftbot.core.excuse import Waiver
from driftbot.core.failure import Failure
from driftbot.core.finding import fingerprint
from tests.cli.conftest import CART, MAIL

pytestmark = pytest.mark.usefixtures("estate")

ID = fingerprint("request-timeout", CART.id)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_finding_is_waived_in_the_store_and_in_the_file_for_ninety_days(estate, run, store):
    answer = run("waive", ID[:6], "--reason", "moved in March")
    assert answer.code == 0, answer
    (waiver,) = store.waivers()
    assert load_approvals(estate).waivers == (waiver,)
    assert (waiver.fingerprint, waiver.owner, waiver.reason) == (ID, "Ada <ada@example.org>", "moved in March")
    assert waiver.expires - waiver.created == timedelta(days=90)


def test_everything_that_stands_is_waived_with_one_command(estate, run, store):
    refused = run("waive", "--standing", "--owner", "web", "--reason", "known before")
    assert (refused.code, "Add --yes" in refused.err, store.waivers()) == (1, True, ())
    assert run("waive", "--standing", "--owner", "web", "--reason", "known before", "--yes").code == 0
    assert sorted(waiver.subject for waiver in store.waivers()) == [CART.id, MAIL.id], "what is unread is no drift"
    assert len(load_approvals(estate).waivers) == 2


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (("--severity", "low"), {MAIL.id}),
        (("--rule", "request-*"), {CART.id, MAIL.id}),
        (("--subject", "shop/c*"), {CART.id}),
        (("--subject", "workload:production/*", "--severity", "high"), {CART.id}),
    ],
)
def test_bulk_chooses_by_pattern(run, store, options, chosen):
    assert run("waive", *options, "--reason", "r", "--yes").code == 0
    assert {waiver.subject for waiver in store.waivers()} == chosen


def test_a_dry_run_and_a_missing_reason_decide_nothing(estate, run, store):
    answer = run("waive", "--standing", "--dry-run")
    assert (answer.code, "2 findings to waive" in answer.out) == (0, True)
    assert "no reason was given" in run("waive", ID).err
    assert (store.waivers(), (estate / FILE_NAME).exists()) == ((), False)


def test_nothing_named_is_said(run):
    assert "no finding was named" in run("waive", "--reason", "r").err


def test_the_list_tells_what_is_overdue_and_what_is_no_longer_needed(run, store):
    past = datetime(2026, 1, 1, tzinfo=UTC)
    store.add_waivers([
        Waiver(ID, "request-timeout", CART.id, "web", "old", past, past + timedelta(days=30)),
        Waiver(fingerprint("request-timeout", MAIL.id), "request-timeout", MAIL.id, "ops", "new", past,
               datetime(2999, 1, 1, tzinfo=UTC)),
    ])  # fmt: skip
    told = run("waive", "--list").out
    assert "2 waivers, 1 need a decision" in told
    assert told.index("overdue  request-timeout  workload:production/shop/cart") < told.index("holds  request-timeout")
    assert "web, until 2026-01-31: old" in told


def test_a_list_beside_a_broken_file_says_so(estate, run):
    (estate / FILE_NAME).write_text("oops: [\n")
    told = run("waive", "--list")
    assert told.code == 1
    assert "the list may lack entries" in told.err


def test_an_ended_waiver_leaves_the_store_and_the_file(estate, run, store):
    run("waive", ID, "--reason", "r")
    answer = run("waive", "--end", ID[:5])
    assert (answer.code, "ended: request-timeout" in answer.out) == (0, True)
    assert (store.waivers(), load_approvals(estate).waivers) == ((), ())
    assert "0 waivers answer to" in run("waive", "--end", ID).err


def test_a_broken_file_is_not_written_over(estate, run, store):
    (estate / FILE_NAME).write_text("waivers: [oops]\n")
    answer = run("waive", ID, "--reason", "r")
    assert (answer.code, "not written over" in answer.err, f"{FILE_NAME}:1" in answer.err) == (1, True, True)
    assert store.waivers() == ()


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90d", NOW + timedelta(days=90)),
        ("6w", NOW + timedelta(weeks=6)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_date_or_a_duration(text, end):
    assert read_end(text, NOW) == end


@pytest.mark.parametrize("text", ["soon", "2026-05-04", "0s", "-3d", "1e300", "9999999y"])
def test_an_end_that_is_none_is_refused(text):
    with pytest.raises(Failure):
        read_end(text, NOW)


def test_a_selection_that_chooses_nothing_is_an_error_with_the_nearest_rules(run):
    answer = run("waive", "--rule", "request-timeot*", "--reason", "x", "--yes")
    assert (answer.code, answer.out) == (1, "")
    assert "no standing finding that nobody waived answers to this selection" in answer.err
    assert "The nearest rules: request-timeout" in answer.err


def test_the_waivers_of_a_rule_are_ended_together(run):
    assert run("waive", "--rule", "request-*", "--reason", "x", "--yes").code == 0
    assert "nearest rules: request-timeout" in run("waive", "--end", "--rule", "other").err
    assert "nobody is there to ask" in run("waive", "--end", "--rule", "request-*").err
    one = ("waive", "--end", "--rule", "request-*", "--subject", "shop/cart")
    assert "ended:" not in run(*one, "--dry-run").out
    assert run(*one, "--yes").out.endswith("ended: request-timeout workload:production/shop/cart\n")
    assert "ended: request-timeout workload:production/shop/mail" in run("waive", "--end", "--rule", "*", "--yes").out
    assert "no waiver" in run("waive", "--end", "--rule", "request-*").err
