"""Offers: what playbooks would do about the last night's findings, by the plans that were made for it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.digest import Offer
from driftbot.core.hold import Hold, lasting
from driftbot.core.plan import Plan, limited, plan_digest
from driftbot.core.remedy import Remedy, Step
from driftbot.core.run import PlanApproval, Run
from driftbot.guards.ladder import level
from driftbot.guards.options import GuardOptions
from driftbot.remedies.approval import LASTS, counting, missing


@dataclass(frozen=True, slots=True)
class _Proposed:
    """A remedy with its digest, which is worked out once, and what holds it back."""

    remedy: Remedy
    digest: str
    holds: tuple[Hold, ...] = ()


def offers(
    plans: Iterable[Plan],
    approvals: Collection[PlanApproval],
    runs: Mapping[str, Run],
    options: GuardOptions,
    now: datetime,
) -> dict[str, Offer]:
    """What is offered now for each finding, by fingerprint.

    ``plans`` are those of the night, the newest first: a person may have planned for some findings since, which takes
    nothing from the others. What was begun since it was planned (``runs`` are the latest by fingerprint) is offered no
    more. The level is what the ladder says now, and never more than it said when it was planned.
    """
    found: dict[str, Offer] = {}
    settled: set[str] = set()
    given = _by_digest(approvals)
    for plan in plans:
        proposed = tuple(_proposed(plan))
        digest = plan_digest(one.digest for one in proposed[: len(plan.remedies)])
        here: dict[str, Offer] = {}
        over = limited(plan)
        for one in proposed:
            names = {covered.fingerprint for covered in one.remedy.covers}
            wanted = {name for name in names if name not in settled and name not in here}
            if wanted and not any(_begun(runs.get(name), plan) for name in names):
                about = (*given.get(one.digest, ()), *given.get(digest, ()))
                here.update(dict.fromkeys(wanted, _offer(one, digest, about, options, now, over)))
        found.update(here)
        settled |= _covered(plan)
    return found


def latest_runs(runs: Iterable[Run]) -> dict[str, Run]:
    """The latest run for each finding, by fingerprint; ``runs`` are in the order of their numbers."""
    return {covered.fingerprint: run for run in runs for covered in run.remedy.covers}


def _by_digest(approvals: Iterable[PlanApproval]) -> dict[str, list[PlanApproval]]:
    found: dict[str, list[PlanApproval]] = {}
    for approval in approvals:
        found.setdefault(approval.digest, []).append(approval)
    return found


def _proposed(plan: Plan) -> Iterator[_Proposed]:
    """Every remedy of a plan with what holds it back; those that nothing holds back come first."""
    yield from (_Proposed(remedy, remedy.digest) for remedy in plan.remedies)
    for held in plan.held:
        if held.remedy is not None:
            yield _Proposed(held.remedy, held.remedy.digest, held.holds)


def _covered(plan: Plan) -> set[str]:
    """Everything that a plan speaks of, also what it has no steps for."""
    parts = (*(one.covers for one in plan.remedies), *(one.covers for one in plan.held))
    return {one.fingerprint for covers in parts for one in covers}


def _begun(run: Run | None, plan: Plan) -> bool:
    return run is not None and run.started >= plan.made


def _offer(
    one: _Proposed, plan: str, approvals: Collection[PlanApproval], options: GuardOptions, now: datetime, over: int
) -> Offer:
    remedy = one.remedy
    counted = counting(remedy, plan, approvals, options.approvers, now) if approvals else ()
    rules = {covered.rule for covered in remedy.covers}
    allowed = level(options, remedy.playbook, rules, remedy.environments)
    holds = tuple(hold for hold in one.holds if hold.until is None or hold.until > now)
    return Offer(
        remedy=one.digest,
        plan=plan,
        playbook=remedy.playbook,
        level=min(remedy.level, allowed, key=lambda rung: rung.rank),
        told=_told(remedy.steps),
        approvals=counted,
        missing=missing(remedy, counted),
        held=tuple(hold.reason for hold in holds),
        lasting=tuple(hold.reason for hold in lasting(holds, now + LASTS, over)),
    )


def _told(steps: Collection[Step]) -> str:
    """The change in a line: the first value that changes and how many others do; else what is done to what."""
    changes = [change for step in steps for change in step.changes]
    told = [f"{one.key} of {one.subject}: {one.before} → {one.after}" for one in changes]
    told = told or [f"{step.action} on {step.target}" for step in steps]
    return f"{told[0]} and {len(told) - 1:,} more" if len(told) > 1 else "".join(told)
