"""The agenda: what is to be done next and when, from what the store knows and what this process did. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftbot.core.message import ChannelHealth
from driftbot.notices.options import ChannelOptions
from driftbot.notices.quiet_hours import quiet
from driftbot.serve.errand import Due, Errand, ErrandKind
from driftbot.serve.nights import ComingNight, Timetable

RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=45))
"""How long after a night that kept nothing it is tried again (ours); after these it is given up until the next one."""
SOON = timedelta(seconds=5)
"""How long a delivery after a chat decision waits for others to join (ours)."""
GO_ON_AGAIN = timedelta(hours=1)
"""How long a run that is still due after it was looked at waits for the next look (ours)."""
DELIVER_AGAIN = (timedelta(minutes=5), timedelta(hours=1))
"""A failing channel is tried again after as long as it fails, between these bounds (ours)."""
RECONCILED = timedelta(hours=1)
"""How long after it was tried last a channel is looked at again whatever happens (ours): what a rate limit left over is
sent, and what says the right thing already costs nothing.
"""


@dataclass(frozen=True, slots=True)
class Sighted:
    """What the store knows, as far as errands depend on it.

    ``last_night`` is the time that the last night speaks of and ``kept`` when it was written down, ``run_due`` when the
    first of the runs is to be looked at, ``snoozes`` the ends of all snoozes.
    """

    at: datetime
    last_night: datetime | None = None
    kept: datetime | None = None
    run_due: datetime | None = None
    snoozes: tuple[datetime, ...] = ()
    channels: tuple[ChannelHealth, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A planned night that kept nothing: how often it was tried, and when it ended last."""

    planned: datetime
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """What this process did and was asked for.

    ``since`` is when it began to watch; ``asked`` a night on demand that is still to begin; ``went_on`` and
    ``delivered`` when the last of these errands began; ``redeliver`` is when a delivery that failed is tried once more,
    ``delivery_failed`` whether the last one did. ``decided`` is when somebody last decided something in a chat that the
    channels do not show yet, ``approved`` what enough people approved there: a remedy's digest and the last of them.
    """

    since: datetime
    asked: datetime | None = None
    failed: Failed | None = None
    went_on: datetime | None = None
    delivered: datetime | None = None
    redeliver: datetime | None = None
    delivery_failed: bool = False
    decided: datetime | None = None
    approved: tuple[tuple[str, str], ...] = ()

    def night_failed(self, planned: datetime, at: datetime) -> Memory:
        """A planned night ended and kept nothing."""
        times = self.failed.times + 1 if self.failed and self.failed.planned == planned else 1
        return replace(self, failed=Failed(planned, times, at))


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is asked for by the configuration: when nights begin, and which channels are told."""

    timetable: Timetable
    channels: tuple[ChannelOptions, ...] = ()

    def due(self, sighted: Sighted, memory: Memory, now: datetime) -> tuple[Due, ...]:
        """What is to be done next in each kind, the more urgent first; at least the next night."""
        found = (
            *_on_demand(memory),
            self._night(sighted, memory, now),
            *_approved(memory),
            *_going_on(sighted, memory),
            *self._delivery(sighted, memory),
        )
        order = list(ErrandKind)
        return tuple(sorted(found, key=lambda due: (order.index(due.errand.kind), due.at)))

    def coming(self, sighted: Sighted, memory: Memory, now: datetime) -> ComingNight:
        """The night to begin next; one that was given up is behind us."""
        settled = sighted.last_night or memory.since
        found = self.timetable.coming(settled, now, memory.since)
        if memory.failed and memory.failed.planned == found.planned and memory.failed.times > len(RETRIES):
            return self.timetable.coming(found.planned, now, memory.since)
        return found

    def _night(self, sighted: Sighted, memory: Memory, now: datetime) -> Due:
        night = self.coming(sighted, memory, now)
        failed = memory.failed
        if failed and failed.planned == night.planned:
            why = f"tried again: it kept nothing, {failed.times} of {len(RETRIES) + 1} times"
            return Due(Errand(ErrandKind.NIGHT, why, night.planned), failed.at + RETRIES[failed.times - 1])
        return Due(Errand(ErrandKind.NIGHT, _why(night, now), night.planned), night.begins)

    def _delivery(self, sighted: Sighted, memory: Memory) -> Iterator[Due]:
        if self.channels and sighted.last_night is not None:
            reasons = sorted(self._reasons(sighted, memory), key=lambda reason: reason[0])
            yield from (Due(Errand(ErrandKind.DELIVER, why), at) for at, why in reasons[:1])

    def _reasons(self, sighted: Sighted, memory: Memory) -> Iterator[tuple[datetime, str]]:
        """Every reason to deliver, with the moment from which on it holds."""
        soonest = memory.since
        if memory.delivered:
            soonest = memory.delivered + DELIVER_AGAIN[0]
        if memory.decided:
            yield memory.decided + SOON, "somebody decided in a chat"
        if memory.redeliver:
            yield memory.redeliver, "the last delivery failed"
        for options in self.channels:
            yield from ((max(at, soonest), why) for at, why in _reasons_of(options, sighted))


def _reasons_of(options: ChannelOptions, sighted: Sighted) -> Iterator[tuple[datetime, str]]:
    """What one channel is still to be told, by when it was tried last: so nothing is lost with a process."""
    health = next((one for one in sighted.channels if one.channel == options.name), None)
    if health is None:
        yield sighted.at, f"{options.name} was never told anything"
        return
    if sighted.kept is not None and health.tried < sighted.kept:
        yield sighted.kept, f"{options.name} was not told of the last night"
    if held := quiet(options.quiet, health.tried):
        yield held.until, f"the quiet hours of {options.name} end"
    yield from ((end, "a snooze ends") for end in sighted.snoozes if end > health.tried)
    if health.failing_since is None:
        yield health.tried + RECONCILED, f"{options.name} was told an hour ago; what is left is told"
    else:
        least, most = DELIVER_AGAIN
        yield health.tried + min(max(health.tried - health.failing_since, least), most), f"{options.name} is failing"


def _why(night: ComingNight, now: datetime) -> str:
    missed = f"; {night.missed} missed before it are not caught up" if night.missed else ""
    return ("caught up" if night.catches_up(now) else "as planned") + missed


def _on_demand(memory: Memory) -> Iterator[Due]:
    if memory.asked:
        yield Due(Errand(ErrandKind.NIGHT, "asked for"), memory.asked)


def _approved(memory: Memory) -> Iterator[Due]:
    for remedy, by in memory.approved:
        yield Due(Errand(ErrandKind.APPLY, f"approved by {by}", remedy=remedy, by=by), memory.since)


def _going_on(sighted: Sighted, memory: Memory) -> Iterator[Due]:
    if sighted.run_due is not None:
        again = sighted.run_due
        if memory.went_on and memory.went_on >= sighted.run_due:
            again = memory.went_on + GO_ON_AGAIN
        yield Due(Errand(ErrandKind.GO_ON, "a run is due"), again)
