"""Durations of several units or in ISO 8601 (``1m30s``, ``PT1H30M``), written in the units of another."""

from __future__ import annotations

import re
from decimal import Decimal

from driftbot.edits.duration import spell_duration
from driftbot.edits.rounding import Rounding, nearly_whole, rounded

_ISO = re.compile(r"P(?=[\dT])(?:[\d.]+W)?(?:[\d.]+D)?(?:T(?=\d)(?:[\d.]+H)?(?:[\d.]+M)?(?:[\d.]+S)?)?")
_ISO_PART = re.compile(r"[\d.]+([WDHMS])")
_ISO_SIZES = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
_COMPOSED = re.compile(r"(?:\d+(?:ms|[ywdhms])){2,}")
_PART = re.compile(r"\d+(ms|[ywdhms])")
_SIZES = {
    "y": Decimal(31_536_000), "w": Decimal(604_800), "d": Decimal(86_400), "h": Decimal(3600), "m": Decimal(60),
    "s": Decimal(1), "ms": Decimal("0.001"),
}  # fmt: skip
_COARSE = 10
"""Below so many of its smallest unit a duration is written in the next smaller one, where rounding would show."""


def is_composed(like: str) -> bool:
    """Whether a duration is written in several units, or as ISO 8601 has it."""
    return bool(_COMPOSED.fullmatch(like) or _ISO.fullmatch(like))


def spell_composed(seconds: Decimal, like: str, rounding: Rounding) -> str | None:
    """The duration in the units of ``like``; None where they cannot hold it and it must not be rounded."""
    if seconds < 0:
        return None
    if _ISO.fullmatch(like):
        return _iso(seconds, like, rounding)
    smallest = _PART.findall(like)[-1]
    held = _held(seconds, [unit for unit in _SIZES if _SIZES[unit] <= _SIZES[smallest]], _SIZES, rounding)
    return None if held is None else spell_duration(float(held[0]), like)


def _held(
    seconds: Decimal, units: list[str], sizes: dict[str, Decimal], rounding: Rounding
) -> tuple[Decimal, str] | None:
    """The duration as a whole number of the first unit that is fine enough for it, and that unit."""
    for unit in units:
        count = seconds / sizes[unit]
        if (
            nearly_whole(count) is not None
            or (count >= _COARSE and rounding is not Rounding.EXACT)
            or unit == units[-1]
        ):
            whole = rounded(count, rounding, whole=True)
            return None if whole is None else (whole * sizes[unit], unit)
    return None


def _iso(seconds: Decimal, like: str, rounding: Rounding) -> str | None:
    designators = _ISO_PART.findall(like)
    sizes = {name: Decimal(size) for name, size in _ISO_SIZES.items()}
    finer = [name for name in _ISO_SIZES if sizes[name] <= sizes[designators[-1]]]
    held = _held(seconds, finer, sizes, rounding)
    if held is None:
        return None
    left, smallest = held
    names = [name for name in dict.fromkeys([*designators, smallest]) if sizes[name] >= sizes[smallest]]
    if len(designators) == 1 and smallest != designators[0]:
        names = [smallest]
    days, times = "", ""
    for name in names:
        count, left = divmod(left, sizes[name])
        part = f"{count:f}{name}" if count else ""
        days, times = (days + part, times) if name in "WD" else (days, times + part)
    if left:
        return None
    return f"P{days}T{times}" if times else f"P{days}" if days else "PT0S"
