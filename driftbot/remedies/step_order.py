"""Which step is next, going forward and going back, as the journal tells. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from driftbot.core.remedy import Step
from driftbot.core.run import Run, StepRecord, StepState

FAILED = frozenset({StepState.NOT_DONE, StepState.CONFLICT, StepState.REFUSED, StepState.DECLINED, StepState.UNDONE})
"""States of a step with which a run does not go on."""

_STANDS = frozenset({StepState.DONE, StepState.PENDING})


def next_step(run: Run) -> StepRecord | None:
    """The first step that is not done; None where all are."""
    return next((step for step in run.steps if step.state is not StepState.DONE), None)


def proposed(run: Run, step: StepRecord) -> Step:
    """What the step is to do."""
    return run.remedy.steps[step.number - 1]


def is_ours(step: StepRecord) -> bool:
    """Whether the step was performed by this run and its effect stands; what was so already is not ours to undo."""
    return step.state in _STANDS and step.intended is not None


def next_undone(run: Run, undone_last: Callable[[Step], bool]) -> StepRecord | None:
    """The step that is undone next: the last first, then those that are undone last, in their order."""
    under_way = next((step for step in run.steps if step.state is StepState.UNDOING), None)
    if under_way is not None:
        return under_way
    left = [step for step in run.steps if is_ours(step) and not proposed(run, step).irreversible]
    later = [step for step in run.steps if undone_last(proposed(run, step)) and (step in left or _failed(step))]
    return next((step for step in reversed(left) if step not in later), next(iter(later), None))


def waits(step: StepRecord) -> bool:
    """Whether the step's undoing was begun, told so, and waits for the world: what was begun alone has no end yet."""
    return step.state is StepState.UNDOING and step.concluded is not None


def _failed(step: StepRecord) -> bool:
    """Whether performing it failed: what it loaded may have to go."""
    return step.state is StepState.NOT_DONE and step.intended is not None


def leaves_something(step: StepRecord) -> bool:
    """Whether something of this run stands after it ended: an effect, or what somebody made of one."""
    return is_ours(step) or (step.state is StepState.CONFLICT and step.intended is not None)


def last_done(run: Run) -> datetime:
    """The last moment at which a step was done: a step that is tried again and again does not make it later."""
    done = (step.concluded for step in run.steps if step.state is StepState.DONE)
    return max((run.started, *(moment for moment in done if moment is not None)))
