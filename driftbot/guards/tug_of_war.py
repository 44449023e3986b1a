"""Tug of war: a setting that somebody, or some controller, changes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from driftbot.core.fact import View, show
from driftbot.core.history import Interval
from driftbot.core.hold import Guard, Hold
from driftbot.core.quantity import Quantity
from driftbot.core.remedy import Remedy, ValueChange
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ledger import PutBack, Written, earlier, later, span_told

RETURNS = 2
"""How often a value comes back to one that it had before, within the time remembered, until it counts as pulled."""


def held_by_tug_of_war(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What a run wrote and somebody changed back, and what changes back and forth without any run."""
    since = earlier(circumstances.now, circumstances.options.remember)
    for change in (change for step in remedy.steps for change in step.changes):
        history = circumstances.histories.get((change.subject, change.key), ())
        written = [one for one in circumstances.ledger.written(change.subject, change.key) if one.at > since]
        # What the last night read before it was written says nothing of what became of it.
        read_since = bool(written) and circumstances.tonight.night > written[-1].at
        if read_since and _changed_back(written[-1].change, change):
            yield _pulled(written[-1], change, history, circumstances.options.remember)
        elif back := _found_put_back(circumstances.ledger.put_back(change.subject, change.key), history, since):
            yield _pulled(back, change, history, circumstances.options.remember)
        else:
            yield from _flapping(change, history, since, circumstances.options.remember)


def _changed_back(ours: ValueChange, now: ValueChange) -> bool:
    """Whether the value is what it was before we wrote it, or went part of the way back."""
    if None not in (ours.was, ours.becomes, now.was):
        assert ours.was is not None and ours.becomes is not None and now.was is not None
        return (now.was - ours.becomes) * (ours.was - ours.becomes) > 0
    return now.before == ours.before != ours.after


def _found_put_back(backs: Sequence[PutBack], history: Sequence[Interval], since: datetime) -> Written | None:
    """The last change that a scan saw put back before its run was undone: somebody else had done it."""
    for back in reversed([one for one in backs if one.at > since]):
        if any(back.written < one.first_seen <= back.at and _is(one, back.change) for one in history):
            return Written(back.run, back.change, back.written)
    return None


def _pulled(ours: Written, now: ValueChange, history: Sequence[Interval], remember: timedelta) -> Hold:
    reason = (
        f"run {ours.run.number} wrote {now.key} of {now.subject} as {ours.change.after} on {ours.at:%Y-%m-%d},"
        f" and somebody changed it back to {now.before}{_seen(now, history)};"
        " find out who, and agree on the value or waive the finding"
    )
    return Hold(Guard.TUG_OF_WAR, reason, later(ours.at, remember))


def _seen(now: ValueChange, history: Sequence[Interval]) -> str:
    """When and where the value was first seen again, as far as the nights tell."""
    standing = [one for one in history if one.closed is None and _is(one, now)]
    if not standing:
        return ""
    last = max(standing, key=lambda one: one.first_seen)
    return f" (first seen {last.first_seen:%Y-%m-%d %H:%M} UTC in {last.fact.origin})"


def _is(interval: Interval, change: ValueChange) -> bool:
    """Whether the interval's value is the one before the change."""
    value = interval.fact.value
    return value.value == change.was if isinstance(value, Quantity) else show(value) == change.before


def _flapping(change: ValueChange, history: Sequence[Interval], since: datetime, remember: timedelta) -> Iterator[Hold]:
    """One hold for each place whose value keeps coming back to what it was."""
    places: dict[tuple[View, str, str], list[Interval]] = {}
    for one in sorted(history, key=lambda one: one.first_seen):
        origin = one.fact.origin
        places.setdefault((one.fact.view, origin.source, origin.locator), []).append(one)
    for (_, source, locator), intervals in sorted(places.items()):
        returns = _returns(intervals, since)
        if len(returns) >= RETURNS:
            values = " → ".join(show(one.fact.value) for one in intervals[-4:])
            reason = (
                f"{change.key} of {change.subject} changes back and forth in {locator or source}: {values}"
                f" ({len(returns)} times back within {span_told(remember)}); find out who or what changes it"
            )
            yield Hold(Guard.TUG_OF_WAR, reason, later(returns[-RETURNS], remember))


def _returns(intervals: Sequence[Interval], since: datetime) -> list[datetime]:
    """When the value became one again that it had been before and was not in between."""
    found = []
    for index, one in enumerate(intervals[1:], start=1):
        seen = [other.fact.value for other in intervals[:index]]
        if one.fact.value in seen and seen[-1] != one.fact.value and one.first_seen > since:
            found.append(one.first_seen)
    return found
