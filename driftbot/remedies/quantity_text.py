"""Quantities as a playbook's steps take them: rounded the way it says, and written so that reading gives the same."""

from __future__ import annotations

import math
from collections.abc import Iterator

from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.playbooks.parameter import Rounding

DIGITS = 3
"""Significant digits that a rounded quantity keeps (ours): nobody decides on a fourth."""

_UNITS: dict[Unit, tuple[tuple[str, float], ...]] = {
    Unit.SECONDS: (("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0), ("ms", 1e-3)),
    Unit.BYTES: (
        *((f"{prefix}i", 1024.0**power) for power, prefix in ((4, "T"), (3, "G"), (2, "M"), (1, "K"))),
        *((prefix, 1000.0**power) for power, prefix in ((4, "T"), (3, "G"), (2, "M"), (1, "k"))),
        ("", 1.0),
    ),
    Unit.CORES: (("", 1.0), ("m", 1e-3)),
    Unit.COUNT: (("", 1.0),),
    Unit.RATIO: (("", 1e-6),),
    Unit.PER_SECOND: (("/s", 1e-6),),
}
"""Per unit the ones that people write, the largest first; a rounded value is a whole number of one of them."""

_LEAST = 10 ** (DIGITS - 1)
_WHOLE = {Unit.SECONDS: 1.0, Unit.COUNT: 1.0, Unit.BYTES: 1.0, Unit.CORES: 1e-3}
"""What values of one or more are whole numbers of: many settings take no fraction of a second, a byte or a replica."""


def rounded(value: Quantity, rounding: Rounding) -> Quantity:
    """The value to three significant digits in a unit that people write, in the direction that is asked for.

    What is a round number already stays: 1.5Gi, 90m and 7200 are. A value of a second or more becomes whole seconds.
    """
    magnitude = abs(value.value)
    if rounding is Rounding.EXACT or magnitude == 0 or _is_round(magnitude, value.unit):
        return value
    scale = _scale(magnitude, value.unit)
    digits = max(math.floor(math.log10(magnitude / scale)) + 1 - DIGITS, 0)
    step = scale * 10**digits
    count = _toward(value.value / step, rounding)
    return Quantity(_exact(count * 10**digits, scale), value.unit)


def quantity_text(value: Quantity) -> str:
    """The value as a person would write it where that is exact, else its number: reading it gives the very same."""
    for text in _candidates(value):
        if parse_quantity(text, value.unit) == value:
            return text
    return repr(value.value)


def _is_round(magnitude: float, unit: Unit) -> bool:
    whole = _WHOLE.get(unit)
    if whole and magnitude >= 1 and not _is_integer(magnitude / whole):
        return False
    fitting = (scale for _, scale in _UNITS[unit] if magnitude >= scale)
    return any(float(f"{magnitude / scale:.{DIGITS - 1}e}") * scale == magnitude for scale in fitting)


def _scale(magnitude: float, unit: Unit) -> float:
    """The largest unit of which it is a hundred or more; else the smallest, but no part of what must be whole."""
    if unit in (Unit.RATIO, Unit.PER_SECOND):
        return float(10.0 ** (math.floor(math.log10(magnitude)) + 1 - DIGITS))
    scales = [scale for _, scale in _UNITS[unit] if unit is not Unit.BYTES or math.log2(scale).is_integer()]
    fitting = next((scale for scale in scales if magnitude / scale >= _LEAST), min(scales))
    return max(fitting, _WHOLE[unit]) if magnitude >= 1 else fitting


def _toward(number: float, rounding: Rounding) -> int:
    nearest = round(number)
    if rounding is Rounding.NEAREST or math.isclose(number, nearest, rel_tol=1e-12):
        return nearest
    return math.ceil(number) if rounding is Rounding.UP else math.floor(number)


def _exact(count: int, scale: float) -> float:
    """So many of a scale; parts of one are divided, since a thousandth has no exact double."""
    return count * scale if scale >= 1 else count / round(1 / scale)


def _is_integer(number: float) -> bool:
    return math.isclose(number, round(number), rel_tol=1e-12)


def _candidates(value: Quantity) -> Iterator[str]:
    number = value.value
    if value.unit is Unit.SECONDS and number > 0 and float(number).is_integer():
        yield _composed(int(number))
    for suffix, scale in _UNITS[value.unit]:
        if value.unit in (Unit.RATIO, Unit.PER_SECOND):
            break
        count = number / scale
        if abs(count) >= 1 and _is_integer(count):
            yield f"{round(count)}{suffix}"
    if float(number).is_integer():
        yield str(int(number))


def _composed(seconds: int) -> str:
    parts = []
    for suffix, scale in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, scale)
        parts += [f"{count}{suffix}"] if count else []
    return "".join(parts)
