"""Working hours: when things may be changed, by the clock on the wall, through nights and daylight saving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.options import Weekday, WorkingHours

_WEEK = 8
"""Days to look ahead: hours that begin on one day of the week begin within these, today's and next week's same day."""
_SECOND = timedelta(seconds=1)


def held_by_hours(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What is in an environment outside its hours."""
    for environment in remedy.environments:
        hours = [
            entry
            for entry in circumstances.options.hours
            if any(fnmatchcase(environment, glob) for glob in entry.environments)
        ]
        if hours and not any(is_open(entry, circumstances.now) for entry in hours):
            again = opens(hours, circumstances.now)
            told = f"; they begin {again:%Y-%m-%d %H:%M} UTC" if again else ""
            yield Hold(Guard.HOURS, f"{environment} is outside its hours ({_named(hours)}){told}", again)


def is_open(hours: WorkingHours, moment: datetime) -> bool:
    """Whether the clock on the wall is inside the hours: an hour that a clock repeats is inside twice."""
    local = moment.astimezone(ZoneInfo(hours.zone))
    clock = local.time()
    if hours.from_ < hours.to:
        return _begins_on(hours, local.date()) and hours.from_ <= clock < hours.to
    evening = _begins_on(hours, local.date()) and clock >= hours.from_
    return evening or (_begins_on(hours, local.date() - timedelta(days=1)) and clock < hours.to)


def opens(hours: Sequence[WorkingHours], moment: datetime) -> datetime | None:
    """The first moment after this one inside any of the hours; None where the calendar ends before."""
    found = (one for entry in hours for one in _beginnings(entry, moment) if one > moment and is_open(entry, one))
    return min(found, default=None)


def closes(hours: Sequence[WorkingHours], moment: datetime) -> datetime | None:
    """The first moment after this one outside all of the hours; None where they never end."""
    found = (one for entry in hours for one in _edges(entry, moment, entry.to) if one > moment)
    return min((one for one in found if not any(is_open(entry, one) for entry in hours)), default=None)


def _beginnings(hours: WorkingHours, moment: datetime) -> Iterator[datetime]:
    """Moments at which the hours may begin."""
    return _edges(hours, moment, hours.from_)


def _edges(hours: WorkingHours, moment: datetime, edge: time) -> Iterator[datetime]:
    """When the clock shows this time, both moments where it does so twice, and midnights."""
    zone = ZoneInfo(hours.zone)
    today = moment.astimezone(zone).date()
    for ahead in range(-1, _WEEK + 1):
        try:
            day = today + timedelta(days=ahead)
            for clock in (edge, time()):
                yield from _moments(day, clock, zone)
        except OverflowError:
            return


def _moments(day: date, clock: time, zone: ZoneInfo) -> Iterator[datetime]:
    first, second = (datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if second >= first:
        yield from (first, second)
        return
    # A time that the clock skips: what begins then begins at the skip, which lies between the two readings.
    before = second.astimezone(zone).utcoffset()
    while first - second > _SECOND:
        middle = second + (first - second) / 2
        if middle.astimezone(zone).utcoffset() == before:
            second = middle
        else:
            first = middle
    yield first.replace(microsecond=0)


def _begins_on(hours: WorkingHours, day: date) -> bool:
    return tuple(Weekday)[day.weekday()] in hours.days


def _named(hours: Sequence[WorkingHours]) -> str:
    return "; ".join(f"{' '.join(one.days)} {one.from_:%H:%M}–{one.to:%H:%M} {one.zone}" for one in hours)
