"""Verifying: what a scan judged is held against the fixes that wait for it, and what did not help is taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from driftbot.actions.action import Asking, Standing, Telling
from driftbot.core.finding import Finding, Verdict
from driftbot.core.harmless import harmless
from driftbot.core.remedy import OnFailure
from driftbot.core.run import Run, RunState, StepRecord, StepState
from driftbot.guards.attempts import most_attempts
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ledger import Ledger, earlier
from driftbot.remedies.escalation import escalations
from driftbot.remedies.runner import Runner
from driftbot.remedies.step_order import next_step, proposed, waits
from driftbot.remedies.verification import NOTHING_GONE, Outcome, Verification, verification
from driftbot.store.store import Store

ExhaustedBy = Callable[[Run, Collection[Run]], bool]
"""Whether a run that did not help was the last attempt; given the run and all runs."""


def watched_findings(store: Store) -> frozenset[str]:
    """The fingerprints that a scan has to judge for ``verify``, healthy or not."""
    waiting = store.runs([RunState.VERIFYING, RunState.WAITING])
    return frozenset(covered.fingerprint for run in waiting for covered in run.remedy.covers)


def verify(
    runner: Runner, store: Store, before: Collection[Run], findings: Iterable[Finding], at: datetime,
    exhausted: ExhaustedBy, gone: Mapping[str, str] = NOTHING_GONE,
) -> tuple[Run, ...]:  # fmt: skip
    """Hold a scan at ``at`` against runs that wait to be judged; those that were changed.

    ``gone`` says of findings why they are none any more, by fingerprint.
    """
    judged = {finding.fingerprint: finding for finding in findings}
    found = ((run, verification(run, judged, at, gone)) for run in before)
    after = [_verified(runner, store, run, one, at, exhausted) for run, one in found]
    return tuple(run for run, was in zip(after, before, strict=True) if run != was)


def withdraw(
    runner: Runner, store: Store, findings: Iterable[Finding], gone: Mapping[str, str] = NOTHING_GONE
) -> tuple[Run, ...]:
    """Take back what only asks people for something that is not needed any more: the drift is gone by itself."""
    healthy = {finding.fingerprint for finding in findings if finding.verdict is Verdict.OK}.union(gone)
    waiting = (run for run in store.runs([RunState.WAITING]) if _only_asks(runner, run))
    unneeded = [run for run in waiting if {covered.fingerprint for covered in run.remedy.covers} <= healthy]
    return tuple(
        _put_away(runner, run, "the drift is gone by itself; nobody has to agree any more") for run in unneeded
    )


def exhausted_by(circumstances: Circumstances) -> ExhaustedBy:
    """The limit of attempts that options and playbooks say."""
    since = earlier(circumstances.now, circumstances.options.remember)

    def exhausted(run: Run, runs: Collection[Run]) -> bool:
        most = most_attempts(run.remedy.playbook, circumstances)
        return len(Ledger(runs).attempts(run.remedy, since)) >= most

    return exhausted


def _verified(runner: Runner, store: Store, run: Run, found: Verification, at: datetime, exhausted: ExhaustedBy) -> Run:
    judged = found.checks or found.outcome is not Outcome.OPEN
    if judged and found.outcome is not Outcome.GONE and (lacking := _not_here(runner, run)):
        # What a scan reads of files that lack the fix says nothing of the fix.
        return runner.journal.change(run, RunState.VERIFYING, f"not judged: {lacking}", at + run.remedy.verify_after)
    for check in found.checks:
        run = runner.journal.check(run, check)
    match found.outcome:
        case Outcome.HELPED | Outcome.GONE if _only_tells(runner, run):
            return _put_away(runner, run, found.told)
        case Outcome.HELPED | Outcome.GONE:
            return runner.journal.change(run, RunState.RESOLVED, found.told)
        case Outcome.DRIFTS if _only_tells(runner, run):
            return _still_told(runner, run, at)
        case Outcome.DRIFTS:
            return _taken_back(runner, store, run, found.told, exhausted)
    return runner.journal.change(run, RunState.VERIFYING, found.told, found.due)


def _not_here(runner: Runner, run: Run) -> str:
    return "; ".join(filter(None, dict.fromkeys(runner.effects.not_here(step) for step in run.remedy.steps)))


def _taken_back(runner: Runner, store: Store, run: Run, told: str, exhausted: ExhaustedBy) -> Run:
    if run.remedy.on_failure is OnFailure.UNDO:
        run = runner.undo(run, told)
    else:
        run = runner.journal.change(run, RunState.STOPPED, told)
    runs = store.runs()
    if not run.state.ended or not exhausted(run, runs):
        return run
    for notice in escalations(run.remedy, runs, runner.clock()):
        store.put_notice(notice)
    owners = sorted({one.owner or "nobody who is named" for one in run.remedy.covers})
    return runner.journal.change(run, RunState.ESCALATED, f"{run.told}; now it is for {harmless(', '.join(owners))}")


def _put_away(runner: Runner, run: Run, told: str) -> Run:
    """Undo what asks or tells people, because there is no need of it any more."""
    run = runner.undo(run, told)
    return runner.journal.change(run, RunState.RESOLVED, told) if run.state is RunState.UNDONE else run


def _still_told(runner: Runner, run: Run, at: datetime) -> Run:
    """What people were told of is still there: nothing failed, unless one of them said that it shall stay."""
    for step in run.steps:
        sight = runner.effects.sight(proposed(run, step), step.effect)
        if sight.standing is Standing.DECLINED:
            run = runner.journal.conclude(run, step, StepState.DECLINED, sight.told)
            return runner.journal.change(run, RunState.DECLINED, f"somebody said that it stays: {sight.told}")
    return runner.journal.change(
        run, RunState.VERIFYING, "people were told; it still drifts", at + run.remedy.verify_after
    )


def _only_asks(runner: Runner, run: Run) -> bool:
    """Whether nothing of what was begun changes anything before people agree; what is being undone did."""
    if any(map(waits, run.steps)):
        return False
    waiting = next_step(run)
    begun = [step for step in run.steps if waiting is not None and step.number <= waiting.number]
    return bool(begun) and all(_asks(runner, run, step) or _tells(runner, run, step) for step in begun)


def _only_tells(runner: Runner, run: Run) -> bool:
    return all(_tells(runner, run, step) for step in run.steps)


def _asks(runner: Runner, run: Run, step: StepRecord) -> bool:
    action = runner.effects.actions.get(proposed(run, step).action)
    return isinstance(action, Asking) and action.asks


def _tells(runner: Runner, run: Run, step: StepRecord) -> bool:
    action = runner.effects.actions.get(proposed(run, step).action)
    return isinstance(action, Telling) and action.tells
