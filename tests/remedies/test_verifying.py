"""What a scan says is held against the runs: what helped is resolved, what did not is put back, what asks put away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.finding import Finding, Verdict
from driftbot.core.remedy import OnFailure
from driftbot.core.run import Run, RunState
from driftbot.remedies.verifying import verify, watched_findings, withdraw
from driftbot.store.store import Store
from tests.remedies.imagined import Request, SetValue, Stage, remedy_of, setting
from tests.store.scene import CART, finding

PLAN = "f" * 64
HOUR = timedelta(hours=1)


def judged(verdict: Verdict) -> Finding:
    return finding(verdict=verdict)


FINDING = judged(Verdict.DRIFT).fingerprint


class Tell(SetValue):
    """Only tells."""

    tells = True


class Ask(Request):
    """Only asks."""

    asks = True


@pytest.fixture
def stage(store: Store) -> Stage:
    stage = Stage(store)
    stage.actions["tell"], stage.actions["ask"] = Tell(stage.world, "tell"), Ask(stage.world, "ask")
    return stage


def applied(stage: Stage, *steps: str, on_failure: OnFailure = OnFailure.UNDO) -> Run:
    remedy = remedy_of(*(setting(*step.split()) for step in steps), on_failure=on_failure, finding=FINDING)
    with stage.process() as runner:
        return runner.apply(PLAN, remedy, "ann")


def scanned(stage: Stage, verdict: Verdict, exhausted: bool = False) -> Run:
    """The run after a scan an hour later."""
    stage.now += HOUR
    with stage.process() as runner:
        before = stage.store.runs([RunState.VERIFYING])
        verify(runner, stage.store, before, [judged(verdict)], stage.now, lambda *_: exhausted)
        withdraw(runner, stage.store, [judged(verdict)])
    return stage.store.runs()[-1]


def test_a_scan_has_to_judge_what_is_verified_and_what_waits(stage: Stage):
    assert watched_findings(stage.store) == frozenset()
    applied(stage, "a")
    assert watched_findings(stage.store) == {FINDING}


def test_what_helped_is_resolved_by_two_scans(stage: Stage):
    applied(stage, "a")
    assert scanned(stage, Verdict.OK).state is RunState.VERIFYING
    run = scanned(stage, Verdict.OK)
    assert (run.state, [check.verdict for check in run.checks]) == (RunState.RESOLVED, [Verdict.OK] * 2)
    assert stage.world.values["a"] == "a2"


@pytest.mark.parametrize("policy", OnFailure)
@pytest.mark.parametrize("exhausted", [False, True])
def test_what_does_not_help_is_put_back_or_stands_and_the_last_attempt_is_told(
    stage: Stage, policy: OnFailure, exhausted: bool
):
    applied(stage, "a", on_failure=policy)
    run = scanned(stage, Verdict.DRIFT, exhausted)
    end = RunState.UNDONE if policy is OnFailure.UNDO else RunState.STOPPED
    assert run.state is (RunState.ESCALATED if exhausted else end)
    assert stage.world.values["a"] == ("a1" if policy is OnFailure.UNDO else "a2")
    assert [notice.fingerprint for notice in stage.store.notices_waiting()] == ([FINDING] if exhausted else [])
    assert [check.verdict for check in run.checks] == [Verdict.DRIFT]


def test_an_undo_that_the_kill_switch_stops_is_not_escalated_before_it_is_done(stage: Stage):
    applied(stage, "a")
    stage.stop = "driftbot.stop is there"
    run = scanned(stage, Verdict.DRIFT, exhausted=True)
    assert (run.state, stage.store.notices_waiting()) == (RunState.UNDOING, ())


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.WAIVED])
def test_what_is_not_known_changes_nothing(stage: Stage, verdict: Verdict):
    applied(stage, "a")
    run = scanned(stage, verdict)
    assert (run.state, stage.world.values["a"]) == (RunState.VERIFYING, "a2")


def test_what_only_tells_stands_as_long_as_the_drift_and_is_put_away_with_it(stage: Stage):
    applied(stage, "a tell")
    for _ in range(3):
        run = scanned(stage, Verdict.DRIFT, exhausted=True)
        assert (run.state, stage.world.values["a"]) == (RunState.VERIFYING, "a2")
    scanned(stage, Verdict.OK)
    run = scanned(stage, Verdict.OK)
    assert (run.state, stage.world.values["a"]) == (RunState.RESOLVED, "a1")


def test_what_only_asks_is_put_away_when_the_drift_is_gone_by_itself(stage: Stage):
    assert applied(stage, "a ask", "b").state is RunState.WAITING
    assert scanned(stage, Verdict.DRIFT).state is RunState.WAITING
    run = scanned(stage, Verdict.OK)
    assert (run.state, stage.world.values["a"]) == (RunState.RESOLVED, "a1")
    assert "the drift is gone by itself" in run.told


def test_what_waits_after_a_real_change_is_not_taken_back_because_it_helps(stage: Stage):
    assert applied(stage, "a", "b ask").state is RunState.WAITING
    run = scanned(stage, Verdict.OK)
    assert (run.state, stage.world.values["a"]) == (RunState.WAITING, "a2")


def test_a_finding_of_another_subject_says_nothing(stage: Stage):
    applied(stage, "a")
    stage.now += HOUR
    other = replace(judged(Verdict.OK), subject=replace(CART, name="shop/other"))
    with stage.process() as runner:
        verify(runner, stage.store, stage.store.runs(), [other], stage.now, lambda *_: False)
    (run,) = stage.store.runs()
    assert (run.state, run.checks[0].verdict) == (RunState.VERIFYING, Verdict.UNKNOWN)
