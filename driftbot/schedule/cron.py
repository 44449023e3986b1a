"""Cron expressions of five fields, as cron itself understands them (crontab(5) of Debian's cron)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from driftbot.schedule.cron_field import CronError, Field, read_field

_SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MOST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class CronExpression:
    """When something begins: minutes, hours, days of the month, months (1 to 12) and weekdays (Sunday is 0), sorted.

    ``text`` is as somebody wrote it, ``words`` are its five fields.
    ``days_add_up`` is cron's odd rule: where neither the day of the month nor the day of the week begins with ``*``, a
    day that either of them names will do; else it has to be one that both of them allow. ``every_hour`` says that the
    hour begins with ``*``: such schedules follow the hours that really pass, all others the clock on the wall.
    """

    text: str
    words: tuple[str, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    days_add_up: bool = False
    every_hour: bool = False

    def on(self, day: date) -> bool:
        """Whether something begins on that day."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.days_add_up else of_month and of_week

    @property
    def any_day(self) -> bool:
        """Whether it names no day of the month."""
        return self.days == Field.DAY.every

    @property
    def any_weekday(self) -> bool:
        """Whether it names no day of the week."""
        return self.weekdays == Field.WEEKDAY.every


def read_cron(text: str) -> CronExpression:
    """Understand a cron expression: five fields, or ``@daily`` and its kind.

    Raises:
        CronError: it is none, or the day that it names never comes; the message names the field and what to write.
    """
    words = _SHORT.get(text.strip().lower(), text).split()
    if len(words) != len(Field):
        raise CronError(_not_five(text, words))
    minutes, hours, days, months, weekdays = map(read_field, words, Field)
    stars = [word.startswith("*") for word in words]
    add_up = not stars[2] and not stars[4]
    found = CronExpression(
        text.strip(), tuple(words), minutes, hours, days, months, weekdays, add_up, every_hour=stars[1]
    )
    _refuse_never(found)
    return found


def _not_five(text: str, words: list[str]) -> str:
    if text.strip().startswith("@"):
        return f"the cron expression {text.strip()!r} is unknown; known are {', '.join(_SHORT)}"
    order = ", ".join(field.told for field in Field)
    seconds = "; seconds and years cannot be said" if len(words) > len(Field) else ""
    return f"the cron expression {text!r} has {len(words)} fields, not five ({order}){seconds}"


def _refuse_never(cron: CronExpression) -> None:
    if cron.days_add_up or any(cron.days[0] <= _MOST_DAYS[month - 1] for month in cron.months):
        return
    raise CronError(f"the cron expression {cron.text!r} names a day that never comes: day {cron.days[0]} of that month")
