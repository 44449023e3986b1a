"""Joining: what happens to an alert when conditions are added, removed or joined otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from driftbot.alerts.effect import FEWER, MORE, Effect, unsure
from driftbot.alerts.meaning import Joined, Leaf, Meaning, leaves
from driftbot.alerts.term import Number, Operation, spelled
from driftbot.promql.condition import JOINS, Join

MOST_PROVED = 12
"""Conditions whose joining is compared for every way in which they can hold or not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A part of an expression: the numbers of its conditions, and its effect on the whole if it were not there."""

    part: Meaning
    numbers: tuple[int, ...]
    missing: Effect


def turned(found: Meaning) -> tuple[bool, ...]:
    """For each condition whether the alert fires less where it holds more, as to the right of ``unless``."""
    return tuple(_turned(found, False))


def _turned(found: Meaning, so_far: bool) -> Iterator[bool]:
    if isinstance(found, Leaf):
        yield so_far
        return
    for position, part in enumerate(found.parts):
        yield from _turned(part, so_far is not (found.operator == Join.UNLESS and position == 1))


def whole_parts(found: Meaning, among: Collection[int]) -> tuple[Standing, ...]:
    """The largest parts all of whose conditions are among these."""
    return tuple(_whole_parts(found, frozenset(among), 0, False))


def _whole_parts(found: Meaning, among: frozenset[int], first: int, flipped: bool) -> Iterator[Standing]:
    if isinstance(found, Leaf):
        return
    for position, part in enumerate(found.parts):
        numbers = tuple(range(first, first + len(leaves(part))))
        first += len(numbers)
        below = flipped is not (found.operator == Join.UNLESS and position == 1)
        if among.issuperset(numbers):
            effect = _missing(found, position)
            yield Standing(part, numbers, effect.reversed if flipped else effect)
        else:
            yield from _whole_parts(part, among, numbers[0], below)


def _missing(joined: Joined, position: int) -> Effect:
    if joined.operator == Join.OR:
        return FEWER
    if position == 0 and joined.operator == Join.UNLESS:
        return unsure("what the others were taken from")
    if position == 0 and joined.matching:
        return unsure("the labels that it fires with are others")
    return MORE


def rejoined(old: Meaning, new: Meaning, kept: Mapping[int, int]) -> Effect | None:
    """What it does that the kept conditions are joined otherwise; None where they are joined alike.

    Each condition holds or does not, for one series: in every case in which the new expression fires the old one fired,
    or it does not follow.
    """
    names = {other: mine for mine, other in kept.items()}
    ours, theirs = _reduced(old, 0, {mine: mine for mine in kept}), _reduced(new, 0, names)
    if _shape(ours) == _shape(theirs):
        return None
    if len(kept) > MOST_PROVED:
        return unsure("its many conditions are joined otherwise")
    if _matchings(ours) != _matchings(theirs):
        return unsure("its conditions are matched by other labels")
    cases = [dict(zip(kept, case, strict=True)) for case in product((False, True), repeat=len(kept))]
    fires = [(_holds(ours, case), _holds(theirs, case)) for case in cases]
    less, more = any(a and not b for a, b in fires), any(b and not a for a, b in fires)
    if less and more:
        return unsure("its conditions are joined otherwise")
    return FEWER if less else MORE if more else None


@dataclass(frozen=True, slots=True)
class _Join:
    operator: str
    parts: tuple[_Join | int, ...]
    matching: str


def _reduced(found: Meaning, first: int, names: Mapping[int, int]) -> _Join | int | None:
    """The expression with only the kept conditions, by their old numbers."""
    if isinstance(found, Leaf):
        return names.get(first)
    kept: list[_Join | int | None] = []
    for part in found.parts:
        kept.append(_reduced(part, first, names))
        first += len(leaves(part))
    left = [part for part in kept if part is not None]
    if found.operator == Join.UNLESS and kept[0] is None:
        return _Join(found.operator, tuple(left), "without its left") if left else None
    return left[0] if len(left) == 1 else _Join(found.operator, _flat(found, left), found.matching) if left else None


def _flat(joined: Joined, found: list[_Join | int]) -> tuple[_Join | int, ...]:
    flat: list[_Join | int] = []
    for part in found:
        alike = isinstance(part, _Join) and (part.operator, part.matching) == (joined.operator, "")
        if isinstance(part, _Join) and alike and not joined.matching and joined.operator != Join.UNLESS:
            flat += part.parts
        else:
            flat.append(part)
    return tuple(flat)


def _shape(found: _Join | int | None) -> object:
    """Equal for equal joins, whatever the order where it does not matter."""
    if not isinstance(found, _Join):
        return str(found)
    shapes = [str(_shape(part)) for part in found.parts]
    ordered = shapes if found.matching or found.operator == Join.UNLESS else sorted(shapes)
    return f"({found.operator} {found.matching}: {', '.join(ordered)})"


def _matchings(found: _Join | int | None) -> list[str]:
    if not isinstance(found, _Join):
        return []
    below = [one for part in found.parts for one in _matchings(part)]
    return sorted(below + ([f"{found.operator} {found.matching}"] if found.matching else []))


def _holds(found: _Join | int | None, case: Mapping[int, bool]) -> bool:
    if not isinstance(found, _Join):
        return found is not None and case[found]
    held = [_holds(part, case) for part in found.parts]
    if found.operator == Join.AND:
        return all(held)
    if found.operator == Join.OR:
        return any(held)
    return len(held) == 2 and held[0] and not held[1]


def shown(found: Meaning) -> str:
    """The part as text."""
    if isinstance(found, Leaf):
        return said(found)
    matching = f" {found.matching}" if found.matching else ""
    told = (f"({shown(part)})" if isinstance(part, Joined) else shown(part) for part in found.parts)
    return f" {found.operator}{matching} ".join(told)


def said(leaf: Leaf) -> str:
    """A condition, where it compares with a constant as its author wrote it."""
    found = leaf.term
    if not isinstance(found, Operation) or found.said is None or not isinstance(found.right, Number) or found.matching:
        return spelled(found)
    joins = isinstance(found.left, Operation) and (found.left.compares or found.left.operator in JOINS)
    bracketed = joins and found.said.scale == 1.0 and not found.said.shift
    measured = f"({found.said.measured})" if bracketed else found.said.measured
    return f"{measured} {found.said.operator}{' bool' if found.returns_bool else ''} {found.said.threshold}"
