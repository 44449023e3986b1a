"""Holds: every guard asked about every remedy; what nothing holds back is let through. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Held
from driftbot.core.remedy import Remedy
from driftbot.guards.attempts import held_by_attempts
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.conflicts import held_by_conflicts
from driftbot.guards.cooldown import held_by_cooldown
from driftbot.guards.declined import held_by_declined
from driftbot.guards.fewer_facts import held_by_fewer_facts
from driftbot.guards.freezes import held_by_freeze
from driftbot.guards.in_progress import held_by_progress
from driftbot.guards.kill_switch import held_by_kill_switch
from driftbot.guards.ladder import held_by_level, lowered
from driftbot.guards.ledger import only_tells
from driftbot.guards.run_limits import held_by_limits
from driftbot.guards.step_limits import held_by_step_limits
from driftbot.guards.tug_of_war import held_by_tug_of_war
from driftbot.guards.verdicts import held_by_verdict
from driftbot.guards.working_hours import held_by_hours

_GUARDS: tuple[Callable[[Remedy, Circumstances], Iterator[Hold]], ...] = (
    held_by_kill_switch,
    held_by_level,
    held_by_verdict,
    held_by_progress,
    held_by_declined,
    held_by_fewer_facts,
    held_by_tug_of_war,
    held_by_attempts,
    held_by_cooldown,
    held_by_step_limits,
    held_by_freeze,
    held_by_hours,
)

UNCOUNTED = frozenset({Guard.LEVEL, Guard.VERDICT, Guard.IN_PROGRESS, Guard.DECLINED, Guard.CONFLICT, Guard.DUPLICATE})
"""What these hold is no part of what limits count: it would not be changed whatever the options said.

What other guards hold counts. Otherwise a freeze or a longer cooldown would make a plan small enough for its limits,
and something would be done because more is forbidden.
"""


def hold(
    remedies: Sequence[Remedy], circumstances: Circumstances, beside: Sequence[Remedy] = ()
) -> tuple[tuple[Remedy, ...], tuple[Held, ...]]:
    """What is let through, in the order given, and what is held back, with every reason why.

    A remedy that is let through may have a lower level than it came with: the ladder's of now, or ``PROPOSE`` after
    failures (``lowered`` says so). ``beside`` are remedies that are not to be applied now and stand in the plan
    nevertheless: what contradicts one of them is held, unless it is for the same finding; they are not counted.
    """
    found: list[set[Hold]] = [set() for _ in remedies]
    told = held_by_conflicts(remedies)
    everything = (*remedies, *_others(beside, remedies))
    elsewhere = (one for one in held_by_conflicts(everything) if one[1].guard is Guard.CONFLICT)
    for index, conflict in (*told, *elsewhere):
        if index < len(remedies):
            found[index].add(conflict)
    going = [lowered(remedy, circumstances) for remedy in remedies]
    for remedy, holds in zip(going, found, strict=True):
        holds.update(one for guard in _GUARDS for one in guard(remedy, circumstances))
    counted = [
        not UNCOUNTED & {one.guard for one in holds} and not only_tells(remedy, circumstances.telling)
        for remedy, holds in zip(going, found, strict=True)
    ]
    exceeded = frozenset(
        held_by_limits([one for one, counts in zip(going, counted, strict=True) if counts], circumstances)
    )
    for holds in (holds for holds, counts in zip(found, counted, strict=True) if counts):
        holds.update(exceeded)
    pairs = tuple(zip(going, found, strict=True))
    held = sorted((_held(remedy, holds) for remedy, holds in pairs if holds), key=_order)
    return tuple(remedy for remedy, holds in pairs if not holds), tuple(held)


def _others(beside: Sequence[Remedy], remedies: Sequence[Remedy]) -> Iterator[Remedy]:
    """Those for other findings: a finding may be planned for anew, a little more or less than it was."""
    known = {covered.fingerprint for remedy in remedies for covered in remedy.covers}
    return (one for one in beside if known.isdisjoint(covered.fingerprint for covered in one.covers))


def _held(remedy: Remedy, holds: set[Hold]) -> Held:
    return Held(remedy.playbook, remedy.covers, tuple(sorted(holds, key=_guard_order)), remedy)


def _guard_order(one: Hold) -> tuple[int, str]:
    return list(Guard).index(one.guard), one.reason


def _order(held: Held) -> tuple[str, tuple[str, ...]]:
    return held.playbook, tuple(covered.fingerprint for covered in held.covers)
