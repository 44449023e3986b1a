"""Offers: what playbooks would do about the last night's findings, by the plans that were made for it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from driftbot.core.digest import Offer
from driftbot.core.hold import Hold
from driftbot.core.plan import Plan
from driftbot.core.remedy import Remedy, Step
from driftbot.core.run import PlanApproval, Run
from driftbot.guards.ladder import level
from driftbot.guards.options import GuardOptions
from driftbot.remedies.approval import counting, missing


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
    for plan in plans:
        digest = plan.digest
        here: dict[str, Offer] = {}
        for remedy, holds in _proposed(plan):
            names = {covered.fingerprint for covered in remedy.covers}
            if not any(_begun(runs.get(name), plan) for name in names) and names - settled - here.keys():
                offer = _offer(remedy, digest, holds, approvals, options, now)
                here.update(dict.fromkeys(names - settled - here.keys(), offer))
        found.update(here)
        settled |= _covered(plan)
    return found


def latest_runs(runs: Iterable[Run]) -> dict[str, Run]:
    """The latest run for each finding, by fingerprint; ``runs`` are in the order of their numbers."""
    return {covered.fingerprint: run for run in runs for covered in run.remedy.covers}


def _proposed(plan: Plan) -> Iterator[tuple[Remedy, tuple[Hold, ...]]]:
    """Every remedy of a plan with what holds it back."""
    yield from ((remedy, ()) for remedy in plan.remedies)
    for held in plan.held:
        if held.remedy is not None:
            yield held.remedy, held.holds


def _covered(plan: Plan) -> set[str]:
    """Everything that a plan speaks of, also what it has no steps for."""
    parts = (*(one.covers for one in plan.remedies), *(one.covers for one in plan.held))
    return {one.fingerprint for covers in parts for one in covers}


def _begun(run: Run | None, plan: Plan) -> bool:
    return run is not None and run.started >= plan.made


def _offer(
    remedy: Remedy,
    plan: str,
    holds: Iterable[Hold],
    approvals: Collection[PlanApproval],
    options: GuardOptions,
    now: datetime,
) -> Offer:
    counted = counting(remedy, plan, approvals, options.approvers, now) if approvals else ()
    rules = {covered.rule for covered in remedy.covers}
    allowed = level(options, remedy.playbook, rules, remedy.environments)
    return Offer(
        remedy=remedy.digest,
        plan=plan,
        playbook=remedy.playbook,
        level=min(remedy.level, allowed, key=lambda rung: rung.rank),
        told=_told(remedy.steps),
        approvals=counted,
        missing=missing(remedy, counted),
        held=tuple(hold.reason for hold in holds if hold.until is None or hold.until > now),
    )


def _told(steps: Collection[Step]) -> str:
    """The change in a line: the first value that changes and how many others do; else what is done to what."""
    changes = [change for step in steps for change in step.changes]
    told = [f"{one.key} of {one.subject}: {one.before} → {one.after}" for one in changes]
    told = told or [f"{step.action} on {step.target}" for step in steps]
    return f"{told[0]} and {len(told) - 1:,} more" if len(told) > 1 else "".join(told)
