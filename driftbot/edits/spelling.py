"""Quantities in the notation that their author chose: the same unit, the same style, no more digits than are meant.

What a bare number counts is not written in a file: ``30000`` that is read as 30 s counts milliseconds. The factor
between the number that stands there and the quantity that was read tells it, for every unit alike.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.edits.composed_duration import is_composed, spell_composed
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.numeral import spell_number, without_noise
from driftbot.edits.rounding import Rounding, nearly_whole, rounded

_SAME = 1e-9
"""Relative difference below which two numbers are one: what arithmetic on doubles leaves."""

_COARSE = 10
"""Below so many of its unit a value is rounded to digits behind the point, or to a smaller unit: 2.3Gi is not 3Gi."""

_WRITTEN = re.compile(
    r"(?P<sign>[+-]?)(?P<number>0[xX][\da-fA-F]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"(?P<space>\s*)(?P<suffix>(?:[A-Za-zµ%][A-Za-z]*)?(?:/[a-zµ]+)?)"
)
_FINER = {
    "y": ("d", 365), "w": ("d", 7), "d": ("h", 24), "h": ("m", 60), "m": ("s", 60), "min": ("s", 60),
    "s": ("ms", 1000), "sec": ("ms", 1000),
}  # fmt: skip
_THOUSANDS = tuple(float(base) ** power for power in range(1, 6) for base in (1024, 1000))
_BARE_SCALES = {
    Unit.SECONDS: (1.0, 1e-3, 60.0, 1e-6, 1e-9, 3600.0, 86400.0, 604800.0),
    Unit.RATIO: (1.0, 0.01),
    Unit.BYTES: (1.0, *_THOUSANDS),
    Unit.COUNT: (1.0, 1e3, 1e6, 1e9),
    Unit.CORES: (1.0, 1e-3),
    Unit.PER_SECOND: (1.0, 1 / 60, 1 / 3600),
}
"""What bare numbers count, by unit: keys of settings name milliseconds, minutes, percent, megabytes."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A quantity as it is written, and what that reads as: rounded, it is not quite what was asked for."""

    text: str
    value: Quantity

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Notation:
    """How one number with one unit is written; ``scale`` is what one of it is in the quantity's own unit."""

    number: str
    space: str
    suffix: str
    scale: float

    @property
    def is_whole(self) -> bool:
        """Whether the author writes whole numbers."""
        return re.search(r"[.eE]", self.number) is None or self.number[:2] in ("0x", "0X")

    def finer(self) -> _Notation | None:
        """The next smaller unit of time; None where there is none."""
        if self.suffix not in _FINER:
            return None
        suffix, parts = _FINER[self.suffix]
        return _Notation(self.number, self.space, suffix, self.scale / parts)


@lru_cache(maxsize=1024)  # asked for each edit when it is proposed and when it is told, and alike for many subjects
def spell(value: Quantity, like: str, was: Quantity, rounding: Rounding = Rounding.UP) -> Spelled:
    """The value in the notation of ``like``, which is read as ``was``: same unit, same style.

    A whole number of the unit is written as it is; any other is rounded to at most three significant digits, and to a
    whole number where the author writes such (of a smaller unit of time, where the author's is too coarse). The text is
    proved: read as ``like`` was, it gives the value that is returned with it.

    Raises:
        Refused: the two are of different units, ``like`` is not read as ``was`` in any known way, its unit cannot hold
            the value exactly where it must, or a value that is not zero would be rounded to it.
    """
    if value.unit is not was.unit:
        reason = f"{value.value:g} {value.unit} cannot stand where {like!r} is in {was.unit}"
        raise Refused(reason, Refusal.UNWRITABLE_VALUE)
    text = like.strip()
    if value.unit is Unit.SECONDS and is_composed(text):
        spelled = _composed(value, text, was, rounding)
    else:
        spelled = _single(value, text, was, rounding)
    if spelled.value.value == 0.0 and value.value != 0.0:
        reason = f"{value} would be rounded to 0 in the unit of {like!r}, which often means no limit"
        raise Refused(reason, Refusal.UNWRITABLE_VALUE)
    return spelled


def reads_as(text: str, was: Quantity) -> bool:
    """Whether the text is a notation of the quantity, in any known way."""
    try:
        spell(was, text, was, Rounding.EXACT)
    except Refused:
        return False
    return True


def _composed(value: Quantity, like: str, was: Quantity, rounding: Rounding) -> Spelled:
    _refuse_other(like, was)
    text = spell_composed(Decimal(repr(without_noise(value.value))), like, rounding)
    if text is None:
        raise _unheld(value, like)
    return Spelled(text, _read(text, value.unit))


def _single(value: Quantity, like: str, was: Quantity, rounding: Rounding) -> Spelled:
    notation = _notation(like, was)
    number = _number(value, notation)
    while _is_too_coarse(number, notation, value.unit, rounding) and (finer := notation.finer()):
        notation = finer
        number = _number(value, notation)
    held = rounded(number, rounding, _must_be_whole(number, notation, value.unit))
    if held is None:
        raise _unheld(value, like)
    sign = "-" if held < 0 else ""
    written = spell_number(abs(float(held)), notation.number)
    read = _float(written) * (-1.0 if sign else 1.0)
    if not math.isclose(read, float(held), rel_tol=_SAME):
        raise _unheld(value, like)
    text = f"{sign}{written}{notation.space}{notation.suffix}"
    if notation.suffix:
        return Spelled(text, _read(text, value.unit))
    return Spelled(text, Quantity(without_noise(read * notation.scale), value.unit))


def _read(text: str, unit: Unit) -> Quantity:
    return Quantity(without_noise(parse_quantity(text, unit).value), unit)


def _number(value: Quantity, notation: _Notation) -> Decimal:
    return Decimal(repr(without_noise(value.value / notation.scale)))


def _is_too_coarse(number: Decimal, notation: _Notation, unit: Unit, rounding: Rounding) -> bool:
    if unit is not Unit.SECONDS or not notation.is_whole or nearly_whole(number) is not None:
        return False
    return abs(number) < _COARSE or rounding is Rounding.EXACT


def _must_be_whole(number: Decimal, notation: _Notation, unit: Unit) -> bool:
    """Whether a fraction would surprise who wrote this, or what reads it."""
    if not notation.is_whole:
        return False
    match unit:
        case Unit.SECONDS | Unit.COUNT:
            return True
        case Unit.RATIO:
            return not math.isclose(notation.scale, 1.0)
        case Unit.CORES:
            return notation.suffix != "" or not math.isclose(notation.scale, 1.0)
        case Unit.BYTES:
            return not notation.suffix or abs(number) >= _COARSE
        case Unit.PER_SECOND:
            return abs(number) >= _COARSE


def _notation(like: str, was: Quantity) -> _Notation:
    match = _WRITTEN.fullmatch(like)
    if match is None:
        raise _unread(like, was)
    if match["suffix"]:
        _refuse_other(like, was)
        scale = parse_quantity(f"1{match['suffix']}", was.unit).value
    else:
        scale = _bare_scale(like, _float(match["number"]) * (-1.0 if match["sign"] == "-" else 1.0), was)
    return _Notation(match["number"], match["space"], match["suffix"], scale)


def _bare_scale(like: str, number: float, was: Quantity) -> float:
    """What one of a bare number is."""
    if number == 0.0 == was.value:
        if was.unit in (Unit.SECONDS, Unit.RATIO):
            reason = f"a bare {like} does not say what it counts, so that no other value can be written there"
            raise Refused(reason, Refusal.UNWRITABLE_VALUE)
        return 1.0
    for scale in _BARE_SCALES[was.unit]:
        if math.isclose(number * scale, was.value, rel_tol=_SAME):
            return scale
    raise _unread(like, was)


def _float(text: str) -> float:
    plain = text.replace("_", "")
    return float(int(plain, 16)) if plain[:2] in ("0x", "0X") else float(plain)


def _refuse_other(like: str, was: Quantity) -> None:
    try:
        read = parse_quantity(like, was.unit).value
    except NotAQuantity:
        raise _unread(like, was) from None
    if not math.isclose(read, was.value, rel_tol=_SAME):
        raise _unread(like, was)


def _unread(like: str, was: Quantity) -> Refused:
    return Refused(f"it says {like!r}, which is not read as {was}; scan again", Refusal.MOVED)


def _unheld(value: Quantity, like: str) -> Refused:
    reason = f"{value.value:g} {value.unit} cannot be written exactly in the unit of {like!r}"
    return Refused(reason, Refusal.UNWRITABLE_VALUE)
