"""Cooldown: how soon after a change a subject may be changed again, and how long a failed playbook rests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from driftbot.core.hold import Guard, Hold
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.remedy import Remedy
from driftbot.core.run import Run
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ledger import earlier, last_change, later, subjects_of

_MOST_DOUBLINGS = 30


def cooldown(remedy: Remedy, circumstances: Circumstances) -> timedelta:
    """The longer of what the options and the playbook say, doubled by each attempt that did not help."""
    options = circumstances.options
    playbook = circumstances.playbooks.get(remedy.playbook)
    said = timedelta(seconds=parse_quantity(playbook.limits.cooldown, Unit.SECONDS).value) if playbook else timedelta()
    span = max(options.cooldown, said)
    attempts = circumstances.ledger.attempts(remedy, earlier(circumstances.now, options.remember))
    doubled = span.total_seconds() * 2 ** min(len(attempts), _MOST_DOUBLINGS)
    return max(span, timedelta(seconds=min(doubled, options.remember.total_seconds())))


def held_by_cooldown(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What was changed too recently, and what belongs to a playbook that has just failed."""
    span = cooldown(remedy, circumstances)
    for subject in sorted(subjects_of(remedy)):
        recent = _last(circumstances.ledger.of_subject(subject))
        if recent and circumstances.now < later(last_change(recent), span):
            until = later(last_change(recent), span)
            reason = f"run {recent.number} changed {subject} {_moment(last_change(recent))}; it cools down until"
            yield Hold(Guard.COOLDOWN, f"{reason} {_moment(until)}", until)
    if failure := circumstances.ledger.last_failure(remedy.playbook):
        failed, at = failure
        until = later(at, circumstances.options.rest)
        if circumstances.now < until:
            reason = f"run {failed.number} of {remedy.playbook} failed ({failed.state}); the playbook rests until"
            yield Hold(Guard.COOLDOWN, f"{reason} {_moment(until)}", until)


def _last(runs: Iterable[Run]) -> Run | None:
    return max(runs, key=last_change, default=None)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
