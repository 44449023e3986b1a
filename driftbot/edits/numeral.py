"""Numbers of PromQL, written in the manner of another: decimals, exponents, hexadecimal, grouped digits, durations."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from driftbot.edits.duration import spell_duration

_DURATION = re.compile(r"(?:\d+(?:ms|[ywdhms]))+")
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F_]+")
_GROUPED = re.compile(r"\d{1,3}(?:_\d{3})+")
_EXPONENT = re.compile(r"(?P<mantissa>\d*\.?\d*)(?P<e>[eE])(?P<sign>[+-]?)(?P<digits>\d+)")
_DECIMAL = re.compile(r"(?=\.?\d)(?P<whole>\d*)(?:\.(?P<fraction>\d*))?")
_NOISE = 4
"""Units in the last place within which a number means the shorter one: 0.1 + 0.2 is 0.3 (as ``promql.number.fold``)."""
_HEXADECIMAL_END = 2**63
"""Go reads hexadecimal numbers of PromQL as signed 64-bit integers."""
_MOST_DIGITS = 21
"""Digits before or zeros after the point from which on a number is written with an exponent, as in JavaScript."""


def spell_number(value: float, like: str) -> str:
    """The number (not negative) as the author of the literal ``like`` would write it.

    ``0.90`` → ``0.85``, ``.5`` → ``.75``, ``1e6`` → ``2e6``, ``0x1F`` → ``0x20``, ``1_000`` → ``2_000``, ``5m`` →
    ``10m``; where that manner cannot hold the number, as a plain decimal. The text reads as ``value`` exactly, but for
    binary noise in its last places.
    """
    exact = Decimal(repr(without_noise(value)))
    whole = int(exact) if exact == exact.to_integral_value() else None
    if _DURATION.fullmatch(like):
        # A duration of zero is none to the parser.
        return (spell_duration(float(exact), like) if exact else None) or _plain(exact)
    if _HEXADECIMAL.fullmatch(like) and whole is not None and whole < _HEXADECIMAL_END:
        return _hexadecimal(whole, like)
    if _GROUPED.fullmatch(like) and whole is not None:
        return f"{whole:_}"
    exponent = _EXPONENT.fullmatch(like)
    if exponent:
        return _with_exponent(exact, exponent)
    decimal = _DECIMAL.fullmatch(like)
    return _with_decimals(exact, decimal) if decimal else _plain(exact)


def without_noise(value: float) -> float:
    """The shorter number that arithmetic on doubles meant: 0.1 + 0.2 is 0.3."""
    rounded = float(f"{value:.12g}")
    return rounded if abs(rounded - value) <= _NOISE * math.ulp(value) else value


def _plain(exact: Decimal) -> str:
    if exact and not -_MOST_DIGITS < exact.adjusted() < _MOST_DIGITS:
        return repr(float(exact))
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _hexadecimal(whole: int, like: str) -> str:
    digits = like[2:].replace("_", "")
    written = f"{whole:X}" if digits.upper() == digits and digits.lower() != digits else f"{whole:x}"
    return like[:2] + written.zfill(len(digits) if digits.startswith("0") else 1)


def _with_exponent(exact: Decimal, like: re.Match[str]) -> str:
    power = int(like["digits"]) * (-1 if like["sign"] == "-" else 1)
    mantissa = exact.scaleb(-power)
    if not -2 <= mantissa.adjusted() <= 3 or not exact:
        return _plain(exact)
    return f"{_plain(mantissa)}{like['e']}{like['sign']}{like['digits']}"


def _with_decimals(exact: Decimal, like: re.Match[str]) -> str:
    text, decimals = _plain(exact), len(like["fraction"] or "")
    if "e" in text:
        return text
    whole, point, fraction = text.partition(".")
    if decimals > len(fraction):
        point, fraction = ".", fraction.ljust(decimals, "0")
    return ("" if whole == "0" and not like["whole"] and fraction else whole) + point + fraction
