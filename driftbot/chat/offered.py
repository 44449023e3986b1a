"""What a message offers for a finding, with its remedy whole, and what holds that back at this moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Plan, limited
from driftbot.core.remedy import Remedy
from driftbot.core.run import PlanApproval
from driftbot.delivery.offers import latest_runs, offers
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
    """A remedy, the digest of the plan that it stands in, and what held it back when that was made.

    ``limited`` is how many remedies of that plan a limit of numbers holds back.
    """

    remedy: Remedy
    plan: str
    held: tuple[Hold, ...] = ()
    limited: int = 0


def offered(
    plans: Sequence[Plan], fingerprint: str, approvals: Sequence[PlanApproval], circumstances: Circumstances
) -> Offered | None:
    """What is offered now for a finding, by the very function that says so in messages; None where nothing is.

    ``plans`` are those of the last night, the newest first.
    """
    known = circumstances
    offer = offers(plans, approvals, latest_runs(known.runs), known.options, known.now).get(fingerprint)
    if offer is None:
        return None
    plan = next(one for one in plans if one.digest == offer.plan)
    one = next(one for one in _all_of(plan, offer.plan) if one.remedy.digest == offer.remedy)
    return replace(one, limited=limited(plan))


def holding(one: Offered, circumstances: Circumstances) -> tuple[Hold, ...]:
    """What holds it back now, each reason once: by guards that can be asked, and what the plan said of others."""
    fresh = (hold for guard in _ASKED_AGAIN.values() for hold in guard(one.remedy, circumstances))
    kept = (hold for hold in one.held if hold.guard not in _ASKED_AGAIN and _lasts(hold, circumstances.now))
    return tuple(dict.fromkeys((*fresh, *kept)))


def reasons(holds: Iterable[Hold]) -> str:
    """Why it is held back, in one sentence."""
    return "; ".join(hold.reason for hold in holds)


def remedies_for(plans: Iterable[Plan], fingerprint: str) -> Iterator[Remedy]:
    """Every remedy for a finding in these plans, held back or not."""
    for plan in plans:
        for one in _all_of(plan, ""):
            if any(covered.fingerprint == fingerprint for covered in one.remedy.covers):
                yield one.remedy


def _all_of(plan: Plan, digest: str) -> Iterator[Offered]:
    yield from (Offered(remedy, digest) for remedy in plan.remedies)
    yield from (Offered(held.remedy, digest, held.holds) for held in plan.held if held.remedy is not None)


def _lasts(hold: Hold, now: datetime) -> bool:
    return hold.guard is not Guard.LEVEL and (hold.until is None or hold.until > now)
