"""What is offered now for a finding: the remedy of the last night's newest plan, and what holds it back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Plan
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.declined import held_by_declined
from driftbot.guards.freezes import held_by_freeze
from driftbot.guards.in_progress import held_by_progress
from driftbot.guards.kill_switch import held_by_kill_switch
from driftbot.guards.verdicts import held_by_verdict
from driftbot.guards.working_hours import held_by_hours

_ASKED_AGAIN = {
    Guard.KILL_SWITCH: held_by_kill_switch,
    Guard.VERDICT: held_by_verdict,
    Guard.IN_PROGRESS: held_by_progress,
    Guard.DECLINED: held_by_declined,
    Guard.FREEZE: held_by_freeze,
    Guard.HOURS: held_by_hours,
}
"""Guards that can be asked at any time, because they do not look at the estate; of the others the plan's word holds."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A remedy, the digest of the plan that it stands in, and what held it back when that was made."""

    remedy: Remedy
    plan: str
    held: tuple[Hold, ...] = ()


def offered(plans: Sequence[Plan], fingerprint: str) -> tuple[Offered, ...]:
    """What the newest of the plans that has anything for the finding would do about it.

    Plans of a part of the estate (`driftbot plan --rule …`) take nothing back that another plan offers for the rest.
    """
    newest_first = sorted(plans, key=lambda plan: plan.made, reverse=True)
    every = (tuple(_of(plan, fingerprint)) for plan in newest_first)
    return next((found for found in every if found), ())


def holding(one: Offered, circumstances: Circumstances) -> tuple[Hold, ...]:
    """What holds it back now, each reason once: by guards that can be asked, and what the plan said of others."""
    now = circumstances.now
    fresh = (hold for guard in _ASKED_AGAIN.values() for hold in guard(one.remedy, circumstances))
    kept = (hold for hold in one.held if hold.guard not in _ASKED_AGAIN and _lasts(hold, now))
    return tuple(dict.fromkeys((*fresh, *kept)))


def _of(plan: Plan, fingerprint: str) -> Iterator[Offered]:
    digest = plan.digest
    for remedy in plan.remedies:
        if _is_for(remedy, fingerprint):
            yield Offered(remedy, digest)
    for held in plan.held:
        if held.remedy is not None and _is_for(held.remedy, fingerprint):
            yield Offered(held.remedy, digest, held.holds)


def _is_for(remedy: Remedy, fingerprint: str) -> bool:
    return any(covered.fingerprint == fingerprint for covered in remedy.covers)


def _lasts(hold: Hold, now: datetime) -> bool:
    return hold.guard is not Guard.LEVEL and (hold.until is None or hold.until > now)


def reasons(holds: Iterable[Hold]) -> str:
    """Why it is held back, in one sentence."""
    return "; ".join(hold.reason for hold in holds)
