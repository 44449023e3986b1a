"""Going back: steps are undone one by one, each only where what it wrote is still there.

An undoing may wait for the world as a step does: what was merged is gone once people merge the way back. The run waits
with it, and what is undone behind it is not begun before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbot.actions.action import Effect, Standing
from driftbot.core.run import Run, RunState, StepRecord, StepState
from driftbot.remedies.effects import STILL_THERE, Failed
from driftbot.remedies.step_order import leaves_something, next_undone, proposed, waits

if TYPE_CHECKING:
    from driftbot.remedies.runner import Runner

_UNDONE_OR_NOT = {
    Standing.BEFORE: StepState.UNDONE,
    Standing.DECLINED: StepState.UNDONE,
    Standing.OTHER: StepState.CONFLICT,
    Standing.UNREADABLE: StepState.UNCERTAIN,
    Standing.BLIND: StepState.UNCERTAIN,
}
"""What became of a step whose undoing was begun, where reality says anything but that it stands."""

_WAITS = "; not undone yet: "


def undo_next(runner: Runner, run: Run) -> Run | None:
    """One move back, or the end of going back; None where the runner is to stop."""
    step = next_undone(run, runner.effects.undone_last)
    if step is None or any(one.state is StepState.UNCERTAIN for one in run.steps):
        return _back(runner, run)
    if step.state is StepState.UNDOING:
        return _waiting(runner, run, step.detail) if waits(step) else _read_back(runner, run, step)
    why = runner.stopped()
    if why:
        runner.journal.change(run, RunState.UNDOING, f"stopped before step {step.number} was undone: {why}")
        return None
    run = runner.journal.intend(run, step, StepState.UNDOING)
    return _undone(runner, run, run.steps[step.number - 1])


def awaited_undo(runner: Runner, run: Run, step: StepRecord) -> Run:
    """An undoing that waits for the world is asked for again, under its own intent; going back goes on behind it.

    One that still waits writes nothing new; where reality cannot be read, it goes on waiting.
    """
    if runner.stopped():
        return run
    sight = runner.effects.sight(proposed(run, step), step.effect)
    if sight.standing is Standing.UNREADABLE:
        return _waiting(runner, run, f"{step.detail}; {sight.told}")
    run = _undone(runner, run, step)
    if waits(run.steps[step.number - 1]):
        return _waiting(runner, run, run.steps[step.number - 1].detail)
    return runner.journal.change(run, RunState.UNDOING, run.told.partition(_WAITS)[0])


def _waiting(runner: Runner, run: Run, what: str) -> Run:
    """What was said before stays in front: why it is undone."""
    return runner.journal.change(run, RunState.WAITING, f"{run.told.partition(_WAITS)[0]}{_WAITS}{what}")


def _undone(runner: Runner, run: Run, step: StepRecord) -> Run:
    had = runner.effects.undo(proposed(run, step), step.effect, step.key)
    if isinstance(had, Effect) and had.pending:
        if waits(step) and (had.told, had.body) == (step.detail, step.effect):
            return run
        return runner.journal.conclude(run, step, StepState.UNDOING, had.told, had.body)
    if isinstance(had, Effect):
        return runner.journal.conclude(run, step, StepState.UNDONE, had.told)
    if not had.uncertain:
        return runner.journal.conclude(run, step, StepState.CONFLICT, f"not undone: {had.reason}")
    return _found(runner, run, step, had)


def _found(runner: Runner, run: Run, step: StepRecord, failed: Failed) -> Run:
    """Reality after an undoing about which the action could not tell; what stands then is not undone again."""
    sight = runner.effects.settled(proposed(run, step), step.effect, STILL_THERE)
    told = f"{failed.reason}; looked at again: {sight.told}"
    return runner.journal.conclude(run, step, _UNDONE_OR_NOT.get(sight.standing, StepState.CONFLICT), told)


def _read_back(runner: Runner, run: Run, step: StepRecord) -> Run:
    """A step whose undoing was begun and never concluded: what still stands is undone now.

    What is undone last is undone again, whatever is there: it does no harm, and reality may be of neither side.
    """
    if runner.effects.undone_last(proposed(run, step)):
        return runner.journal.conclude(run, step, StepState.DONE, "driftbot ended while it was undone; undone again")
    sight = runner.effects.settled(proposed(run, step), step.effect, STILL_THERE)
    told = f"driftbot ended while it was undone; looked at again: {sight.told}"
    return runner.journal.conclude(run, step, _UNDONE_OR_NOT.get(sight.standing, StepState.DONE), told)


def _back(runner: Runner, run: Run) -> Run:
    """The end of going back: what could not be undone is told and stands."""
    if any(one.state is StepState.UNCERTAIN for one in run.steps):
        uncertain = next(one for one in run.steps if one.state is StepState.UNCERTAIN)
        told = f"nobody can tell whether step {uncertain.number} is undone: {uncertain.detail}"
        settle = f"look, then `driftbot runs settle {run.number} --done` (it stands) or `--not-done`"
        return runner.journal.change(run, RunState.UNCERTAIN, f"{told}; {settle}")
    left = [one for one in run.steps if leaves_something(one)]
    stands = (f"step {one.number} was not undone: {_why(run, one)}" for one in left)
    end = RunState.STOPPED if left else RunState.UNDONE
    if any(one.state is StepState.DECLINED for one in run.steps):
        end = RunState.DECLINED
    return runner.journal.change(run, end, "; ".join((run.told, *stands)))


def _why(run: Run, step: StepRecord) -> str:
    return proposed(run, step).irreversible or step.detail
