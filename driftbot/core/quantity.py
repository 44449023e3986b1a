"""Quantities: a number with a unit, read from and written as people write them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """The units of facts, series and rules."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    COUNT = "count"
    PER_SECOND = "per_second"
    CORES = "cores"


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """A finite number and its unit."""

    value: float
    unit: Unit

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"{self.value} is not a quantity; a value that cannot be read is left out instead")

    def __str__(self) -> str:
        return format_quantity(self)


class NotAQuantity(ValueError):
    """The text is no quantity of the unit asked for."""


_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0,
    "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0,
}  # fmt: skip
_DECIMAL = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_BINARY = {f"{prefix}i": 1024.0**power for power, prefix in enumerate("KMGTPE", start=1)}
# Kubernetes allows milli-bytes ("128974848000m"), which nobody means but some tools write.
_BYTES = {**_DECIMAL, **_BINARY, "m": 1e-3}
_CORES = {**_DECIMAL, "n": 1e-9, "u": 1e-6, "m": 1e-3}
_COUNTS = {**_DECIMAL, **_BINARY}
_LARGEST_FIRST = tuple(sorted(_BINARY.items(), key=lambda item: -item[1]))
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_PLAIN = re.compile(_NUMBER)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|sec|min|s|m|h|d|w|y)")
_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_SUFFIXED = re.compile(rf"({_NUMBER})\s*([A-Za-z%/]*)")


def parse_quantity(text: str | float, unit: Unit) -> Quantity:
    """Read a value of a known unit as people write it; a bare number is in the unit itself.

    Seconds: ``5m``, ``1h30m``, ``250ms``, ``14d``, ``PT2H`` (ISO 8601; year = 365 days as in Prometheus). Bytes:
    ``1.5Gi``, ``512M``, ``64kB`` (Kubernetes' resource quantities). Cores: ``500m``, ``2``. Ratio: ``85%``, ``0.85``.
    Per second: ``10/s``, ``600/m``.

    Raises:
        NotAQuantity: the text is no finite number of this unit.
    """
    if isinstance(text, bool):
        raise NotAQuantity(f"{text!r} is not a quantity in {unit}")
    if isinstance(text, int | float):
        return _finite(float(text), unit, str(text))
    stripped = text.strip()
    if _PLAIN.fullmatch(stripped):
        return _finite(float(stripped), unit, text)
    value = _READERS[unit](stripped)
    if value is None:
        raise NotAQuantity(f"{text!r} is not a quantity in {unit}; write it like {_EXAMPLES[unit]}")
    return _finite(value, unit, text)


def _finite(value: float, unit: Unit, text: str) -> Quantity:
    if not math.isfinite(value):
        raise NotAQuantity(f"{text!r} is not a finite quantity in {unit}")
    return Quantity(value, unit)


def _read_seconds(text: str) -> float | None:
    sign = -1.0 if text.startswith("-") else 1.0
    body = text.lstrip("+-").replace(" ", "")
    iso = _ISO.fullmatch(body)
    if iso and any(iso.groups()):
        scales = (604800.0, 86400.0, 3600.0, 60.0, 1.0)
        return sign * sum(float(part) * scale for part, scale in zip(iso.groups(), scales, strict=True) if part)
    parts = _DURATION_PART.findall(body)
    if not parts or "".join(number + suffix for number, suffix in parts) != body:
        return None
    return sign * sum(float(number) * _SECONDS[suffix] for number, suffix in parts)


def _read_bytes(text: str) -> float | None:
    match = _SUFFIXED.fullmatch(text)
    if not match:
        return None
    number, suffix = match.groups()
    bare = suffix.removesuffix("B")
    return float(number) * _BYTES[bare] if bare in _BYTES else None


def _read_cores(text: str) -> float | None:
    match = _SUFFIXED.fullmatch(text)
    if not match or match[2] not in _CORES:
        return None
    return float(match[1]) * _CORES[match[2]]


def _read_ratio(text: str) -> float | None:
    match = _SUFFIXED.fullmatch(text)
    return float(match[1]) / 100.0 if match and match[2] == "%" else None


def _read_count(text: str) -> float | None:
    match = _SUFFIXED.fullmatch(text)
    return float(match[1]) * _COUNTS[match[2]] if match and match[2] in _COUNTS else None


def _read_per_second(text: str) -> float | None:
    number, slash, period = text.partition("/")
    if not slash or not _PLAIN.fullmatch(number.strip()) or period.strip() not in _SECONDS:
        return None
    return float(number) / _SECONDS[period.strip()]


_READERS = {
    Unit.SECONDS: _read_seconds,
    Unit.BYTES: _read_bytes,
    Unit.RATIO: _read_ratio,
    Unit.COUNT: _read_count,
    Unit.PER_SECOND: _read_per_second,
    Unit.CORES: _read_cores,
}
_EXAMPLES = {
    Unit.SECONDS: "250ms, 5m, 1h30m or PT2H",
    Unit.BYTES: "512Mi, 1.5Gi or 64kB",
    Unit.RATIO: "85% or 0.85",
    Unit.COUNT: "3 or 10k",
    Unit.PER_SECOND: "10/s or 600/m",
    Unit.CORES: "500m or 2",
}


def format_number(value: float, digits: int = 12) -> str:
    """A number without a unit as people write it: to so many significant digits, whole ones exactly."""
    if not math.isfinite(value):
        return str(value).replace("inf", "Inf").replace("nan", "NaN")
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if float(value).is_integer() and float(text) != value else text


def format_quantity(quantity: Quantity) -> str:
    """The quantity as a person reads it, about three significant digits: ``1h50m``, ``1.5Gi``, ``85%``, ``12/s``."""
    return _WRITERS[quantity.unit](quantity.value)


def _rounded(value: float, digits: int) -> float:
    """The value to so many significant digits: rounded before a unit is chosen, so that 0.9999 is 1s, not 1000ms."""
    return float(f"{value:.{digits - 1}e}")


def _plain(value: float, digits: int) -> str:
    """The value to so many significant digits, without an exponent where a person would write none."""
    return f"{_rounded(value, digits):.15g}"


def _write_seconds(value: float) -> str:
    magnitude, sign = _rounded(abs(value), 3), "-" if value < 0 else ""
    if magnitude < 1e-12:
        return "0s"
    if magnitude < 60:
        suffix, scale = next(
            (pair for pair in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)) if magnitude >= pair[1]), ("ns", 1e-9)
        )
        return f"{sign}{_plain(magnitude / scale, 3)}{suffix}"
    return sign + _two_largest(round(abs(value)))


def _two_largest(seconds: int) -> str:
    parts: list[tuple[int, str]] = []
    for suffix, scale in (("y", 31536000), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, scale)
        if count or parts:
            parts.append((count, suffix))
    return "".join(f"{count}{suffix}" for count, suffix in parts[:2] if count)


def _scaled(value: float, steps: tuple[tuple[str, float], ...]) -> str:
    suffix, scale = next(((suffix, scale) for suffix, scale in steps if abs(value) >= scale), ("", 1.0))
    return f"{_plain(value / scale, 4)}{suffix}"


def _write_bytes(value: float) -> str:
    return _scaled(value, _LARGEST_FIRST)


def _write_cores(value: float) -> str:
    return f"{_plain(value * 1000, 3)}m" if 0 < abs(_rounded(value, 3)) < 1 else _plain(value, 4)


_WRITERS = {
    Unit.SECONDS: _write_seconds,
    Unit.BYTES: _write_bytes,
    Unit.RATIO: lambda value: f"{_plain(value * 100, 4)}%",
    Unit.COUNT: lambda value: format_number(value, 10),
    Unit.PER_SECOND: lambda value: f"{_plain(value, 4)}/s",
    Unit.CORES: _write_cores,
}
