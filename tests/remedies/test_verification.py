"""A fix is judged when it is due and once more; what is not known concludes nothing, whatever the clock says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from driftbot.core.finding import Finding, Verdict
from driftbot.core.run import Check, Run, RunState
from driftbot.remedies.verification import Outcome, Verification, verification
from tests.remedies.imagined import NOW, remedy_of, setting
from tests.store.run_scene import covered
from tests.store.scene import finding

HALF = timedelta(minutes=30)
ONE, OTHER = "3f9c2a000000", "aaaaaaaaaaaa"
RUN = Run(1, "f" * 64, remedy_of(setting("a")), NOW, "ann", RunState.VERIFYING, (), due=NOW + HALF)
TWO_FINDINGS = replace(RUN, remedy=replace(RUN.remedy, covers=(covered(ONE), covered(OTHER))))


def judged(verdict: Verdict | None, other: Verdict | None = None) -> dict[str, Finding]:
    verdicts = {ONE: verdict, OTHER: other}
    return {name: finding(verdict=told) for name, told in verdicts.items() if told is not None}


def looked(run: Run, verdict: Verdict | None, at: datetime, other: Verdict | None = None) -> Verification:
    return verification(run, judged(verdict, other), at)


def after(run: Run, found: Verification) -> Run:
    return replace(run, checks=(*run.checks, *found.checks), due=found.due, told=found.told)


@pytest.mark.parametrize("verdict", Verdict)
def test_nothing_is_concluded_before_it_is_due(verdict: Verdict):
    found = looked(RUN, verdict, NOW + timedelta(minutes=29))
    assert (found.outcome, found.checks, found.due) == (Outcome.OPEN, (), RUN.due)


def test_it_helped_once_it_is_judged_healthy_twice_by_two_scans():
    first = looked(RUN, Verdict.OK, NOW + HALF)
    assert (first.outcome, len(first.checks), first.due) == (Outcome.OPEN, 1, NOW + 2 * HALF)
    run = after(RUN, first)
    assert looked(run, Verdict.OK, NOW + HALF).outcome is Outcome.OPEN  # the same scan again
    second = looked(run, Verdict.OK, NOW + 2 * HALF)
    assert (second.outcome, [check.verdict for check in second.checks]) == (Outcome.HELPED, [Verdict.OK])


@pytest.mark.parametrize("healthy_first", [False, True])
def test_drift_when_it_is_due_or_later_is_a_fix_that_does_not_help(healthy_first: bool):
    run = after(RUN, looked(RUN, Verdict.OK, NOW + HALF)) if healthy_first else RUN
    found = looked(run, Verdict.DRIFT, NOW + 3 * HALF)
    assert found.outcome is Outcome.DRIFTS
    assert found.told.startswith("it did not help: workload:production/shop/cart: 110m of 2h used")


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.WAIVED, None])
def test_what_is_not_known_waits_and_is_written_down_once(verdict: Verdict | None):
    found = looked(RUN, verdict, NOW + HALF)
    assert (found.outcome, len(found.checks)) == (Outcome.OPEN, 1)
    assert found.told.startswith("not judged yet: ")
    again = looked(after(RUN, found), verdict, NOW + 9 * HALF)
    assert (again.outcome, again.checks) == (Outcome.OPEN, ())
    healthy = looked(after(after(RUN, found), again), Verdict.OK, NOW + 12 * HALF)
    assert (healthy.outcome, len(healthy.checks)) == (Outcome.OPEN, 1)


def test_all_findings_have_to_be_healthy_and_one_that_drifts_is_enough():
    both = after(TWO_FINDINGS, looked(TWO_FINDINGS, Verdict.OK, NOW + HALF, Verdict.UNKNOWN))
    later = looked(both, Verdict.OK, NOW + 2 * HALF, Verdict.OK)
    assert later.outcome is Outcome.OPEN
    assert looked(after(both, later), Verdict.OK, NOW + 3 * HALF, Verdict.OK).outcome is Outcome.HELPED
    assert looked(after(both, later), Verdict.OK, NOW + 3 * HALF, Verdict.DRIFT).outcome is Outcome.DRIFTS


def test_what_is_gone_is_concluded_and_what_is_left_decides():
    why = "the subject is gone; everything that could hold it was read"
    found = verification(RUN, {}, NOW + HALF, {ONE: why})
    assert (found.outcome, found.due) == (Outcome.GONE, None)
    assert found.told == f"workload:production/shop/cart is not judged any more: {why}"
    first = verification(TWO_FINDINGS, judged(Verdict.OK), NOW + HALF, {OTHER: why})
    assert first.outcome is Outcome.OPEN
    run = after(TWO_FINDINGS, first)
    assert verification(run, judged(Verdict.OK), NOW + 2 * HALF, {OTHER: why}).outcome is Outcome.HELPED
    assert verification(run, judged(Verdict.DRIFT), NOW + 2 * HALF, {OTHER: why}).outcome is Outcome.DRIFTS


def test_a_due_time_of_a_clock_that_was_put_back_is_set_anew():
    ahead = replace(RUN, due=NOW + timedelta(days=900))
    found = looked(ahead, Verdict.OK, NOW)
    assert (found.outcome, found.checks, found.due) == (Outcome.OPEN, (), NOW + HALF)


def test_a_check_of_a_clock_that_was_ahead_does_not_hide_later_scans():
    checked = replace(RUN, checks=(Check(ONE, NOW + timedelta(days=900), Verdict.OK, ""),))
    assert looked(checked, Verdict.OK, NOW + HALF).outcome is Outcome.HELPED
