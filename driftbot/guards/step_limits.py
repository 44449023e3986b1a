"""Limits of a step: how far one number may be moved, at once and within days, and the bounds of its key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from driftbot.core.hold import Guard, Hold
from driftbot.core.quantity import NotAQuantity, format_number
from driftbot.core.remedy import Remedy, ValueChange
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.cooldown import cooldown
from driftbot.guards.ledger import Written, earlier, later

_ROUNDING = 1e-9
"""Relative: 3h is twice 90m, whatever was computed on the way."""


def held_by_step_limits(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """Every number that is moved too far or out of its bounds."""
    first: dict[tuple[object, str], float | None] = {}
    for change in (change for step in remedy.steps for change in step.changes):
        yield from _out_of_bounds(remedy, change, circumstances)
        if change.was is None and change.becomes is None:
            continue
        yield from _leap(remedy, change, circumstances)
        yield from _compounded(remedy, change, first, circumstances)
        first.setdefault((change.subject, change.key), change.was)


def factor(remedy: Remedy, circumstances: Circumstances) -> float:
    """How far a number may be moved: the less of what the options and the playbook say."""
    playbook = circumstances.playbooks.get(remedy.playbook)
    said = circumstances.options.steps.factor
    return min(said, playbook.limits.factor) if playbook else said


def _leap(remedy: Remedy, change: ValueChange, circumstances: Circumstances) -> Iterator[Hold]:
    """One change, held against the factor; where there is nothing to multiply, the bounds have to say what is sane."""
    name = f"{change.key} of {change.subject}"
    if change.was is None:
        if change.key not in _bounded(remedy, circumstances):
            advice = f"say them in acting.steps.bounds.{change.key}"
            yield _hold(f"{name} was no number, so no factor limits {change.after}, and it has no bounds; {advice}")
    elif change.becomes is None:
        yield _hold(f"{name} would be no number any more ({change.before} → {change.after or 'nothing'})")
    elif trouble := _too_far(change.was, change.becomes, factor(remedy, circumstances)):
        yield _hold(f"{name}: {change.before} → {change.after} {trouble}")


def _too_far(was: float, becomes: float, most: float) -> str:
    if was == becomes:
        return ""
    if not (math.isfinite(was) and math.isfinite(becomes)):
        return "is no change between finite numbers; a person decides"
    if was == 0 or becomes == 0:
        return f"goes {'from' if was == 0 else 'to'} zero, which no factor limits; a person decides"
    times = becomes / was
    if times < 0:
        return "changes its sign; a person decides"
    if 1 / most * (1 - _ROUNDING) <= times <= most * (1 + _ROUNDING):
        return ""
    return f"is {times:.3g} times as much; at most {most:.3g} and at least {1 / most:.3g} times is allowed at once"


def _compounded(
    remedy: Remedy, change: ValueChange, first: dict[tuple[object, str], float | None], circumstances: Circumstances
) -> Iterator[Hold]:
    """The change together with those that runs made of the same setting lately, and steps before it."""
    since, until = _lately(remedy, change, circumstances)
    base = first.get((change.subject, change.key), change.was) if not since else since.change.was
    if base is None or change.becomes is None or base == change.was:
        return
    if trouble := _too_far(base, change.becomes, factor(remedy, circumstances)):
        told = f"since run {since.run.number}" if since else "with the step before it"
        yield _hold(
            f"{change.key} of {change.subject}: {told} {_number(base)} → {_number(change.becomes)} {trouble}", until
        )


def _lately(
    remedy: Remedy, change: ValueChange, circumstances: Circumstances
) -> tuple[Written | None, datetime | None]:
    """The first of the changes of this setting that count together with this one, and when it does no more."""
    span = max(circumstances.options.steps.within, cooldown(remedy, circumstances))
    since = earlier(circumstances.now, span)
    written = [one for one in circumstances.ledger.written(change.subject, change.key) if one.at > since]
    return (written[0], later(written[0].at, span)) if written else (None, None)


def _out_of_bounds(remedy: Remedy, change: ValueChange, circumstances: Circumstances) -> Iterator[Hold]:
    if change.becomes is None:
        return
    told = f"{change.key} of {change.subject} would be {change.after}"
    try:
        bounds = tuple(_bounds(remedy, change, circumstances))
    except NotAQuantity as error:
        yield _hold(f"{told}, and its bounds cannot be read: {error}")
        return
    for where, least, most in bounds:
        if least is not None and not change.becomes >= least - abs(least) * _ROUNDING:
            yield _hold(f"{told}; {where} allows no less than {_number(least)}")
        if most is not None and not change.becomes <= most + abs(most) * _ROUNDING:
            yield _hold(f"{told}; {where} allows no more than {_number(most)}")


def _bounds(
    remedy: Remedy, change: ValueChange, circumstances: Circumstances
) -> Iterator[tuple[str, float | None, float | None]]:
    """The bounds of the key: where they stand, the least and the most, in the key's unit.

    Raises:
        NotAQuantity: they are no quantities of it, or nobody knows its unit.
    """
    if said := circumstances.options.steps.bounds.get(change.key):
        key = circumstances.vocabulary.find(change.subject.kind, change.key)
        if key is None or key.unit is None:
            raise NotAQuantity(f"nobody says in which unit {change.key} of a {change.subject.kind} is")
        yield f"acting.steps.bounds.{change.key}", *said.numbers(key.unit)
    playbook = circumstances.playbooks.get(remedy.playbook)
    if playbook and playbook.limits.bounds.get(change.key):
        yield f"the playbook {playbook.id}", *playbook.bound(change.key)


def _bounded(remedy: Remedy, circumstances: Circumstances) -> frozenset[str]:
    """The keys that have bounds."""
    playbook = circumstances.playbooks.get(remedy.playbook)
    return frozenset(circumstances.options.steps.bounds).union(playbook.limits.bounds if playbook else ())


def _number(value: float) -> str:
    return format_number(value, 6)


def _hold(reason: str, until: datetime | None = None) -> Hold:
    return Hold(Guard.STEP_LIMIT, reason, until)
