"""What others are still at when nobody hears of it any more is looked at again before it counts as unchanged."""

from __future__ import annotations

import pytest

from driftbot.actions.action import ActionFailed, Late, Tools
from driftbot.core.remedy import Step
from driftbot.core.run import RunState, StepState
from driftbot.plugins import actions
from driftbot.remedies import effects
from driftbot.remedies.recovery import put_back, recover
from tests.remedies.imagined import Killed, SetValue, Stage, remedy_of, setting, was


class SlowServer(SetValue):
    """Writes what it was told once ``looks`` have passed since nobody waits for it any more."""

    late = True
    looks = 0
    order: tuple[str, str] | None = None
    ends: type[BaseException] = ActionFailed

    def _written(self, step: Step, value: str, what: str, tools: Tools) -> None:  # noqa: ARG002
        self.order = (step.target, value)
        if self.ends is Killed:
            raise Killed
        raise ActionFailed("it did not answer in time", uncertain=True)

    def passes(self, _seconds: float) -> None:
        """A moment passes; the server writes once its time has come."""
        self.looks -= 1
        if self.looks == 0 and self.order is not None:
            self.world.write(*self.order)


@pytest.fixture
def stage(store, monkeypatch):
    scene = Stage(store)
    server = SlowServer(scene.world, "slow")
    scene.actions["slow"] = server
    monkeypatch.setattr(effects, "sleep", server.passes)
    return scene


def begun(stage: Stage):
    with stage.process() as runner:
        return runner.apply("4b1d", remedy_of(setting("a", "slow")), "ada")


def test_a_change_that_lands_after_its_time_is_done_and_not_forgotten(stage):
    stage.actions["slow"].looks = 3
    run = begun(stage)
    assert run.steps[0].state is StepState.DONE
    assert run.state is RunState.VERIFYING
    assert stage.world.values["a"] == "a2"


def test_a_change_that_lands_after_a_crash_is_not_made_a_second_time(stage):
    server = stage.actions["slow"]
    server.looks, server.ends = 2, Killed
    with pytest.raises(Killed):
        begun(stage)
    with stage.process() as runner:
        (run,) = recover(runner, stage.store)
    assert run.steps[0].state is StepState.DONE
    assert stage.world.writes == [("a", "a2")]


def test_an_undoing_that_lands_late_is_undone(stage):
    server = stage.actions["slow"]
    server.looks = 1
    run = begun(stage)
    server.looks = 4
    with stage.process() as runner:
        run = put_back(runner, run, "ada")
    assert run.state is RunState.UNDONE
    assert stage.world.values["a"] == was(setting("a"))


def test_waiting_ends_and_what_never_came_counts_as_not_done(stage):
    server = stage.actions["slow"]
    server.looks = len(effects.PAUSES) + 1
    run = begun(stage)
    assert run.steps[0].state is StepState.NOT_DONE
    assert server.looks == 1


def test_who_changes_something_elsewhere_says_so():
    late = {name for name, action in actions().items() if isinstance(action, Late) and action.late}
    asked = {"alertmanager_silence", "http_request", "run_command"}
    assert late == {*asked, "git_change", "open_notice", "pull_request"}
