"""Snoozes, waivers and feedback from a chat: what is granted and what a form lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from driftbot.chat.outcome import Aftermath, Fault, Outcome, refused
from driftbot.chat.person import Person
from driftbot.chat.wish import NotUsefulToMe, SnoozeBy, SnoozeUntil, Waive, Wish
from driftbot.core.decision import waiver
from driftbot.core.history import FindingLife
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.notifiers.slack.controls import Field, SnoozeFor
from driftbot.notifiers.slack.modals import LONGEST_REASON, LONGEST_SNOOZE, LONGEST_WAIVER, SHORTEST_REASON

_SPANS = {
    SnoozeFor.HOUR: timedelta(hours=1),
    SnoozeFor.DAY: timedelta(days=1),
    SnoozeFor.WEEK: timedelta(weeks=1),
}


def faults(wish: Wish, now: datetime) -> tuple[Fault, ...]:
    """What is wrong with a form, told at its fields before anything is decided."""
    match wish:
        case Waive():
            return tuple(_waiver_faults(wish, now))
        case SnoozeUntil():
            told = _snooze_fault(wish.until, now)
            return (Fault(Field.UNTIL, told),) if told else ()
        case _:
            return ()


def snoozed(wish: SnoozeBy | SnoozeUntil, life: FindingLife, person: Person, now: datetime) -> Outcome:
    """The finding put aside until a time."""
    until = now + _SPANS[wish.span] if isinstance(wish, SnoozeBy) else wish.until
    if told := _snooze_fault(until, now):
        return refused(f"not snoozed: {told}")
    if gone := _gone(life):
        return refused(f"not snoozed: {gone}")
    assert until is not None
    effect = Snooze(wish.fingerprint, until, person.name, now)
    return Outcome(True, f"snoozed until {_moment(until)}", effect, Aftermath(wish.fingerprint))


def waived(wish: Waive, life: FindingLife, person: Person, now: datetime) -> Outcome:
    """The finding excused until the first moment (UTC) of a date, as `driftbot waive` means it."""
    if wrong := next(_waiver_faults(wish, now), None):
        return refused(f"not waived: {wrong.told}")
    if gone := _gone(life):
        return refused(f"not waived: {gone}")
    assert wish.expires is not None
    expires = datetime.combine(wish.expires, time(), UTC)
    effect = waiver(life, person.name, wish.reason, now, expires)
    return Outcome(True, f"waived until {expires:%Y-%m-%d}: {wish.reason}", effect, Aftermath(wish.fingerprint))


def found_not_useful(
    wish: NotUsefulToMe, life: FindingLife, person: Person, now: datetime, said: tuple[NotUseful, ...]
) -> Outcome:
    """One voice a person and finding; ``said`` are the voices so far."""
    if any((one.fingerprint, one.by) == (wish.fingerprint, person.name) for one in said):
        return refused("you said before that this is not useful, and it counts once")
    rule = life.finding.rule
    voices = sum(one.rule == rule for one in said) + 1
    told = f"noted as not useful; {voices:,} such {'voice' if voices == 1 else 'voices'} about the rule {rule}"
    return Outcome(True, told, NotUseful(wish.fingerprint, rule, person.name, now), Aftermath(wish.fingerprint))


def _gone(life: FindingLife) -> str:
    return f"it was resolved on {life.resolved:%Y-%m-%d}" if life.resolved else ""


def _snooze_fault(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "no time was named until which it is to be put aside"
    if until <= now:
        return f"{_moment(until)} is not in the future"
    if until - now > LONGEST_SNOOZE:
        longest = f"{LONGEST_SNOOZE.days} days"
        return f"{_moment(until)} is more than {longest} ahead; waive it, with a reason, if it may stay"
    return ""


def _waiver_faults(wish: Waive, now: datetime) -> Iterator[Fault]:
    if not wish.reason:
        yield Fault(Field.REASON, "no reason was given why it may stay so until then")
    elif len(wish.reason) < SHORTEST_REASON:
        told = f"{wish.reason!r} is shorter than {SHORTEST_REASON} characters"
        yield Fault(Field.REASON, f"{told}; say why it may stay so until then")
    elif len(wish.reason) > LONGEST_REASON:
        yield Fault(Field.REASON, f"the reason has {len(wish.reason):,} characters, and at most {LONGEST_REASON:,} fit")
    if wish.expires is None:
        yield Fault(Field.EXPIRES, "no date was named until which it may stay so")
        return
    expires = datetime.combine(wish.expires, time(), UTC)
    if expires <= now:
        yield Fault(Field.EXPIRES, f"{wish.expires} is not in the future")
    elif expires - now > LONGEST_WAIVER:
        longest = f"{LONGEST_WAIVER.days} days"
        yield Fault(Field.EXPIRES, f"{wish.expires} is more than {longest} ahead; `driftbot waive` takes such a date")


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
