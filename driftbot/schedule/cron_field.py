"""One field of a cron expression: its bounds and names, and the values that its text allows."""

from __future__ import annotations

import re
from enum import Enum

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""In cron's order: Sunday is 0 (and 7)."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_PART = re.compile(r"(?P<first>\*|[^-/]+)(?:-(?P<last>[^-/]+))?(?:/(?P<step>[^-/]+))?")
_FOREIGN = {
    "?": "only Quartz knows `?`; write `*`",
    "L": "the last day cannot be said in cron; write 28, or let nights begin on the 1st",
    "W": "the nearest working day cannot be said in cron; write days of the week: 1-5",
    "#": "the n-th weekday of a month cannot be said in cron",
    "H": "only Jenkins knows `H`; write a number, the jitter spreads the load",
}


class CronError(ValueError):
    """A cron expression that cannot be used: the field, what it holds, and what to write instead."""


class Field(Enum):
    """The five fields in their order: what a message calls them, their bounds, and how many values there are."""

    MINUTE = ("minute", 0, 59)
    HOUR = ("hour", 0, 23)
    DAY = ("day of month", 1, 31)
    MONTH = ("month", 1, 12)
    WEEKDAY = ("day of week", 0, 7)

    def __init__(self, told: str, least: int, most: int) -> None:
        self.told, self.least, self.most = told, least, most

    @property
    def names(self) -> tuple[str, ...]:
        """Words for its values, from ``least`` on; none for numbers only."""
        return {"MONTH": MONTHS, "WEEKDAY": WEEKDAYS}.get(self.name, ())

    @property
    def every(self) -> tuple[int, ...]:
        """All its values, Sunday once."""
        return tuple(range(self.least, 7 if self is Field.WEEKDAY else self.most + 1))


def read_field(text: str, field: Field) -> tuple[int, ...]:
    """The values that the text allows, sorted; Sunday is 0.

    A list of ``*``, numbers, names, ranges, and ranges with a step.

    Raises:
        CronError: it is none of those, or lies outside the field's bounds.
    """
    values = {value for part in text.split(",") for value in _values(part, text, field)}
    return tuple(sorted({value % 7 for value in values} if field is Field.WEEKDAY else values))


def _values(part: str, text: str, field: Field) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise _refused(field, text, _hint(part, field))
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*" and last:
        raise _refused(field, text, "`*` is every value already; leave the range away")
    if step and first != "*" and not last:
        raise _refused(field, text, f"a step needs a range; write {first}-{field.every[-1]}/{step}")
    low, high = _bounds(first, last, text, field)
    return range(low, high + 1, _step(step, text, field))


def _bounds(first: str, last: str | None, text: str, field: Field) -> tuple[int, int]:
    if first == "*":
        return field.least, field.every[-1]
    low = _number(first, text, field)
    high = low if last is None else _number(last, text, field)
    if field is Field.WEEKDAY and last is not None and high == 0 and low > 0:
        high = 7  # a week that ends with Sunday
    if high < low:
        wrapped = f"{first}-{field.every[-1]},{field.least}-{last}"
        raise _refused(field, text, f"the range runs backwards; write {wrapped}")
    return low, high


def _number(word: str, text: str, field: Field) -> int:
    if word.lower() in field.names:
        return field.names.index(word.lower()) + field.least
    if not (word.isascii() and word.isdigit() and len(word) <= 3):
        raise _refused(field, text, _hint(word, field))
    if not field.least <= int(word) <= field.most:
        raise _refused(field, text, f"{int(word)} is not between {field.least} and {field.most}")
    return int(word)


def _step(word: str | None, text: str, field: Field) -> int:
    if word is None:
        return 1
    if not (word.isascii() and word.isdigit() and len(word) <= 3 and int(word)):
        raise _refused(field, text, f"a step is a whole number from 1 on, not {word!r}")
    if int(word) >= len(field.every):
        raise _refused(field, text, f"a step of {int(word)} never comes round: there are {len(field.every)} values")
    return int(word)


def _hint(word: str, field: Field) -> str:
    foreign = next((told for sign, told in _FOREIGN.items() if sign in word.upper()), "")
    if foreign and not word.isdigit():
        return foreign
    names = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
    return f"write numbers from {field.least} to {field.most}{names}: 5, 1-5, */2, or a list of these"


def _refused(field: Field, text: str, hint: str) -> CronError:
    return CronError(f"the {field.told} {text!r} of the cron expression: {hint}")
