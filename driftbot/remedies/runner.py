"""The runner: one remedy step by step, each intent on disk before its effect, as far as it goes now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftbot.actions.action import Effect, Sight, Standing
from driftbot.core.hold import Hold
from driftbot.core.remedy import OnFailure, Remedy
from driftbot.core.run import PlanApproval, Run, RunState, StepRecord, StepState
from driftbot.remedies.effects import NOTHING_YET, Effects, Failed
from driftbot.remedies.journal import Journal
from driftbot.remedies.step_order import (
    FAILED,
    is_ours,
    last_done,
    leaves_something,
    next_step,
    next_undone,
    proposed,
    waits,
)
from driftbot.remedies.undoing import awaited_undo, undo_next

FINISHED_WITHIN = timedelta(days=1)
"""A run that stood still for longer begins no further step: too much may have moved (ours: a night)."""

_READ_BACK = {
    Standing.AFTER: StepState.DONE,
    Standing.PENDING: StepState.PENDING,
    Standing.DECLINED: StepState.DECLINED,
    Standing.OTHER: StepState.CONFLICT,
    Standing.UNREADABLE: StepState.UNCERTAIN,
    Standing.BLIND: StepState.UNCERTAIN,
}
"""What became of a step that was begun, where reality says anything but that it was not."""

_NOT_BEGUN = {
    Standing.AFTER: StepState.DONE,
    Standing.PENDING: StepState.PENDING,
    Standing.DECLINED: StepState.DECLINED,
    Standing.OTHER: StepState.CONFLICT,
    Standing.UNREADABLE: StepState.REFUSED,
}
"""What becomes of a step that was not begun, where reality is not as it was when it was proposed."""

_AWAITED = {
    Standing.AFTER: StepState.DONE,
    Standing.DECLINED: StepState.DECLINED,
    Standing.OTHER: StepState.CONFLICT,
    Standing.BEFORE: StepState.NOT_DONE,
    Standing.BLIND: StepState.DONE,
}
"""What becomes of a step that waited for the world; else it goes on waiting."""


def _nothing_holds(_: Remedy) -> Hold | None:
    """Any time is as good as any other."""
    return None


@dataclass(frozen=True, slots=True)
class Runner:
    """Takes runs forward and back. Whatever ends the process, the next ``advance`` goes on from reality.

    ``stopped`` is asked before each step and says why to stop now; ``held`` which freeze or working hours hold the next
    step of a remedy back, but never its undoing. Every method may raise ``StoreError``; nothing that
    was done is lost then.
    """

    journal: Journal
    effects: Effects
    clock: Callable[[], datetime]
    stopped: Callable[[], str]
    held: Callable[[Remedy], Hold | None] = _nothing_holds

    def apply(self, plan: str, remedy: Remedy, by: str, approvals: Iterable[PlanApproval] = ()) -> Run:
        """Do what the remedy says, as far as it goes now; ``plan`` is the digest of the plan that it is part of."""
        return self.advance(self.journal.begin(plan, remedy, by, approvals))

    def advance(self, run: Run) -> Run:
        """Take a run as far as it goes now: from where the journal left it, or back where it is being undone."""
        if run.state is RunState.WAITING:
            run = self._woken(run)
        while (moved := self._moved(run)) is not None:
            run = moved
        return run

    def undo(self, run: Run, why: str, by: str = "") -> Run:
        """Put back what a run did, whether it ended or not; ``by`` is who decided so while nothing had failed."""
        return self.advance(self.journal.change(run, RunState.UNDOING, why, undone_by=by or None))

    def _moved(self, run: Run) -> Run | None:
        """One move; None where there is none now."""
        self.journal.renew()
        if run.state is RunState.UNDOING:
            return undo_next(self, run)
        return self._forward(run) if run.state is RunState.RUNNING else None

    def _forward(self, run: Run) -> Run:
        step = next_step(run)
        if step is None:
            due = self.clock() + run.remedy.verify_after
            return self.journal.change(run, RunState.VERIFYING, "done; judged again from fresh facts when due", due)
        if step.state in FAILED:
            return self._failed(run, step)
        match step.state:
            case StepState.INTENDED:
                return self._read_back(run, step)
            case StepState.PENDING:
                return self._awaited(run, step)
            case StepState.PLANNED:
                return self._halted(run, step) or self._taken(run, step)
        return self.journal.change(run, RunState.UNCERTAIN, _uncertain(run, step))

    def _woken(self, run: Run) -> Run:
        """A waiting run, running again where there is something to do; a step that still waits writes nothing new."""
        back = next(filter(waits, run.steps), None)
        if back is not None:
            return awaited_undo(self, run, back)
        step = next_step(run)
        if step is None or step.state is not StepState.PENDING:
            return self.journal.change(run, RunState.RUNNING, "goes on", run.due)
        return self._awaited(run, step)

    def _taken(self, run: Run, step: StepRecord) -> Run:
        """A planned step: performed where reality is as it was when it was proposed."""
        if self._stood_still(run):
            told = f"nothing was done since {last_done(run):%Y-%m-%dT%H:%MZ}: too much may have moved; plan again"
            return self.journal.conclude(run, step, StepState.REFUSED, told)
        sight = self.effects.sight(proposed(run, step), "")
        if sight.standing in _NOT_BEGUN:
            return self.journal.conclude(run, step, _NOT_BEGUN[sight.standing], _seen_before(sight), sight.body or None)
        run = self.journal.intend(run, step)
        return self._performed(run, run.steps[step.number - 1])

    def _performed(self, run: Run, step: StepRecord) -> Run:
        had = self.effects.perform(proposed(run, step), step.key)
        if isinstance(had, Effect):
            state = StepState.PENDING if had.pending else StepState.DONE
            return self.journal.conclude(run, step, state, had.told, had.body)
        if not had.uncertain:
            return self.journal.conclude(run, step, StepState.NOT_DONE, had.reason)
        return self._found(run, step, had)

    def _found(self, run: Run, step: StepRecord, failed: Failed) -> Run:
        """Reality after an effect about which the action could not tell."""
        sight = self.effects.settled(proposed(run, step), "", NOTHING_YET)
        told = f"{failed.reason}; looked at again: {sight.told}"
        state = _READ_BACK.get(sight.standing, StepState.NOT_DONE)
        return self.journal.conclude(run, step, state, told, sight.body or None)

    def _read_back(self, run: Run, step: StepRecord) -> Run:
        """A step that was begun and never concluded: driftbot ended in between."""
        sight = self.effects.settled(proposed(run, step), "", NOTHING_YET)
        told = f"driftbot ended while it was done; looked at again: {sight.told}"
        not_done = StepState.NOT_DONE if self._stood_still(run) else StepState.PLANNED
        return self.journal.conclude(run, step, _READ_BACK.get(sight.standing, not_done), told, sight.body or None)

    def _stood_still(self, run: Run) -> bool:
        """Whether nothing happened for too long, of which a freeze or closed hours are no part."""
        return self.clock() - max(last_done(run), run.due or run.started) > FINISHED_WITHIN

    def _awaited(self, run: Run, step: StepRecord) -> Run:
        sight = self.effects.sight(proposed(run, step), step.effect)
        if sight.standing in _AWAITED:
            run = self.journal.conclude(run, step, _AWAITED[sight.standing], sight.told)
            return self.journal.change(run, RunState.RUNNING, "goes on")
        told = f"step {step.number} waits: {sight.told}"
        return self.journal.change(run, RunState.WAITING, told, sight.again)

    def _halted(self, run: Run, step: StepRecord) -> Run | None:
        hold = self.held(run.remedy)
        why = self.stopped() or (hold.reason if hold else "")
        if not why:
            return None
        if not any(map(is_ours, run.steps)):
            return self.journal.conclude(run, step, StepState.REFUSED, f"stopped before it: {why}")
        told = f"stopped before step {step.number}: {why}; `driftbot apply --continue` goes on"
        until = hold.until if hold else None
        return self.journal.change(run, RunState.WAITING, told, until or self.clock())

    def _failed(self, run: Run, step: StepRecord) -> Run:
        """A step that did not go well: what was done is put back, or stands, by the playbook's policy."""
        told = f"step {step.number} ({proposed(run, step).action}) {_WORDS[step.state]}: {step.detail}"
        goes_back = run.remedy.on_failure is OnFailure.UNDO
        if any(one.state is StepState.UNCERTAIN for one in run.steps):
            return self.journal.change(run, RunState.UNCERTAIN, told)
        if goes_back and next_undone(run, self.effects.undone_last) is not None:
            return self.journal.change(run, RunState.UNDOING, told)
        return self.journal.change(run, _end(run, step), told)


def _end(run: Run, step: StepRecord) -> RunState:
    """How a run ends with a step that did not go well, where nothing is undone any more."""
    if step.state is StepState.DECLINED:
        return RunState.DECLINED
    if step.state is StepState.NOT_DONE or any(map(leaves_something, run.steps)):
        return RunState.STOPPED
    return RunState.UNDONE if step.state is StepState.UNDONE else RunState.REFUSED


_WORDS = {
    StepState.NOT_DONE: "was not done",
    StepState.CONFLICT: "met what somebody changed",
    StepState.REFUSED: "was refused",
    StepState.DECLINED: "was declined",
    StepState.UNDONE: "was undone",
}


def _seen_before(sight: Sight) -> str:
    so_already = sight.standing in (Standing.AFTER, Standing.PENDING)
    return f"was so already: {sight.told}" if so_already else sight.told


def _uncertain(run: Run, step: StepRecord) -> str:
    settle = f"`driftbot runs settle {run.number} --done` or `--not-done`"
    return f"nobody can tell whether step {step.number} was done: {step.detail}; look, then {settle}"
