"""``driftbot approve``: values become the baseline, in the store and in the file; conflicts are left out and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import eq

import numpy as np
import pytest

from driftbot.approvals_file import FILE_NAME, load_approvals
from driftbot.cli.approve_level import levels_of
from driftbot.config import load_config
from driftbot.core.fact import Origin
from driftbot.core.finding import fingerprint
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.series import Series
from tests.cli.conftest import CART, MAIL, NIGHTS

pytestmark = pytest.mark.usefixtures("estate")

ID = fingerprint("request-timeout", CART.id)


def test_the_values_of_a_finding_are_approved(estate, run, store):
    answer = run("approve", "--finding", ID, "--reason", "load test of March")
    assert answer.code == 0, answer
    (approval,) = store.approvals()
    assert load_approvals(estate).approvals == (approval,)
    assert (approval.subject, approval.key, approval.value) == (CART.id, "timeout.request", Quantity(30, Unit.SECONDS))
    assert (approval.approved_by, approval.reason) == ("Ada <ada@example.org>", "load test of March")


def test_a_finding_that_compares_with_nothing_approved_is_refused(run, store):
    answer = run("approve", "--finding", fingerprint("request-timeout", MAIL.id), "--reason", "r")
    assert answer.code != 0, answer
    assert "request-timeout compares with no approved value" in answer.err
    assert "driftbot waive" in answer.err
    assert store.approvals() == ()


def test_values_are_chosen_by_pattern_and_conflicts_left_out(run, store):
    answer = run("approve", "--subject", "shop/*", "--key", "timeout.*", "--reason", "r", "--by", "web", "--yes")
    assert answer.code == 0, answer
    assert "shop/rank  timeout.request = 20s or 25s" in answer.out
    assert [approval.subject for approval in store.approvals()] == [CART.id, MAIL.id]


def test_what_is_approved_already_is_not_asked_again(run, store):
    run("approve", "--subject", "shop/cart", "--reason", "r")
    again = run("approve", "--subject", "shop/cart", "--reason", "r")
    assert (again.code, "1 approved already" in again.out) == (0, True)
    assert len(store.approval_records()) == 1


def test_bulk_needs_consent_and_a_dry_run_decides_nothing(estate, run, store):
    assert "Add --yes" in run("approve", "--key", "timeout.*", "--reason", "r").err
    dry = run("approve", "--key", "timeout.*", "--dry-run")
    assert (dry.code, "2 values to approve" in dry.out, "cart.yaml:3" in dry.out) == (0, True, True)
    assert (store.approvals(), (estate / FILE_NAME).exists()) == ((), False)


def test_what_it_refuses_is_said(run):
    assert "nothing was selected" in run("approve", "--reason", "r").err
    assert "no reason was given" in run("approve", "--subject", "shop/cart").err
    assert "no known value answers" in run("approve", "--key", "nothing.*", "--reason", "r").err


def test_an_ended_approval_leaves_the_store_and_the_file_and_is_remembered(estate, run, store):
    run("approve", "--key", "timeout.*", "--reason", "r", "--yes")
    dry = run("approve", "--end", "--subject", "shop/cart", "--dry-run")
    assert (dry.code, "shop/cart  timeout.request = 30s" in dry.out, len(store.approvals())) == (0, True, 2)
    answer = run("approve", "--end", "--finding", ID, "--reason", "measured wrongly")
    assert (answer.code, "commit driftbot.approvals.yaml" in answer.out) == (0, True), answer
    assert [approval.subject for approval in store.approvals()] == [MAIL.id]
    assert [approval.subject for approval in load_approvals(estate).approvals] == [MAIL.id]
    (ending,) = [record.ending for record in store.approval_records() if record.approval.subject == CART.id]
    assert (ending.by, ending.because) == ("Ada <ada@example.org>", "measured wrongly")


def test_an_approval_that_only_the_file_holds_ends_as_well(estate, run, store):
    run("approve", "--subject", "shop/cart", "--reason", "r")
    (approval,) = store.approvals()
    store.end_approval(approval.subject, approval.key, approval.at, "web", "reviewed away")
    assert run("approve", "--end", "--subject", "shop/cart").code == 0
    assert load_approvals(estate).approvals == ()


def test_ending_in_bulk_needs_consent_and_nothing_chosen_is_said(run, store):
    run("approve", "--key", "timeout.*", "--reason", "r", "--yes")
    assert "Add --yes" in run("approve", "--end", "--key", "timeout.*").err
    assert "no approval answers" in run("approve", "--end", "--key", "nothing.*").err
    assert "nothing was selected" in run("approve", "--end").err
    assert len(store.approvals()) == 2


@pytest.fixture
def measured(estate, store):
    """Memory of two workloads at another level each, by the hour; of the one only for three days.

    Of the other one a source that is gone told another level.
    """
    with (estate / "driftbot.yaml").open("w") as file:
        file.write("store: driftbot.db\nrules: {shipped: none}\nsources:\n")
        file.write("  - {name: prometheus, kind: prometheus, environment: production, url: 'http://127.0.0.1:9'}\n")
    at = NIGHTS[-1] + timedelta(days=1)
    times = at.timestamp() - 3600.0 * np.arange(40 * 24, -1, -1, dtype=np.float64)
    swing = 1.0 + 0.2 * np.sin(2 * np.pi * times / 86400.0)
    series = [
        Series(
            subject,
            "memory.working_set",
            times[first:],
            level * swing[first:],
            Origin(source, "http://p", query="q"),
        )
        for subject, level, first, source in (
            (CART, 2.0e9, 0, "prometheus"),
            (CART, 3.0e9, 0, "former"),
            (MAIL, 1.0e9, 37 * 24, "prometheus"),
        )
    ]
    with store.lease("test", at, timedelta(minutes=1)) as lease, store.begin_night(lease, at) as night:
        night.add_facts((), ())
        night.add_series(series)
    return series


@pytest.mark.usefixtures("measured")
def test_the_level_of_a_series_is_frozen_and_what_has_none_is_told(estate, run, store):
    answer = run("approve", "--subject", "workload:*", "--key", "memory.working_set", "--reason", "March", "--yes")
    assert answer.code == 0, answer
    (approval,) = store.approvals()
    assert (approval.subject, approval.key) == (CART.id, "memory.working_set")
    assert approval.value.unit is Unit.BYTES
    assert approval.value.value == pytest.approx(2.0e9, rel=0.01)
    assert load_approvals(estate).approvals == (approval,)
    assert "shop/mail memory.working_set has no level: the samples span less than two weeks" in answer.out
    ended = run("approve", "--end", "--subject", "shop/cart", "--key", "memory.working_set")
    assert (ended.code, store.approvals()) == (0, ()), ended


@pytest.mark.usefixtures("measured")
def test_no_level_is_frozen_by_the_way(run, store):
    assert run("approve", "--subject", "shop/cart", "--reason", "r").code == 0
    assert {approval.key for approval in store.approvals()} == {"timeout.request"}


@pytest.mark.usefixtures("measured")
def test_the_level_of_a_finding_is_that_of_its_subject_alone(estate, store):
    settings = load_config(estate / "driftbot.yaml")
    (fact,) = levels_of(settings, store, partial(eq, CART.id), ("memory.working_set",))
    assert fact.subject.id == CART.id
    assert levels_of(settings, store, partial(eq, replace(CART, name="shop/*").id), ("memory.working_set",)) == ()
