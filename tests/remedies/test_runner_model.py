"""Whatever people, actions, the clock and crashes do in whatever order: what the journal says is what there is."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, precondition, rule

from driftbot.core.failure import Failure
from driftbot.core.remedy import OnFailure
from driftbot.core.run import Run, RunState, StepState
from driftbot.remedies.recovery import go_on, put_back, recover, settle
from driftbot.remedies.runner import Runner
from driftbot.store.store import Store
from tests.remedies.imagined import Killed, SetValue, Stage, remedy_of, setting

NAMES = st.sampled_from("abc")


class Model(RuleBasedStateMachine):
    """A runner that may be killed at any boundary, in a world in which somebody else changes things, too.

    The model is the world's own record: who wrote which value. It holds the journal to it.
    """

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.open(f"sqlite:///{Path(self.folder.name) / 'driftbot.db'}")
        self.stage = Stage(self.store)
        self.foreign: set[str] = set()
        self.kill_at = -1

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def boundary(self, _: str) -> None:
        if self.kill_at == 0:
            self.kill_at = -1
            raise Killed
        self.kill_at -= 1

    def acted(self, work: object, kill_at: int) -> None:
        """Do it as a process that is killed at that boundary (a negative number: never)."""
        self.kill_at = kill_at
        self.stage.boundary = self.boundary
        try:
            with self.stage.process() as runner:
                recover(runner, self.store)
                assert callable(work)
                work(runner)
        except Killed:
            pass
        finally:
            self.kill_at = -1

    @rule(
        target=runs,
        names=st.lists(NAMES, min_size=1, max_size=3, unique=True),
        policy=st.sampled_from(OnFailure),
        kill_at=st.integers(-40, 40),
    )
    def apply(self, names: list[str], policy: OnFailure, kill_at: int) -> object:
        known = len(self.store.runs())
        remedy = remedy_of(*map(setting, names), on_failure=policy)
        self.acted(lambda runner: runner.apply("f" * 64, remedy, "ann"), kill_at)
        return multiple(*range(known + 1, len(self.store.runs()) + 1))

    @rule(kill_at=st.integers(-20, 20))
    def start_again(self, kill_at: int) -> None:
        self.acted(lambda runner: go_on(runner, self.store), kill_at)

    @rule(number=runs, kill_at=st.integers(-20, 20))
    def undo(self, number: int, kill_at: int) -> None:
        def work(runner: Runner) -> None:
            try:
                put_back(runner, self._run(number), "ann")
            except Failure as failure:
                assert "stands" in str(failure) or "nobody can tell" in str(failure)

        self.acted(work, kill_at)

    @rule(number=runs)
    def settled(self, number: int) -> None:
        """A person looks: what is there is told as it is."""
        run = self._run(number)
        uncertain = [step for step in run.steps if step.state is StepState.UNCERTAIN]
        there = [self.stage.world.values[run.remedy.steps[step.number - 1].target].endswith("2") for step in uncertain]
        if run.state is RunState.UNCERTAIN and len(set(there)) == 1:
            self.acted(lambda runner: settle(runner, self._run(number), there[0], "bob"), -1)

    @rule(name=NAMES)
    def somebody_changes(self, name: str) -> None:
        self.stage.world.values[name] = "mine"
        self.foreign.add(name)

    @rule(name=NAMES)
    def somebody_puts_back(self, name: str) -> None:
        self.stage.world.values[name] = f"{name}1"
        self.foreign.add(name)

    @rule(name=NAMES)
    def unreadable(self, name: str) -> None:
        self.stage.world.unreadable.add(name)

    @precondition(lambda self: self.stage.world.unreadable)
    @rule()
    def readable(self) -> None:
        self.stage.world.unreadable.clear()

    @rule(what=st.sampled_from(["perform", "undo"]), name=NAMES, how=st.sampled_from(["", "refuse", "lose", "defect"]))
    def action_fails(self, what: str, name: str, how: str) -> None:
        action = self.stage.actions["set_value"]
        assert isinstance(action, SetValue)
        action.fails[f"{what} {name}"] = how

    @rule(days=st.integers(-3, 3))
    def clock_jumps(self, days: int) -> None:
        self.stage.now += timedelta(days=days)

    @rule(stopped=st.booleans())
    def kill_switch(self, stopped: bool) -> None:
        self.stage.stop = "driftbot.stop is there" if stopped else ""

    @invariant()
    def nothing_is_written_that_no_run_intended(self) -> None:
        """Every value that was written belongs to a step whose intent is on disk, and nothing else was written."""
        intended = {
            (step.target, value)
            for run in self.store.runs()
            for step, record in zip(run.remedy.steps, run.steps, strict=True)
            if record.intended is not None or record.detail.startswith("driftbot ended")
            for value in (f"{step.target}1", f"{step.target}2")
        }
        assert set(self.stage.world.writes) <= intended

    @invariant()
    def what_ended_stands_as_the_journal_says(self) -> None:
        """The newest run that wrote a value which only driftbot touched tells what it is now.

        One that found it so already wrote nothing: who wrote it may undo it later.
        """
        known: dict[str, tuple[Run, StepState]] = {}
        for run in self.store.runs():
            for step, record in zip(run.remedy.steps, run.steps, strict=True):
                if record.state is StepState.DONE and record.intended is None:
                    continue
                if record.state in (StepState.DONE, StepState.UNDONE) and run.state is not RunState.UNDOING:
                    known[step.target] = run, record.state
                elif record.state not in (StepState.PLANNED, StepState.REFUSED):
                    known.pop(step.target, None)
        for name, (run, state) in known.items():
            if name not in self.foreign:
                assert self.stage.world.values[name] == (f"{name}2" if state is StepState.DONE else f"{name}1"), run

    @invariant()
    def an_end_is_an_end(self) -> None:
        for run in self.store.runs():
            assert (run.ended is not None) == run.state.ended
            if run.state is RunState.UNDONE:
                assert not any(step.state is StepState.DONE and step.intended for step in run.steps)
            if run.state is RunState.VERIFYING:
                assert all(step.state is StepState.DONE for step in run.steps)

    def _run(self, number: int) -> Run:
        run = self.store.run(number)
        assert run is not None
        return run


Model.TestCase.settings = settings(
    max_examples=500 if os.environ.get("DRIFTBOT_CAMPAIGN") else 20, stateful_step_count=20, deadline=None
)
TestModel = Model.TestCase
