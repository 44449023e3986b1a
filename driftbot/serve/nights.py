"""When the next night begins: from the schedule and the last night that is kept, whatever happened in between. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from driftbot.schedule.cron import CronExpression, read_cron
from driftbot.schedule.occurrences import last_until, next_after
from driftbot.serve_options import ServeOptions

ON_TIME = timedelta(minutes=1)
"""A night that begins so much later than it should is still in time (ours): looks come every few seconds."""
_MOST_COUNTED = 1000
"""Missed nights are counted up to here; who missed more knows enough."""


@dataclass(frozen=True, slots=True)
class ComingNight:
    """A night that is to begin: ``planned`` by the schedule, at ``begins`` with its jitter.

    ``missed`` counts the nights before it that nobody ran (up to a thousand). ``catches_up`` says that it should have
    begun earlier and begins now.
    """

    planned: datetime
    begins: datetime
    missed: int = 0

    def catches_up(self, now: datetime) -> bool:
        """Whether it begins later than it should have."""
        return now - self.begins > ON_TIME


@dataclass(frozen=True, slots=True)
class Timetable:
    """When nights begin: a cron expression on a wall clock, jitter, and how long a missed night is worth catching up.

    ``awake`` is how long at most a night may wait that was planned while somebody watched: behind other errands, or to
    be tried again. It was not missed, so ``catch_up`` says nothing of it. ``salt`` tells estates apart: each has a
    jitter of its own, which is the same for the same night after a restart.
    """

    cron: CronExpression
    zone: ZoneInfo
    jitter: timedelta
    catch_up: timedelta
    awake: timedelta = timedelta(hours=4)
    salt: str = ""

    @classmethod
    def of(cls, options: ServeOptions, salt: str) -> Timetable:
        """The timetable that the configuration asks for."""
        cron, zone = read_cron(options.cron), ZoneInfo(options.zone)
        return cls(cron, zone, options.jitter, options.catch_up, options.longest_night, salt)

    def coming(self, settled: datetime, now: datetime, since: datetime | None = None) -> ComingNight:
        """The night to begin next, now or later; ``since`` is from when on somebody watched (None: it is not known).

        Everything that was planned up to ``settled`` is done: that is the time of the last night that is kept, or when
        waiting began where there is none. Of the nights missed since then only the last one is caught up, and only
        within ``catch_up`` of its beginning. Each planned night comes until a night is kept that is not older than it,
        so that neither jitter nor restarts nor a clock that is put back doubles or loses one.
        """
        last = last_until(self.cron, self.zone, now)
        if settled < last and now - self.begins(last) <= self._worth(last, since):
            return ComingNight(last, self.begins(last), self._missed(settled, last))
        following = next_after(self.cron, self.zone, max(settled, now))
        return ComingNight(following, self.begins(following), self._missed(settled, following))

    def begins(self, planned: datetime) -> datetime:
        """A planned night's own beginning: up to ``jitter`` later, and never past the middle between two nights."""
        room = (next_after(self.cron, self.zone, planned) - planned) / 2
        digest = sha256(f"{self.salt}\n{planned.isoformat()}".encode()).digest()
        share = int.from_bytes(digest[:8]) / 2**64
        return planned + min(self.jitter, room) * share

    def _worth(self, planned: datetime, since: datetime | None) -> timedelta:
        """How long after its beginning a night may still begin."""
        watched = since is not None and since <= planned
        return max(ON_TIME, self.catch_up, self.awake if watched else timedelta())

    def overdue(self, settled: datetime, now: datetime, longest: timedelta) -> datetime | None:
        """The last night planned so long ago that it has ended, though it is not settled; None where all are."""
        last = last_until(self.cron, self.zone, now - self.jitter - longest)
        return last if settled < last else None

    def _missed(self, settled: datetime, until: datetime) -> int:
        """How many nights were planned after ``settled`` and before ``until``."""
        count, at = 0, settled
        while count < _MOST_COUNTED and (at := next_after(self.cron, self.zone, at)) < until:
            count += 1
        return count
