"""Recovery: what a run was doing when driftbot ended is read back from reality, and the run goes on or back."""

from __future__ import annotations

from driftbot.core.failure import Failure
from driftbot.core.run import Run, RunState, StepState
from driftbot.remedies.runner import Runner
from driftbot.remedies.step_order import is_ours
from driftbot.store.store import Store

_UNDER_WAY = (RunState.RUNNING, RunState.UNDOING)
_UNFAILED = (RunState.WAITING, RunState.VERIFYING, RunState.RESOLVED)


def recover(runner: Runner, store: Store) -> tuple[Run, ...]:
    """Conclude what was under way when driftbot ended; to be called by whoever may act, before anything else.

    Nobody else can be at it: whoever was held the lease that the caller has now.
    """
    return tuple(runner.advance(run) for run in store.runs(_UNDER_WAY))


def go_on(runner: Runner, store: Store) -> tuple[Run, ...]:
    """Look again at what waits: a merge, a time, somebody who stopped it."""
    return tuple(runner.advance(run) for run in store.runs([RunState.WAITING]))


def settle(runner: Runner, run: Run, stands: bool, by: str) -> Run:
    """A person looked: the changes of which nobody could tell are there (``stands``), or are not; the run goes on.

    What is verified and nobody can judge any more is settled, too: with ``stands`` it counts as resolved.

    Raises:
        Failure: nothing about the run is uncertain.
    """
    word = "there" if stands else "not there"
    if run.state is RunState.VERIFYING:
        end = RunState.RESOLVED if stands else RunState.STOPPED
        return runner.journal.change(run, end, f"{by} looked: {'it helped' if stands else 'it did not help'}")
    if run.state is not RunState.UNCERTAIN:
        raise Failure(f"run {run.number} is {run.state}: nothing about it is uncertain", "`driftbot runs` lists them.")
    for step in run.steps:
        if step.state is StepState.UNCERTAIN:
            state = StepState.DONE if stands else StepState.NOT_DONE
            run = runner.journal.conclude(run, step, state, f"{by} looked: it is {word}")
    return runner.advance(runner.journal.change(run, RunState.RUNNING, f"settled by {by}"))


def put_back(runner: Runner, run: Run, by: str) -> Run:
    """Undo a run because somebody wants it so, whether it ended or not.

    Where nothing had failed it is a decision against the fix: no failed attempt, and not done again by itself while
    the same is observed.

    Raises:
        Failure: nothing of it stands, or nobody can tell what does.
    """
    if run.state is RunState.UNCERTAIN:
        raise Failure(
            f"nobody can tell what run {run.number} did: {run.told}",
            f"Look, and say what you saw with `driftbot runs settle {run.number}`; then undo it.",
        )
    if not any(map(is_ours, run.steps)):
        raise Failure(f"nothing that run {run.number} did stands: it is {run.state}", "`driftbot runs` lists them.")
    return runner.undo(run, f"{by} asked to undo it", by if run.state in _UNFAILED else "")
