"""When a schedule begins on the real time line: a wall clock that is put forward or back loses and doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from driftbot.schedule.cron import CronExpression

_YEARS = 41
"""29 February on a given weekday comes round within 40 years, but for a century that is no leap year."""
_DAY = timedelta(days=1)


def next_after(cron: CronExpression, zone: ZoneInfo, moment: datetime) -> datetime:
    """The first beginning after ``moment``, in UTC.

    A wall-clock time that is skipped when clocks are put forward begins when they are (cron(8) of Debian: jobs of the
    skipped hour run at once); one that comes twice when they are put back begins the first time only. Where the hour
    of the expression begins with ``*``, hours are those that really pass.

    Raises:
        ValueError: nothing begins within 41 years.
    """
    first = moment.astimezone(zone).date() - _DAY
    for number in range(_YEARS * 366):
        for beginning in _of_day(cron, zone, first + number * _DAY):
            if beginning > moment:
                return beginning
    raise ValueError(f"{cron.text!r} does not begin within {_YEARS} years")


def last_until(cron: CronExpression, zone: ZoneInfo, moment: datetime) -> datetime:
    """The last beginning not after ``moment``, in UTC.

    Raises:
        ValueError: nothing began within 41 years.
    """
    last = moment.astimezone(zone).date() + _DAY
    for number in range(_YEARS * 366):
        for beginning in reversed(_of_day(cron, zone, last - number * _DAY)):
            if beginning <= moment:
                return beginning
    raise ValueError(f"{cron.text!r} did not begin within {_YEARS} years")


def skipped(cron: CronExpression, zone: ZoneInfo, moment: datetime, years: int = 3) -> Iterator[datetime]:
    """Wall-clock times (without zone) of the schedule that clocks jump over within so many years after ``moment``.

    A timer that knows no better leaves these out: systemd's and Kubernetes' do.
    """
    return (wall for wall in _on_changing_days(cron, zone, moment, years) if not _exists(wall, zone))


def doubled(cron: CronExpression, zone: ZoneInfo, moment: datetime, years: int = 3) -> Iterator[datetime]:
    """Wall-clock times (without zone) of the schedule that come twice within so many years after ``moment``.

    A timer that knows no better begins at both: Kubernetes' does.
    """
    walls = _on_changing_days(cron, zone, moment, years)
    return (wall for wall in walls if _exists(wall, zone) and _placed(wall, zone, 0) != _placed(wall, zone, 1))


def _on_changing_days(cron: CronExpression, zone: ZoneInfo, moment: datetime, years: int) -> Iterator[datetime]:
    first = moment.astimezone(zone).date()
    for number in range(years * 366):
        day = first + number * _DAY
        if cron.on(day) and not _uniform(day, zone):
            yield from _wall_times(cron, day)


def _of_day(cron: CronExpression, zone: ZoneInfo, day: date) -> list[datetime]:
    """All beginnings of a day of the wall clock, in order, each once."""
    if not cron.on(day):
        return []
    found = {moment for wall in _wall_times(cron, day) for moment in _moments(wall, zone, cron.every_hour)}
    return sorted(found)


def _wall_times(cron: CronExpression, day: date) -> Iterator[datetime]:
    for hour in cron.hours:
        for minute in cron.minutes:
            yield datetime.combine(day, time(hour, minute))


def _moments(wall: datetime, zone: ZoneInfo, as_hours_pass: bool) -> Iterator[datetime]:
    if _exists(wall, zone):
        yield _placed(wall, zone, 0)
        if as_hours_pass:
            yield _placed(wall, zone, 1)
    elif not as_hours_pass:
        yield _end_of_gap(wall, zone)


def _placed(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    return _placed(wall, zone, 0).astimezone(zone).replace(tzinfo=None) == wall


def _uniform(day: date, zone: ZoneInfo) -> bool:
    """Whether clocks are not changed on that day."""
    ends = (datetime.combine(day + number * _DAY, time(), zone).utcoffset() for number in (0, 1))
    return len(set(ends)) == 1


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """When clocks are put forward over a wall-clock time that is skipped (PEP 495: the folds lie around it)."""
    before, after = _placed(wall, zone, 1), _placed(wall, zone, 0)
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
