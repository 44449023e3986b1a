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
from driftbot.core.run import PlanApproval, Run
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.holds import hold
from driftbot.plugins import actions
from driftbot.remedies.approval import LASTS, counting, missing
from driftbot.remedies.effects import Effects
from driftbot.remedies.journal import TERM, Journal
from driftbot.remedies.reach import tools_of
from driftbot.remedies.runner import Runner
from driftbot.remedies.timing import timing
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

    At each boundary of an action it is looked whether somebody else acts since: a process that was stopped for longer
    than its term begins no effect that it had only meant to begin.

    Raises:
        LeaseHeld: somebody else acts.
    """
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    with store.acting(holder, clock(), TERM) as lease:

        def at_boundary(name: str) -> None:
            boundary(name)
            store.still_acting(lease)

        tools = replace(tools_of(config, clock, stopped), boundary=at_boundary, outbox=store)
        journal, effects = Journal(store, lease, clock, boundary), Effects(actions(), tools)
        yield Runner(journal, effects, clock, stopped, timing(config.acting, clock))


def ready(choice: PlanChoice, by: str, store: Store, circumstances: Circumstances, newer: Plan | None = None) -> Ready:
    """What was chosen of a plan, held against everything that guards know now; who asks approves with it.

    What a person undid is done again where somebody names that remedy, not where it is one of a plan's. ``newer`` is
    what would be planned now: a finding since then may contradict what was chosen.
    """
    named = frozenset({choice.digest} - {choice.plan.digest})
    circumstances = replace(circumstances, named=named)
    free, held = hold(choice.remedies, circumstances, (*choice.beside, *(_proposed(newer) if newer else ())))
    digests = (choice.plan.digest, *(remedy.digest for remedy in free))
    approvals = (*store.plan_approvals(*digests), PlanApproval(choice.digest, by, circumstances.now))
    plan = choice.plan.digest
    going = [Going(one, plan, _counted(one, plan, approvals, circumstances)) for one in free]
    waiting = tuple((one.remedy, count) for one in going if (count := missing(one.remedy, one.approvals)))
    return Ready(tuple(one for one in going if not missing(one.remedy, one.approvals)), held, waiting)


def ready_tonight(plan: Plan, store: Store, circumstances: Circumstances) -> Ready:
    """What acts without being called for: what is automatic, and what people have approved lately, as they approved it.

    An approved remedy is done as it was then, even where tonight's numbers would have proposed a little more or less;
    whether the world still is as it was then, guards and each step's own look say.
    """
    approved = _approved_lately(store, circumstances)
    asked = {covered.fingerprint for going in approved for covered in going.remedy.covers}
    digest = plan.digest
    automatic = [
        Going(one, digest)
        for one in plan.remedies
        if one.level is Level.AUTO and not asked & {covered.fingerprint for covered in one.covers}
    ]
    going = {one.remedy.digest: one for one in (*approved, *automatic)}
    free, held = hold([one.remedy for one in going.values()], circumstances, _proposed(plan))
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


def _proposed(plan: Plan) -> tuple[Remedy, ...]:
    """Every remedy of a plan, held back or not."""
    return (*plan.remedies, *(one.remedy for one in plan.held if one.remedy is not None))


def _approved_lately(store: Store, circumstances: Circumstances) -> tuple[Going, ...]:
    """Every remedy that enough people approved and that was not begun since, the longest approved first."""
    approvals = [one for one in store.plan_approvals() if circumstances.now - one.at <= LASTS]
    begun = {run.remedy.digest for run in circumstances.runs} if approvals else frozenset()
    found: dict[str, Going] = {}
    for approval in approvals:
        choice = store.plan(approval.digest)
        if choice is None:
            continue
        plan = choice.plan.digest
        for digest, remedy in ((one.digest, _on_rung(one)) for one in choice.remedies):
            counted = _counted(remedy, plan, approvals, circumstances)
            if digest not in begun and counted and not missing(remedy, counted):
                found.setdefault(digest, Going(remedy, plan, counted))
    return tuple(found.values())


def _on_rung(remedy: Remedy) -> Remedy:
    """The remedy as far as its approvals let it go; guards lower it to what the ladder says now."""
    return replace(remedy, level=Level.APPROVE)


def _counted(
    remedy: Remedy, plan: str, approvals: Sequence[PlanApproval], circumstances: Circumstances
) -> tuple[PlanApproval, ...]:
    return counting(remedy, plan, approvals, circumstances.options.approvers, circumstances.now)
