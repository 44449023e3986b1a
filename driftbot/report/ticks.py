"""Ticks of axes where people expect them: whole minutes, powers of two of bytes, days and months in UTC."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from driftbot.core.quantity import Quantity, Unit, format_quantity
from driftbot.report.chart_window import EARLIEST, LATEST

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_MONTH = 365.2425 * _DAY / 12
_MONDAY = 4 * _DAY
"""The first Monday after Unix time began."""
_CLOCK = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 2, 3, 6, 12)),
)
_DAYS = (_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 120000)
_LONGEST_LABEL = 9
_SYMBOLS = {
    Unit.SECONDS: "s",
    Unit.BYTES: "B",
    Unit.RATIO: "%",
    Unit.COUNT: "",
    Unit.PER_SECOND: "/s",
    Unit.CORES: " cores",
}

AXES = {
    Unit.SECONDS: "time",
    Unit.BYTES: "bytes",
    Unit.RATIO: "percent",
    Unit.COUNT: "count",
    Unit.PER_SECOND: "per second",
    Unit.CORES: "cores",
}
"""What an axis of values says of its unit."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis (in the unit, or Unix seconds) and what stands beside it."""

    at: float
    label: str


def value_ticks(bottom: float, top: float, unit: Unit, most: int) -> tuple[Tick, ...]:
    """At most ``most`` ticks between two values, at least one where a round number lies between."""
    step = _step((top - bottom) / max(1, most), unit)
    first, last = math.ceil(bottom / step - 1e-9), math.floor(top / step + 1e-9)
    places = [float(f"{index * step:.12g}") for index in range(first, min(last, first + most) + 1)]
    labels = [value_label(place, unit) for place in places]
    if len(set(labels)) < len(labels):
        labels = [_precise(place, unit) for place in places]
    return tuple(Tick(place, label) for place, label in zip(places, labels, strict=True))


def value_label(value: float, unit: Unit) -> str:
    """A value as short as an axis needs it."""
    if abs(value) < 1e15:
        label = format_quantity(Quantity(value, unit))
        if len(label) <= _LONGEST_LABEL:
            return label
    return _precise(value, unit, 3)


def _precise(value: float, unit: Unit, digits: int = 12) -> str:
    number = value * 100 if unit is Unit.RATIO else value
    return f"{number:.{digits}g}{_SYMBOLS[unit]}"


def _step(least: float, unit: Unit) -> float:
    """The smallest round step that is no less."""
    if unit is Unit.SECONDS and least > 1.0:
        known = next((step for step in (*_CLOCK, *_DAYS) if step >= least), 0.0)
        return known or _DAY * _decimal(least / _DAY)
    if unit is Unit.BYTES and least >= 1.0:
        return float(2.0 ** math.ceil(math.log2(least) - 1e-9))
    return _decimal(least)


def _decimal(least: float) -> float:
    scale = 10.0 ** math.floor(math.log10(least))
    return next((factor * scale for factor in (1.0, 2.0, 5.0) if factor * scale >= least * (1 - 1e-9)), 10.0 * scale)


def time_ticks(left: float, right: float, most: int, *, year: bool = True) -> tuple[Tick, ...]:
    """At most about ``most`` ticks between two times (Unix seconds), on round times of UTC; days with their year."""
    least = (right - left) / max(1, most)
    step = next((step for step in (*_CLOCK, *_DAYS) if step >= least), 0.0)
    places = _regular(left, right, step) if step else _months(left, right, least)
    pattern = _pattern(step) if year else _pattern(step).replace("%Y-%m-%d", "%m-%d")
    return tuple(Tick(place, f"{datetime.fromtimestamp(place, UTC):{pattern}}") for place in places)


def _pattern(step: float) -> str:
    if not step:
        return "%Y-%m"
    if step >= _DAY:
        return "%Y-%m-%d"
    return "%m-%d %H:%M" if step >= _MINUTE else "%H:%M:%S"


def _regular(left: float, right: float, step: float) -> Iterator[float]:
    start = _MONDAY if step >= 7 * _DAY else 0.0
    first, last = math.ceil((left - start) / step), math.floor((right - start) / step)
    yield from (start + index * step for index in range(first, last + 1))


def _months(left: float, right: float, least: float) -> Iterator[float]:
    step = next((step for step in _MONTHS if step * _MONTH >= least), _MONTHS[-1])
    start = datetime.fromtimestamp(max(left, EARLIEST), UTC)
    month = -(-(start.year * 12 + start.month - 1) // step) * step
    while month // 12 <= 9999:
        if month >= 12:
            place = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()
            if place > min(right, LATEST):
                return
            if place >= left:
                yield place
        month += step
