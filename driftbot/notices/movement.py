"""Movement: whether what was observed moved away from what is expected, or towards it, as far as anybody can say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.finding import Finding
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity


class Movement(StrEnum):
    """Where a finding went since it was judged before. ``UNCLEAR``: it moved, and nobody can say where to."""

    NONE = "none"
    AWAY = "away"
    NEARER = "nearer"
    UNCLEAR = "unclear"


_SIDES = {"at most ": 1, "less than ": 1, "at least ": -1, "more than ": -1}
"""1 where more is worse, -1 where less is."""


@dataclass(frozen=True, slots=True)
class _Condition:
    """One condition that does not hold: a value's name (or none), both numbers as told, and which side is worse."""

    name: str
    observed: str
    expected: str
    side: int


def movement(before: Finding, now: Finding) -> Movement:
    """Where it went, by the numbers that people see: the distance between observed and expected grew or shrank.

    A condition that fails beside those that failed before is a move away, one that holds again is a move nearer. What
    moves both ways, what is no number, and what a changed rule explains, is unclear.
    """
    if (before.observed, before.expected) == (now.observed, now.expected):
        return Movement.NONE
    earlier, later = _conditions(before), _conditions(now)
    if before.rule_digest != now.rule_digest or earlier is None or later is None:
        return Movement.UNCLEAR
    moves = {_moved(earlier[key], later[key], _unit(key, before, now)) for key in earlier.keys() & later.keys()}
    moves |= {Movement.AWAY} if later.keys() - earlier.keys() else set()
    moves |= {Movement.NEARER} if earlier.keys() - later.keys() else set()
    moves -= {Movement.NONE}
    return moves.pop() if len(moves) == 1 else Movement.UNCLEAR if moves else Movement.NONE


def _conditions(finding: Finding) -> Mapping[str, _Condition] | None:
    """The conditions by their names; None where the sentences do not pair, or two conditions are about one name."""
    observed, expected = finding.observed.split("; "), finding.expected.split("; ")
    if not finding.observed or len(observed) != len(expected):
        return None
    found = {one.name: one for one in map(_condition, observed, expected)}
    return found if len(found) == len(observed) else None


def _condition(observed: str, expected: str) -> _Condition:
    """``worst = 110m`` and ``at most 84m = 0.7 × 2h``; a number that was computed stands before its arithmetic."""
    name, equals, value = observed.partition(" = ")
    if not equals or _is_number(name):
        name, value = "", name
    phrase = next((one for one in _SIDES if expected.startswith(one)), "")
    told = expected.removeprefix(phrase).partition(" = ")[0]
    return _Condition(name, value.partition(" (")[0], told, _SIDES.get(phrase, 0))


def _moved(earlier: _Condition, later: _Condition, unit: Unit | None) -> Movement:
    """Where one condition went; without a unit whatever all units say that can read the numbers."""
    if (earlier.observed, earlier.expected, earlier.side) == (later.observed, later.expected, later.side):
        return Movement.NONE
    if earlier.side != later.side:
        return Movement.UNCLEAR
    units = (unit,) if unit else tuple(Unit)
    told = {where for one in units if (where := _by_distance(earlier, later, one)) is not None}
    return told.pop() if len(told) == 1 else Movement.UNCLEAR


def _by_distance(earlier: _Condition, later: _Condition, unit: Unit) -> Movement | None:
    was, becomes = _distance(earlier, unit), _distance(later, unit)
    if was is None or becomes is None:
        return None
    if math.isclose(was, becomes):
        return Movement.NONE
    return Movement.AWAY if becomes > was else Movement.NEARER


def _distance(condition: _Condition, unit: Unit) -> float | None:
    """How far the observed number lies on the wrong side of the expected one; either side is wrong where one is meant
    exactly.
    """
    try:
        observed = parse_quantity(condition.observed, unit).value
        expected = parse_quantity(condition.expected, unit).value
    except NotAQuantity:
        return None
    return (observed - expected) * condition.side if condition.side else abs(observed - expected)


def _unit(name: str, *findings: Finding) -> Unit | None:
    """The unit in which the evidence of every finding has the named value; None where it does not tell."""
    units = {unit for finding in findings for unit in _units(name, finding)}
    return units.pop() if len(units) == 1 else None


def _units(name: str, finding: Finding) -> Iterator[Unit]:
    for evidence in finding.evidence:
        if evidence.name == name and isinstance(evidence.value, Quantity):
            yield evidence.value.unit


def _is_number(text: str) -> bool:
    return any(_reads(text.partition(" (")[0], unit) for unit in Unit)


def _reads(text: str, unit: Unit) -> bool:
    try:
        parse_quantity(text, unit)
    except NotAQuantity:
        return False
    return True
