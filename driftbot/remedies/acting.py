"""Acting: the right to act taken, what was under way concluded, then what may be done now done, one after another."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from driftbot.config import Config
from driftbot.core.ladder import Level
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Remedy
from driftbot.core.run import PlanApproval, Run, RunState
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.holds import hold
from driftbot.plugins import actions
from driftbot.remedies.approval import LASTS, counting, missing
from driftbot.remedies.effects import Effects
from driftbot.remedies.journal import TERM, Journal
from driftbot.remedies.reach import tools_of
from driftbot.remedies.runner import Runner
from driftbot.store.plans import PlanChoice
from driftbot.store.store import Store


@dataclass(frozen=True, slots=True)
class Going:
    """A remedy that is to be applied: the plan that it stands in, and the approvals that count for it."""

    remedy: Remedy
    plan: str
    approvals: tuple[PlanApproval, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """What may be applied now, what is held back by which guards, and what still waits for how many people."""

    going: tuple[Going, ...] = ()
    held: tuple[Held, ...] = ()
    waiting: tuple[tuple[Remedy, int], ...] = ()


def _nothing(_: str) -> None:
    """Nothing happens at a boundary."""


@contextmanager
def acting(
    config: Config,
    store: Store,
    clock: Callable[[], datetime],
    stopped: Callable[[], str],
    boundary: Callable[[str], None] = _nothing,
) -> Iterator[Runner]:
    """The right to act and a runner that uses it, until the block ends.

    Raises:
        LeaseHeld: somebody else acts.
    """
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    with store.acting(holder, clock(), TERM) as lease:
        tools = replace(tools_of(config, clock, stopped), boundary=boundary, outbox=store)
        yield Runner(Journal(store, lease, clock, boundary), Effects(actions(), tools), clock, stopped)


def ready(choice: PlanChoice, by: str, store: Store, circumstances: Circumstances) -> Ready:
    """What was chosen of a plan, held against everything that guards know now; who asks approves with it."""
    free, held = hold(choice.remedies, circumstances, choice.beside)
    digests = (choice.plan.digest, *(remedy.digest for remedy in free))
    approvals = (*store.plan_approvals(*digests), PlanApproval(choice.digest, by, circumstances.now))
    plan = choice.plan.digest
    going = [Going(one, plan, _counted(one, plan, approvals, circumstances)) for one in free]
    enough = tuple(one for one in going if not missing(one.remedy, one.approvals))
    waiting = tuple((one.remedy, missing(one.remedy, one.approvals)) for one in going if one not in enough)
    return Ready(enough, held, waiting)


def ready_tonight(plan: Plan, store: Store, circumstances: Circumstances) -> Ready:
    """What acts without being called for: what is automatic, and what people have approved lately, as they approved it.

    An approved remedy is done as it was then, even where tonight's numbers would have proposed a little more or less;
    whether the world still is as it was then, guards and each step's own look say.
    """
    approved = _approved_lately(store, circumstances)
    asked = {covered.fingerprint for going in approved for covered in going.remedy.covers}
    automatic = [
        Going(one, plan.digest)
        for one in plan.remedies
        if one.level is Level.AUTO and not asked & {covered.fingerprint for covered in one.covers}
    ]
    going = {one.remedy.digest: one for one in (*approved, *automatic)}
    beside = [one for one in plan.remedies if one.digest not in going]
    free, held = hold([one.remedy for one in going.values()], circumstances, beside)
    acts = (Level.APPROVE, Level.AUTO)
    allowed = [replace(going[one.digest], remedy=one) for one in free if one.level in acts]
    enough = tuple(one for one in allowed if not missing(one.remedy, one.approvals))
    return Ready(enough, held)


def perform(runner: Runner, ready: Sequence[Going], by: str, tell: Callable[[Run], None]) -> tuple[Run, ...]:
    """Apply one after another; what comes after somebody stopped it is not begun."""
    done: list[Run] = []
    for one in ready:
        if runner.stopped():
            break
        done.append(runner.apply(one.plan, one.remedy, by, one.approvals))
        tell(done[-1])
    return tuple(done)


def _approved_lately(store: Store, circumstances: Circumstances) -> tuple[Going, ...]:
    """Every remedy that enough people approved and that was not begun since, the longest approved first."""
    approvals = [one for one in store.plan_approvals() if circumstances.now - one.at <= LASTS]
    begun = {run.remedy.digest for run in circumstances.runs if run.state is not RunState.REFUSED}
    found: dict[str, Going] = {}
    for approval in approvals:
        choice = store.plan(approval.digest)
        for remedy in choice.remedies if choice else ():
            if remedy.digest not in begun and choice is not None:
                counted = _counted(remedy, choice.plan.digest, approvals, circumstances)
                if counted and not missing(replace(remedy, level=Level.APPROVE), counted):
                    found.setdefault(remedy.digest, Going(_on_rung(remedy), choice.plan.digest, counted))
    return tuple(found.values())


def _on_rung(remedy: Remedy) -> Remedy:
    """The remedy as far as its approvals let it go; guards lower it to what the ladder says now."""
    return replace(remedy, level=Level.APPROVE)


def _counted(
    remedy: Remedy, plan: str, approvals: Sequence[PlanApproval], circumstances: Circumstances
) -> tuple[PlanApproval, ...]:
    return counting(remedy, plan, approvals, circumstances.options.approvers, circumstances.now)
