"""Cron expressions as systemd's calendar events (systemd.time(7)); two of them where cron's odd rule needs two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from driftbot.schedule.cron import CronExpression
from driftbot.schedule.cron_field import Field
from driftbot.schedule.number_list import number_list

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def calendar_events(cron: CronExpression, zone: str) -> tuple[str, ...]:
    """What ``OnCalendar=`` has to say, once each: the timer elapses when any of them does."""
    return tuple(f"{event} {zone}" for event in _events(cron))


def _events(cron: CronExpression) -> Iterator[str]:
    if cron.days_add_up:
        yield _event(replace(cron, weekdays=Field.WEEKDAY.every))
        yield _event(replace(cron, days=Field.DAY.every))
    else:
        yield _event(cron)


def _event(cron: CronExpression) -> str:
    months, days = _part(cron.months, Field.MONTH), _part(cron.days, Field.DAY)
    clock = f"{_part(cron.hours, Field.HOUR)}:{_part(cron.minutes, Field.MINUTE)}:00"
    weekdays = "" if cron.any_weekday else f"{_weekdays(cron.weekdays)} "
    return f"{weekdays}*-{months}-{days} {clock}"


def _part(values: tuple[int, ...], field: Field) -> str:
    return "*" if values == field.every else number_list(values, "..", width=2)


def _weekdays(values: tuple[int, ...]) -> str:
    """systemd's week begins on Monday."""
    return number_list(sorted((value - 1) % 7 for value in values), "..", _WEEKDAYS)
