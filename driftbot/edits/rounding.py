"""Rounding to what a notation holds: whole numbers where its author writes such, else a few significant digits."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

DIGITS = 3
"""Significant digits of a value that was rounded: more of them would claim what no recommendation knows."""

_SAME = Decimal("1e-12")
"""Relative difference below which two numbers are one: what arithmetic on doubles leaves."""


class Rounding(StrEnum):
    """Where a value goes that the author's unit cannot hold in few digits; exactly means nowhere."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"
    EXACT = "exact"


_MODES = {Rounding.UP: ROUND_CEILING, Rounding.DOWN: ROUND_FLOOR, Rounding.NEAREST: ROUND_HALF_EVEN}


def nearly_whole(number: Decimal) -> Decimal | None:
    """The whole number that this one is but for the noise of its arithmetic, or None."""
    whole = number.to_integral_value()
    return whole if abs(number - whole) <= abs(number) * _SAME else None


def rounded(number: Decimal, rounding: Rounding, whole: bool) -> Decimal | None:
    """The number as it is written: as it is where it is whole or short, else rounded to ``DIGITS`` digits.

    With ``whole`` the result is a whole number. None where the number would have to be rounded and must not be.
    """
    exact = nearly_whole(number)
    if exact is not None:
        return exact
    if rounding is Rounding.EXACT:
        return None if whole else number
    exponent = number.adjusted() - DIGITS + 1
    quantum = Decimal(1).scaleb(max(exponent, 0) if whole else exponent)
    nearest = number.quantize(quantum, ROUND_HALF_EVEN)
    if abs(number - nearest) <= abs(number) * _SAME:
        return nearest
    return number.quantize(quantum, _MODES[rounding])
