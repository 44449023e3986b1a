"""Ways to break running and recovery on purpose, each of which the checker has to notice."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from driftbot.actions.action import Sight, Standing
from driftbot.core.run import RunState, StepState
from driftbot.remedies import night, recovery, runner, undoing
from driftbot.remedies.effects import Effects
from driftbot.remedies.journal import Journal
from driftbot.remedies.runner import Runner
from driftbot.store.run_records import RunRecords


def intent_after_the_effect() -> None:
    """What is about to be done is only written down once it was done."""
    intend, conclude = Journal.intend, Journal.conclude

    def held_back(journal: Any, run: Any, step: Any, state: Any = StepState.INTENDED) -> Any:
        begun = replace(step, state=state, intended=journal._clock(), concluded=None)
        return replace(run, steps=tuple(begun if one.number == step.number else one for one in run.steps))

    def both(journal: Any, run: Any, step: Any, state: Any, detail: str, effect: str | None = None) -> Any:
        if step.state in (StepState.INTENDED, StepState.UNDOING):
            run = intend(journal, run, step, step.state)
        return conclude(journal, run, step, state, detail, effect)

    Journal.intend, Journal.conclude = held_back, both  # type: ignore[method-assign, assignment]


def nothing_is_read_back() -> None:
    """Whatever was begun is taken for done."""

    def believed(one: Any, run: Any, step: Any) -> Any:
        return one.journal.conclude(run, step, StepState.DONE, "surely")

    Runner._read_back = believed  # type: ignore[method-assign]


def what_was_begun_is_done_again() -> None:
    """Whatever was begun is taken for not done, whatever is there."""

    def again(one: Any, run: Any, step: Any) -> Any:
        return one._performed(run, step)

    Runner._read_back = again  # type: ignore[method-assign]


def the_blind_are_believed() -> None:
    """What nothing reads back is taken for not done, and done again."""
    runner._READ_BACK = {key: to for key, to in runner._READ_BACK.items() if key is not Standing.BLIND}


def the_key_is_forgotten() -> None:
    """Every attempt has a key of its own."""
    perform = Effects.perform

    def unkeyed(effects: Any, step: Any, key: str) -> Any:  # noqa: ARG001 - that is what is wrong with it
        return perform(effects, step, uuid.uuid4().hex * 2)

    Effects.perform = unkeyed  # type: ignore[method-assign]


def approvals_are_not_kept() -> None:
    """Who approves is not written down."""
    RunRecords.approve_plan = lambda *_: True  # type: ignore[method-assign]


def undoing_is_not_taken_up() -> None:
    """What was being undone stays as it is."""
    recovery._UNDER_WAY = (RunState.RUNNING,)  # type: ignore[assignment]
    night._STILL = (RunState.RUNNING,)  # type: ignore[assignment]


def undoing_is_believed() -> None:
    """Whatever began to be undone is taken for undone."""

    def believed(one: Any, run: Any, step: Any) -> Any:
        return one.journal.conclude(run, step, StepState.UNDONE, "surely")

    undoing._read_back = believed


def nothing_is_undone_after_a_failure() -> None:
    """A chain whose last step fails leaves the first ones as they are, and says that it did not."""

    def given_up(one: Any, run: Any, step: Any) -> Any:
        return one.journal.change(run, RunState.UNDONE, f"step {step.number} failed")

    Runner._failed = given_up  # type: ignore[method-assign]


def everything_looks_done() -> None:
    """Reality is not read at all: it is as whoever asks would have it."""
    Effects.sight = lambda *_: Sight(Standing.AFTER, "surely")  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "intent after the effect": intent_after_the_effect,
    "nothing is read back": nothing_is_read_back,
    "what was begun is done again": what_was_begun_is_done_again,
    "the blind are believed": the_blind_are_believed,
    "the key is forgotten": the_key_is_forgotten,
    "approvals are not kept": approvals_are_not_kept,
    "undoing is not taken up": undoing_is_not_taken_up,
    "undoing is believed": undoing_is_believed,
    "nothing is undone after a failure": nothing_is_undone_after_a_failure,
    "everything looks done": everything_looks_done,
}
