"""Schedules of CronJobs: how soon after each other two runs may start.

The syntax is robfig/cron's standard one, which Kubernetes uses (https://pkg.go.dev/github.com/robfig/cron/v3): five
fields with names, ranges, steps and ``?``, the macros, and ``@every``.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity

_MACROS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13), strict=True))  # noqa: SIM905
_DAYS = dict(zip("sun mon tue wed thu fri sat".split(), range(7), strict=True))  # noqa: SIM905
_BOUNDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
# Long enough to hold every pattern of the calendar but the century's: leap years and weekdays repeat after 28 years.
_CALENDAR = tuple(date(2001, 1, 1) + timedelta(days=day) for day in range(28 * 1461 // 4 + 1))
_MINUTES_A_DAY = 1440


class NotASchedule(ValueError):
    """The text is no schedule that Kubernetes would take."""


@cache
def shortest_interval(schedule: str) -> float | None:
    """The shortest time in seconds between two runs; None where it never runs or only once.

    Raises:
        NotASchedule: a field cannot be read.
    """
    text = re.sub(r"^(?:CRON_)?TZ=\S+\s+", "", schedule.strip())
    if text.startswith("@every "):
        return _every(text.removeprefix("@every "))
    fields = _MACROS.get(text, text).split()
    if len(fields) != len(_BOUNDS):
        raise NotASchedule(f"{schedule!r} is no schedule: write five fields, e.g. '30 2 * * *', or @daily")
    minutes, hours, days, months, weekdays = (
        _values(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)
    )
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    either = not (fields[2][0] in "*?" or fields[4][0] in "*?")
    dates = [
        number
        for number, day in enumerate(_CALENDAR)
        if day.month in months and _meets(day.day in days, day.isoweekday() % 7 in weekdays, either)
    ]
    gaps = [later - earlier for earlier, later in pairwise(times)] if dates else []
    gaps += [(later - earlier) * _MINUTES_A_DAY + times[0] - times[-1] for earlier, later in pairwise(dates)]
    return 60.0 * min(gaps) if gaps else None


def _meets(day: bool, weekday: bool, either: bool) -> bool:
    return day or weekday if either else day and weekday


def _every(text: str) -> float:
    try:
        return parse_quantity(text, Unit.SECONDS).value
    except NotAQuantity as error:
        raise NotASchedule(f"@every {text}: {error}") from None


def _values(field: str, first: int, last: int, names: dict[str, int]) -> set[int]:
    return {value for part in field.split(",") for value in _range(part, first, last, names)}


def _range(part: str, first: int, last: int, names: dict[str, int]) -> range:
    match = re.fullmatch(r"(?P<low>\*|\?|\w+)(?:-(?P<high>\w+))?(?:/(?P<step>\d+))?", part)
    if match is None:
        raise NotASchedule(f"{part!r} is no field of a schedule")
    low, high, step = match["low"], match["high"], int(match["step"] or 1)
    if low in "*?":
        start, stop = first, last
    else:
        start = _number(low, names)
        stop = _number(high, names) if high else (last if match["step"] else start)
    if not (first <= start <= stop <= last) or step == 0:
        raise NotASchedule(f"{part!r} is outside {first}-{last}")
    return range(start, stop + 1, step)


def _number(text: str, names: dict[str, int]) -> int:
    known = names.get(text.lower())
    if known is None and not text.isdecimal():
        raise NotASchedule(f"{text!r} is neither a number nor a name")
    return int(text) if known is None else known
