"""What a night does: concludes what was under way, verifies what was done, does what is allowed without asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from driftbot.config import Config
from driftbot.core.hold import Guard
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Covered
from driftbot.core.run import Run, RunState
from driftbot.guards.circumstances import Circumstances
from driftbot.remedies.acting import acting, perform, ready_tonight
from driftbot.remedies.escalation import escalations
from driftbot.remedies.reach import planned, tools_of
from driftbot.remedies.recovery import go_on, recover
from driftbot.remedies.verifying import exhausted_by, verify, withdraw
from driftbot.remedies.world import outlook
from driftbot.report.report import Report
from driftbot.report.wording import plural
from driftbot.store.store import Store

BY = "driftbot run"
"""Who is said to have begun what nobody called for."""

Clock = Callable[[], datetime]
Stopped = Callable[[], str]
Told = tuple[str, tuple[Run, ...]]
"""What came of it in a sentence, and the runs that were taken forward or back."""

_STILL = (RunState.RUNNING, RunState.UNDOING)
_OPEN = (RunState.WAITING, RunState.VERIFYING)


def recover_runs(config: Config, store: Store, clock: Clock, stopped: Stopped) -> Told:
    """Conclude what was under way when driftbot ended.

    Raises:
        Failure: somebody else acts, or the store cannot be written.
    """
    uncertain = store.runs([RunState.UNCERTAIN])
    waiting = f"; {_numbers(uncertain)} wait for a person" if uncertain else ""
    lost = ", ".join(str(one.number) for one in store.unreadable_runs() if not one.ended)
    waiting += f"; of run {lost} nobody can tell, and nothing is begun before: see `driftbot runs list`" if lost else ""
    if not store.runs(_STILL):
        return f"nothing was under way{waiting}", uncertain
    with acting(config, store, clock, stopped) as runner:
        runs = recover(runner, store)
    return f"{_numbers(runs)} had been under way and were concluded from what is there{waiting}", (*uncertain, *runs)


def verify_runs(config: Config, store: Store, clock: Clock, stopped: Stopped, report: Report) -> Told:
    """Hold the night's report against every fix that waits for it; look again at what waits for the world.

    Raises:
        Failure: somebody else acts, or the store cannot be written or read.
    """
    if not store.runs(_OPEN):
        return "nothing was changed, nothing is due", ()
    exhausted = exhausted_by(outlook(config, store, clock(), stopped()).world.circumstances)
    findings = report.evaluation.findings
    with acting(config, store, clock, stopped) as runner:
        before = store.runs([RunState.VERIFYING])
        judged = verify(runner, store, before, findings, report.as_of, exhausted, report.triage.gone)
        woken = go_on(runner, store)
        gone = {run.number: run for run in withdraw(runner, store, findings, report.triage.gone)}
    runs = (*judged, *(gone.get(run.number, run) for run in woken))
    return f"{len(before):,} to be judged, {len(judged):,} changed; {len(woken):,} looked at that waited", runs


@dataclass(frozen=True, slots=True)
class PlanForTonight:
    """The plan for the last night's findings, and what guards knew when it was made."""

    plan: Plan
    circumstances: Circumstances

    @property
    def told(self) -> str:
        """What there is to decide about."""
        if not self.plan.remedies and not self.plan.held:
            return "no playbook has anything to do"
        free, held = len(self.plan.remedies), len(self.plan.held)
        return f"plan {self.plan.digest[:12]}: {plural(free, 'remedy', 'remedies')}, {held:,} held back"


def plan_tonight(config: Config, store: Store, clock: Clock, stopped: Stopped) -> PlanForTonight:
    """Plan for the last night's findings, and keep the plan: what people approve later is one of its digests.

    Raises:
        Failure: the store cannot be read or written.
    """
    seen = outlook(config, store, clock(), stopped())
    plan = planned(seen.world, tools_of(config, clock, stopped))
    if plan.remedies or plan.held:
        store.keep_plan(plan)
    return PlanForTonight(plan, seen.world.circumstances)


def act(config: Config, store: Store, clock: Clock, stopped: Stopped, made: PlanForTonight | None = None) -> Told:
    """Do what is automatic or approved by enough people. What was ``made`` tonight is acted on; else it is planned now.

    Raises:
        Failure: somebody else acts, or the store cannot be written or read.
    """
    tonights = made or plan_tonight(config, store, clock, stopped)
    plan, known = tonights.plan, replace(tonights.circumstances, now=clock(), stopped=stopped())
    _tell_owners(plan, store, known)
    tonight = ready_tonight(plan, store, known)
    if not tonight.going:
        return _nothing_done(plan, tonight.held), ()
    done: list[Run] = []
    with acting(config, store, clock, stopped) as runner:
        # Somebody may have acted before the right to act was taken: limits count what they did.
        tonight = ready_tonight(plan, store, outlook(config, store, clock(), stopped()).world.circumstances)
        perform(runner, tonight.going, BY, done.append)
    begun = plural(len(tonight.going), "remedy", "remedies")
    return "; ".join((f"{len(done):,} of {begun} applied", *_left(plan, tonight.held, done))), tuple(done)


def _nothing_done(plan: Plan, held: Sequence[Held]) -> str:
    left = tuple(_left(plan, held))
    if not left:
        return "no playbook has anything to do"
    why = "nothing may act by itself" if plan.remedies else "nothing was applied: everything is held back"
    return "; ".join((why, *left))


def _left(plan: Plan, held: Sequence[Held], done: Sequence[Run] = ()) -> Iterator[str]:
    """What people may apply, and what is held back by which guards; of what was begun nothing is left."""
    begun = {covered.fingerprint for run in done for covered in run.remedy.covers}
    lately = {one.remedy.digest: one for one in (*plan.held, *held) if one.remedy is not None}
    unproposed = tuple(one for one in plan.held if one.remedy is None)
    back = [one for one in (*lately.values(), *unproposed) if _is_apart(one.covers, begun)]
    rest = [one for one in plan.remedies if one.digest not in lately and _is_apart(one.covers, begun)]
    if rest:
        yield f"plan {plan.digest[:12]} has {len(rest):,} for people to apply"
    if back:
        guards = Counter(guard for one in back for guard in {hold.guard for hold in one.holds})
        ranked = sorted(guards.items(), key=lambda one: (-one[1], list(Guard).index(one[0])))
        by = ", ".join(f"{count:,} by {guard.value.replace('_', ' ')}" for guard, count in ranked)
        yield f"{len(back):,} held back: {by} (`driftbot plan` says why)"


def _is_apart(covers: Sequence[Covered], begun: Collection[str]) -> bool:
    return not any(one.fingerprint in begun for one in covers)


def _tell_owners(plan: Plan, store: Store, known: Circumstances) -> None:
    """What was tried often enough goes to its owner, once."""
    for held in plan.held:
        if held.remedy is not None and any(hold.guard is Guard.ATTEMPTS for hold in held.holds):
            for notice in escalations(held.remedy, known.runs, known.now):
                store.put_notice(notice)


def _numbers(runs: tuple[Run, ...]) -> str:
    return ("run " if len(runs) == 1 else "runs ") + ", ".join(str(run.number) for run in runs)
