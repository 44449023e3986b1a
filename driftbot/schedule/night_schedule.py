"""When nights begin and how long they may take; and what a schedule becomes: files, and what has to be said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from driftbot.schedule.cron import CronExpression
from driftbot.schedule.occurrences import doubled, skipped

_CLOCK = "%Y-%m-%d %H:%M"


class Running(StrEnum):
    """Who begins the nights: the system's own timer, or ``driftbot serve``, which stays awake."""

    TIMER = "timer"
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class NightSchedule:
    """When nights begin: ``cron`` by the clock of ``zone`` (IANA), up to ``jitter`` later.

    A night that runs longer than ``longest`` is stopped; one that was missed is caught up within ``catch_up``.
    """

    cron: CronExpression
    zone: str
    jitter: timedelta
    longest: timedelta
    catch_up: timedelta


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A file to be installed: its name and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Units:
    """The files, what a person has to know about them, and what is to be done with them, in order."""

    files: tuple[UnitFile, ...]
    remarks: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class NotExpressible(Exception):
    """A schedule that a system's timer cannot say exactly; the message says why and what would do."""


def clock_remarks(schedule: NightSchedule, timer: str, begins_twice: bool, now: datetime) -> Iterator[str]:
    """Sentences on what the timer makes of a night that clocks are changed over; none where hours really pass."""
    if schedule.cron.every_hour:
        return
    zone = ZoneInfo(schedule.zone)
    lost = next(skipped(schedule.cron, zone, now), None)
    twice = next(doubled(schedule.cron, zone, now), None) if begins_twice else None
    if lost is not None:
        yield f"{timer} leaves out a night that clocks are put forward over: {lost:{_CLOCK}} {zone} does not exist"
    if twice is not None:
        yield f"{timer} begins a night twice that clocks are put back over: {twice:{_CLOCK}} {zone} comes twice"
    if lost is not None or twice is not None:
        yield "let nights begin when no clock is changed, or name the zone UTC; `driftbot serve` begins each night once"
