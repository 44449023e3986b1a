"""The five words of a cron expression for others that read cron: cron itself, and the controller of Kubernetes."""

from __future__ import annotations

from driftbot.schedule.cron import CronExpression
from driftbot.schedule.cron_field import Field
from driftbot.schedule.night_schedule import NotExpressible
from driftbot.schedule.number_list import number_list


def crontab_words(cron: CronExpression) -> str:
    """As every cron reads it: numbers only, and a ``*`` where it decides how days are combined."""
    day, weekday = (_starred(cron, 2, Field.DAY, cron.days), _starred(cron, 4, Field.WEEKDAY, cron.weekdays))
    return " ".join((_clock(cron), day, _free(cron.months, Field.MONTH), weekday))


def kubernetes_words(cron: CronExpression) -> str:
    """As the CronJob controller reads it (github.com/robfig/cron v3): only a bare ``*`` lets the other field decide.

    Raises:
        NotExpressible: both the day of the month and the day of the week are to hold, which it cannot say.
    """
    if cron.days_add_up:
        days = number_list(cron.days, "-"), number_list(cron.weekdays, "-")
    elif cron.any_day or cron.any_weekday:
        days = _free(cron.days, Field.DAY), _free(cron.weekdays, Field.WEEKDAY)
    else:
        raise NotExpressible(
            f"the cron expression {cron.text!r} means days that are both {cron.words[2]!r} of the month and "
            f"{cron.words[4]!r} of the week; Kubernetes would take those that are either: name only one of them"
        )
    return " ".join((_clock(cron), days[0], _free(cron.months, Field.MONTH), days[1]))


def _clock(cron: CronExpression) -> str:
    # Where clocks are changed, cron follows the hours that really pass only for a word that begins with a star.
    hours = cron.words[1] if cron.every_hour else number_list(cron.hours, "-")
    return f"{_free(cron.minutes, Field.MINUTE)} {hours}"


def _free(values: tuple[int, ...], field: Field) -> str:
    return "*" if values == field.every else number_list(values, "-")


def _starred(cron: CronExpression, word: int, field: Field, values: tuple[int, ...]) -> str:
    """The word, with a star in front exactly where it has one: a star is what makes cron ask for both days."""
    if not cron.words[word].startswith("*"):
        return number_list(values, "-")
    return "*" if values == field.every else cron.words[word]
