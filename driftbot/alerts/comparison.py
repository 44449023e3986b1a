"""Comparison: every way in which two definitions of one alert differ in meaning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.definition import AlertDefinition
from driftbot.alerts.difference import Difference, differences
from driftbot.alerts.direction import (
    of_effect,
    of_hold,
    of_keep_firing,
    of_routing,
    of_severity,
    settled_within,
)
from driftbot.alerts.effect import ABSENT, Effect, unsure
from driftbot.alerts.joining import rejoined, shown, turned, whole_parts
from driftbot.alerts.meaning import Leaf, Meaning, compared, leaves, meaning, one_line
from driftbot.alerts.pairing import pairs
from driftbot.alerts.term import Called, Number, Operation, walk

KEPT = 4_096
"""Pairs of expressions whose differences are remembered: one file is often loaded by many servers."""


def changes(old: AlertDefinition | None, new: AlertDefinition | None) -> tuple[Change, ...]:
    """How they differ, the expression first; empty where both mean the same, however they are written.

    What the name is, the file, the group and the order of conditions and matchers does not matter. None stands for an
    alert that does not exist.
    """
    if old == new:
        return ()
    if old is None or new is None:
        return tuple(_of_alerts(old, new))
    found = [*expression_changes(old.expression, new.expression)] if old.expression != new.expression else []
    found += of_hold(old.hold, new.hold)
    found += of_keep_firing(old.keep_firing, new.keep_firing)
    found += of_severity(old.severity, new.severity)
    found += of_routing(old.routing, new.routing)
    return tuple(found)


def _of_alerts(old: AlertDefinition | None, new: AlertDefinition | None) -> Iterator[Change]:
    if old is not None:
        yield Change(Aspect.ALERT, Direction.LOOSER, old.name, "")
    if new is not None:
        yield Change(Aspect.ALERT, Direction.STRICTER, "", new.name)


@lru_cache(maxsize=KEPT)
def expression_changes(old: str, new: str) -> tuple[Change, ...]:
    """How two expressions differ.

    Raises:
        NotPromQL: the parser does not know one of them.
    """
    before, after = meaning(old), meaning(new)
    if before == after:
        return ()
    first, second = leaves(before), leaves(after)
    kept = pairs(first, second)
    if not kept:
        because = "it asks something else"
        return (Change(Aspect.EXPRESSION, Direction.AMBIGUOUS, one_line(old), one_line(new), because=because),)
    found = list(_of_joins(before, after, kept))
    for mine, other in kept.items():
        flipped = turned(before)[mine], turned(after)[other]
        joined = not (isinstance(before, Leaf) and isinstance(after, Leaf))
        found += _of_conditions(first[mine], second[other], flipped, joined)
    return tuple(dict.fromkeys(found))


def _of_conditions(old: Leaf, new: Leaf, flipped: tuple[bool, bool], joined: bool = True) -> list[Change]:
    found = []
    for difference in differences(old.term, new.term):
        effect = difference.effect.reversed if flipped[0] else difference.effect
        if joined and difference.aspect is Aspect.SELECTOR and _is_absence(new):
            effect |= unsure("absent() has the labels of its matchers, by which conditions are joined")
        if flipped[0] is not flipped[1]:
            effect |= effect.reversed
        found.append(_change(difference, effect, new.measured))
    return settled_within(found)


def _is_absence(leaf: Leaf) -> bool:
    return any(isinstance(part, Called) and part.function in ABSENT for part in walk(leaf.term))


def _change(difference: Difference, effect: Effect, measured: str) -> Change:
    direction, because = of_effect(effect)
    where = difference.where or measured
    return Change(difference.aspect, direction, difference.old, difference.new, where, because)


def threshold_changes(
    expression: str, measured: str, threshold: float | None, comparison: str | None
) -> tuple[Change, ...]:
    """How the conditions that measure this (as written on one line) differ from another threshold or operator.

    None stands for what the expression has. Raises ``NotPromQL`` as ``expression_changes`` does.
    """
    found = meaning(expression)
    changed = []
    for leaf, flipped in zip(leaves(found), turned(found), strict=True):
        asks = leaf.term
        if isinstance(asks, Operation) and asks.said and leaf.measured == measured and isinstance(asks.right, Number):
            changed += _of_conditions(Leaf(compared(asks, threshold, comparison), measured), leaf, (flipped, flipped))
    return tuple(dict.fromkeys(changed))


def _of_joins(old: Meaning, new: Meaning, kept: dict[int, int]) -> Iterator[Change]:
    gone = set(range(len(leaves(old)))) - set(kept)
    come = set(range(len(leaves(new)))) - set(kept.values())
    for standing in whole_parts(old, gone):
        direction, because = of_effect(standing.missing)
        yield Change(Aspect.CONDITION, direction, shown(standing.part), "", because=because)
    for standing in whole_parts(new, come):
        direction, because = of_effect(standing.missing.reversed)
        yield Change(Aspect.CONDITION, direction, "", shown(standing.part), because=because)
    effect = rejoined(old, new, kept)
    if effect is not None:
        direction, because = of_effect(effect)
        yield Change(Aspect.EXPRESSION, direction, shown(old), shown(new), because=because)
