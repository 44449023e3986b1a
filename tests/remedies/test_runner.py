"""The state machine of a run: what it does with each word about reality, and that the journal always says the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driftbot.core.failure import Failure
from driftbot.core.remedy import OnFailure, Remedy, Step
from driftbot.core.run import Run, RunState, StepState
from driftbot.guards.options import GuardOptions
from driftbot.remedies.recovery import go_on, recover, settle
from driftbot.store.errors import LeaseLost
from driftbot.store.store import Store
from tests.remedies.imagined import Killed, SetValue, Stage, remedy_of, setting
from tests.store.scene import HOUR

PLAN = "f" * 64
A, B, C = (setting(name) for name in "abc")
BEFORE, AFTER = {"a": "a1", "b": "b1", "c": "c1"}, {"a": "a2", "b": "b2", "c": "c2"}


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store)


def applied(stage: Stage, *steps: Step, on_failure: OnFailure = OnFailure.UNDO) -> Run:
    with stage.process() as runner:
        run = runner.apply(PLAN, remedy_of(*steps, on_failure=on_failure), "ann")
    assert stage.store.run(run.number) == run
    return run


def recovered(stage: Stage) -> tuple[Run, ...]:
    with stage.process() as runner:
        runs = recover(runner, stage.store)
    assert tuple(stage.store.run(run.number) for run in runs) == runs
    return runs


def waited(stage: Stage) -> Run:
    with stage.process() as runner:
        (run,) = go_on(runner, stage.store)
    assert stage.store.run(run.number) == run
    return run


def states(run: Run) -> list[str]:
    return [step.state.value for step in run.steps]


def set_value(stage: Stage) -> SetValue:
    action = stage.actions["set_value"]
    assert isinstance(action, SetValue)
    return action


def hiding(stage: Stage, name: str) -> Callable[[str], None]:
    """Nobody can read a value once it was written."""

    def boundary(place: str) -> None:
        if place == "action.write.after" and stage.world.writes[-1][0] == name:
            stage.world.unreadable.add(name)

    return boundary


def test_all_steps_are_done_in_order_and_the_run_waits_to_be_judged(stage: Stage):
    run = applied(stage, A, B, C)
    assert stage.world.writes == [("a", "a2"), ("b", "b2"), ("c", "c2")]
    assert (run.state, states(run)) == (RunState.VERIFYING, ["done"] * 3)
    assert run.due is not None
    assert timedelta(minutes=29) < run.due - stage.now <= timedelta(minutes=30)
    assert all(step.intended and step.concluded and step.intended < step.concluded for step in run.steps)
    assert run.steps[0].effect == '{"was": "a1"}'


def test_intent_is_in_the_store_before_each_effect_and_its_result_after(stage: Stage):
    seen: list[tuple[str, list[str]]] = []

    def boundary(name: str) -> None:
        if name.startswith(("action", "effect")):
            (run,) = stage.store.runs()
            seen.append((name, states(run)))

    stage.boundary = boundary
    applied(stage, A, B)
    names = ["effect.perform.before", "action.write.before", "action.write.after", "effect.perform.after"]
    first, second = ["intended", "planned"], ["done", "intended"]
    assert seen == [(name, first) for name in names] + [(name, second) for name in names]


def test_what_is_so_already_is_done_and_never_undone(stage: Stage):
    stage.world.values["a"] = "a2"
    set_value(stage).fails["perform b"] = "refuse"
    run = applied(stage, A, B)
    assert (run.state, states(run)) == (RunState.STOPPED, ["done", "not_done"])
    assert run.steps[0].detail == "was so already: it is a2"
    assert "not allowed; give it the right" in run.told
    assert stage.world.writes == []


@pytest.mark.parametrize(
    ("moved", "state", "step", "told"),
    [("value", RunState.REFUSED, "conflict", "it is mine"), ("unreadable", RunState.REFUSED, "refused", "nobody")],
)
def test_a_world_that_moved_is_refused_before_anything_is_done(
    stage: Stage, moved: str, state: RunState, step: str, told: str
):
    stage.world.values["a"] = "mine"
    if moved == "unreadable":
        stage.world.unreadable.add("a")
    run = applied(stage, A, B)
    assert (run.state, states(run)) == (state, [step, "planned"])
    assert told in run.told
    assert run.ended is not None
    assert stage.world.writes == []


@pytest.mark.parametrize("failure", ["refuse", "lose", "defect"])
@pytest.mark.parametrize("policy", OnFailure)
def test_after_a_step_that_fails_all_is_undone_or_all_stands(stage: Stage, failure: str, policy: OnFailure):
    set_value(stage).fails["perform c"] = failure
    run = applied(stage, A, B, C, on_failure=policy)
    if failure == "lose":
        assert (run.state, stage.world.values) == (RunState.VERIFYING, AFTER)
        assert "the answer was lost; looked at again: it is c2" in run.steps[2].detail
    elif policy is OnFailure.UNDO:
        assert (run.state, stage.world.values) == (RunState.UNDONE, BEFORE)
        assert stage.world.writes[2:] == [("b", "b1"), ("a", "a1")]
        assert states(run) == ["undone", "undone", "not_done"]
    else:
        assert (run.state, stage.world.values) == (RunState.STOPPED, {**AFTER, "c": "c1"})
        assert states(run) == ["done", "done", "not_done"]


def test_what_cannot_be_read_after_an_unclear_end_waits_for_a_person(stage: Stage):
    set_value(stage).fails["perform b"] = "lose"
    stage.boundary = hiding(stage, "b")
    run = applied(stage, A, B)
    assert (run.state, states(run)) == (RunState.UNCERTAIN, ["done", "uncertain"])
    assert "driftbot runs settle 1" in run.told
    assert recovered(stage) == ()
    stage.world.unreadable.clear()
    with stage.process() as runner:
        settled = settle(runner, run, stands=True, by="bob")
    assert (settled.state, states(settled)) == (RunState.VERIFYING, ["done", "done"])
    assert settled.steps[1].detail == "bob looked: it is there"


def test_what_a_person_says_was_not_done_ends_by_the_policy(stage: Stage):
    set_value(stage).fails["perform b"] = "lose"
    stage.boundary = hiding(stage, "b")
    run = applied(stage, A, B)
    with stage.process() as runner:
        settled = settle(runner, run, stands=False, by="bob")
        with pytest.raises(Failure, match="run 1 is undone: nothing about it is uncertain"):
            settle(runner, settled, stands=True, by="bob")
    assert (settled.state, states(settled)) == (RunState.UNDONE, ["undone", "not_done"])
    assert stage.world.values["a"] == "a1"


def test_a_request_waits_until_it_is_merged_and_then_the_next_step_is_taken(stage: Stage):
    run = applied(stage, setting("a", "request"), B)
    assert (run.state, states(run)) == (RunState.WAITING, ["pending", "planned"])
    before = stage.store.run(1)
    assert waited(stage) == before
    stage.world.merged.add("a")
    run = waited(stage)
    assert (run.state, states(run)) == (RunState.VERIFYING, ["done", "done"])


def test_a_declined_request_ends_the_run_and_takes_back_what_was_done_for_it(stage: Stage):
    run = applied(stage, A, setting("b", "request"), C)
    assert run.state is RunState.WAITING
    stage.world.declined.add("b")
    run = waited(stage)
    assert (run.state, states(run)) == (RunState.DECLINED, ["undone", "declined", "planned"])
    assert "somebody closed it" in run.told


def test_undo_puts_back_what_the_run_did_and_only_that(stage: Stage):
    stage.world.values["b"] = "b2"
    run = applied(stage, A, B, C)
    with stage.process() as runner:
        run = runner.undo(run, "ann undid it")
    assert (run.state, run.told) == (RunState.UNDONE, "ann undid it")
    assert states(run) == ["undone", "done", "undone"]
    assert stage.world.values == {**BEFORE, "b": "b2"}


def test_an_undoing_that_waits_for_a_merge_is_undone_then_and_what_is_behind_it_only_then(stage: Stage):
    run = applied(stage, setting("a", "merged"), setting("b", "reload"))
    with stage.process() as runner:
        run = runner.undo(run, "ann undid it")
    assert (run.state, states(run)) == (RunState.WAITING, ["undoing", "done"])
    assert run.told == "ann undid it; not undone yet: it waits for a merge"
    assert waited(stage) == run
    stage.world.unreadable.add("a")
    assert "nobody answers" in waited(stage).told
    stage.world.unreadable.clear()
    stage.stop = "a kill switch"
    stage.world.merged.add("a")
    assert waited(stage).state is RunState.WAITING
    stage.stop = ""
    run = waited(stage)
    assert (run.state, run.told, states(run)) == (RunState.UNDONE, "ann undid it", ["undone", "undone"])
    assert stage.world.values["a"] == stage.world.values["b"] == "a1"


def test_an_undoing_that_somebody_declines_leaves_the_change_and_says_so(stage: Stage):
    run = applied(stage, A, setting("b", "merged"))
    with stage.process() as runner:
        runner.undo(run, "ann undid it")
    stage.world.declined.add("b")
    run = waited(stage)
    assert (run.state, states(run)) == (RunState.STOPPED, ["undone", "conflict"])
    assert "somebody keeps it" in run.told


def test_undo_leaves_what_somebody_changed_since_and_says_so(stage: Stage):
    run = applied(stage, A, B)
    stage.world.values["b"] = "mine"
    with stage.process() as runner:
        run = runner.undo(run, "ann undid it")
    assert (run.state, states(run)) == (RunState.STOPPED, ["undone", "conflict"])
    assert run.told == "ann undid it; step 2 was not undone: not undone: it is mine, not b2"
    assert stage.world.values == {**BEFORE, "b": "mine"}


def test_an_undo_about_which_nobody_can_tell_waits_for_a_person(stage: Stage):
    run = applied(stage, A, B)
    set_value(stage).fails["undo b"] = "lose"
    stage.boundary = hiding(stage, "b")
    with stage.process() as runner:
        run = runner.undo(run, "ann undid it")
        assert (run.state, states(run)) == (RunState.UNCERTAIN, ["done", "uncertain"])
        run = settle(runner, run, stands=False, by="ann")
    assert (run.state, stage.world.values) == (RunState.UNDONE, BEFORE)


def test_what_cannot_be_undone_stands_and_is_told(stage: Stage):
    set_value(stage).fails["perform c"] = "refuse"
    run = applied(stage, A, setting("b", irreversible="mail was sent"), C)
    assert (run.state, states(run)) == (RunState.STOPPED, ["undone", "done", "not_done"])
    assert run.told.endswith("step 2 was not undone: mail was sent")


@pytest.mark.parametrize("failure", ["", "refuse"])
def test_what_loads_the_others_is_undone_last_even_if_it_failed(stage: Stage, failure: str):
    reload, then = stage.actions["reload"], set_value(stage)
    assert isinstance(reload, SetValue)
    reload.fails["perform b"], then.fails["perform c"] = failure, "refuse"
    run = applied(stage, A, setting("b", "reload"), C)
    assert run.state is RunState.UNDONE
    assert stage.world.writes[-2:] == [("a", "a1"), ("b", "a1")]


def test_what_nothing_reads_back_is_begun_once(stage: Stage):
    run = applied(stage, setting("a", "blind"))
    assert (run.state, stage.world.writes) == (RunState.VERIFYING, [("a", "a2")])


def test_the_kill_switch_is_asked_before_each_effect(stage: Stage):
    stage.stop = "driftbot.stop is there"
    run = applied(stage, A)
    assert (run.state, stage.world.writes) == (RunState.REFUSED, [])
    assert "driftbot.stop is there" in run.told


def test_a_run_stopped_in_between_waits_and_goes_on(stage: Stage):
    stage.boundary = lambda name: setattr(stage, "stop", "Ctrl-C") if name == "action.write.after" else None
    run = applied(stage, A, B)
    assert (run.state, states(run), stage.world.values["b"]) == (RunState.WAITING, ["done", "planned"], "b1")
    assert "stopped before step 2: Ctrl-C" in run.told
    assert waited(stage).state is RunState.WAITING
    stage.boundary, stage.stop = (lambda _: None), ""
    assert waited(stage).state is RunState.VERIFYING
    assert stage.world.writes == [("a", "a2"), ("b", "b2")]


def test_going_back_stops_in_between_too_and_goes_on(stage: Stage):
    run = applied(stage, A, B)
    stage.boundary = lambda name: setattr(stage, "stop", "no") if name == "action.write.after" else None
    with stage.process() as runner:
        run = runner.undo(run, "ann undid it")
    assert (run.state, states(run)) == (RunState.UNDOING, ["done", "undone"])
    stage.boundary, stage.stop = (lambda _: None), ""
    (run,) = recovered(stage)
    assert (run.state, stage.world.values) == (RunState.UNDONE, BEFORE)


def test_a_freeze_that_began_while_a_merge_was_waited_for_holds_the_next_step_until_it_ends(stage: Stage):
    applied(stage, setting("a", "request"), B)
    stage.world.merged.add("a")
    begins, ends = stage.now - timedelta(hours=1), stage.now + timedelta(days=5)
    stage.options = GuardOptions.model_validate({"freezes": [{"from": begins, "to": ends, "reason": "holidays"}]})
    run = waited(stage)
    assert (run.state, states(run), run.due) == (RunState.WAITING, ["done", "planned"], ends)
    assert "production is frozen until" in run.told
    stage.now = ends
    run = waited(stage)
    assert (run.state, states(run)) == (RunState.VERIFYING, ["done", "done"])


def test_going_back_waits_for_no_freeze(stage: Stage):
    run = applied(stage, A)
    freeze = {"from": stage.now - HOUR, "to": stage.now + HOUR, "reason": "holidays"}
    stage.options = GuardOptions.model_validate({"freezes": [freeze]})
    with stage.process() as runner:
        assert runner.undo(run, "ann undid it").state is RunState.UNDONE


def test_a_run_that_stood_still_for_long_begins_no_further_step(stage: Stage):
    stage.boundary = lambda name: setattr(stage, "stop", "Ctrl-C") if name == "action.write.after" else None
    applied(stage, A, B)
    stage.boundary, stage.stop, stage.now = (lambda _: None), "", stage.now + timedelta(days=2)
    run = waited(stage)
    assert (run.state, states(run), stage.world.values) == (RunState.UNDONE, ["undone", "refused"], BEFORE)


def test_a_merge_after_weeks_is_no_standstill(stage: Stage):
    applied(stage, setting("a", "request"), B)
    stage.now += timedelta(days=40)
    stage.world.merged.add("a")
    assert waited(stage).state is RunState.VERIFYING


def test_a_clock_that_is_put_back_changes_nothing(stage: Stage):
    stage.boundary = lambda name: setattr(stage, "stop", "Ctrl-C") if name == "action.write.after" else None
    applied(stage, A, B)
    stage.boundary, stage.stop, stage.now = (lambda _: None), "", stage.now - timedelta(days=900)
    assert waited(stage).state is RunState.VERIFYING
    assert stage.world.writes == [("a", "a2"), ("b", "b2")]


def test_an_action_that_is_no_longer_installed_leaves_things_as_they_are(stage: Stage):
    run = applied(stage, A, B)
    del stage.actions["set_value"]
    with stage.process() as runner:
        run = runner.undo(run, "ann undid it")
    assert (run.state, stage.world.values) == (RunState.STOPPED, {**AFTER, "c": "c1"})
    assert "there is no action 'set_value'" in run.told


def test_who_was_followed_does_nothing_more(stage: Stage):
    def followed(name: str) -> None:
        if name == "journal.conclude.before":
            stage.boundary = lambda _: None
            stage.now += 2 * HOUR
            with stage.process() as other:
                assert [run.state for run in recover(other, stage.store)] == [RunState.VERIFYING]

    stage.boundary = followed
    with stage.process() as runner, pytest.raises(LeaseLost):
        runner.apply(PLAN, remedy_of(A, B), "ann")
    assert stage.world.writes == [("a", "a2"), ("b", "b2")]


STORIES = {
    "all goes well": (remedy_of(A, B), {}),
    "the second fails": (remedy_of(A, B), {"perform b": "refuse"}),
    "the second fails and stays": (remedy_of(A, B, on_failure=OnFailure.STOP), {"perform b": "refuse"}),
    "the first loses its answer": (remedy_of(A, B), {"perform a": "lose"}),
    "its undoing loses its answer": (remedy_of(A, B), {"perform b": "refuse", "undo a": "lose"}),
    "a request": (remedy_of(A, setting("b", "request")), {}),
    "its undoing waits": (remedy_of(setting("a", "merged"), B), {"perform b": "refuse"}),
    "a reload": (remedy_of(A, setting("b", "reload"), C), {"perform c": "refuse"}),
    "not read back": (remedy_of(A, setting("b", "blind")), {}),
}


@pytest.mark.parametrize("story", STORIES)
def test_killed_at_any_boundary_and_as_often_as_it_happens_nothing_is_half_done(store: Store, story: str):
    remedy, fails = STORIES[story]
    smooth = Stage(store)
    set_value(smooth).fails.update(fails)
    with smooth.process() as runner:
        expected = runner.apply(PLAN, remedy, "ann")
    boundaries = 0
    for kill_at in range(200):
        for twice in (False, True):
            stage = Stage(store)
            set_value(stage).fails.update(fails)
            run = lived_through(stage, remedy, kill_at, twice)
            if run is None:
                continue
            uncertain = run.state is RunState.UNCERTAIN
            assert uncertain == (story == "not read back" and StepState.UNCERTAIN.value in states(run))
            if not uncertain:
                assert (run.state, stage.world.values) == (expected.state, smooth.world.values), kill_at
            performed = [write for write in stage.world.writes if write[1].endswith("2")]
            assert len(performed) == len(set(performed)), "a step was performed twice"
        if not Counted.killed:
            boundaries = kill_at
            break
    assert boundaries > 10


class Counted:
    """Whether the last story was killed at all."""

    killed = False


def lived_through(stage: Stage, remedy: Remedy, kill_at: int, twice: bool) -> Run | None:
    """The run after it was killed at a boundary, maybe again in its recovery, and recovered."""
    count = [0]
    Counted.killed = False

    def boundary(_: str) -> None:
        count[0] += 1
        if count[0] > kill_at:
            count[0] = -1_000 if not twice or Counted.killed else kill_at - 3
            Counted.killed = True
            raise Killed

    stage.boundary = boundary
    before = len(stage.store.runs())
    try:
        with stage.process() as runner:
            runner.apply(PLAN, remedy, "ann")
    except Killed:
        pass
    for _ in range(3):
        try:
            with stage.process() as runner:
                recover(runner, stage.store)
            break
        except Killed:
            pass
    runs = stage.store.runs()[before:]
    return runs[0] if runs else None


def test_what_somebody_changed_while_driftbot_was_dead_in_the_midst_of_undoing_is_left_alone(stage: Stage):
    run = applied(stage, A)

    def killed(name: str) -> None:
        if name == "effect.undo.before":
            stage.boundary = lambda _: None
            raise Killed

    stage.boundary = killed
    with pytest.raises(Killed), stage.process() as runner:
        runner.undo(run, "ann undid it")
    stage.world.values["a"] = "mine"
    (run,) = recovered(stage)
    assert (run.state, states(run), stage.world.values["a"]) == (RunState.STOPPED, ["conflict"], "mine")
    assert "driftbot ended while it was undone; looked at again: it is mine" in run.told
