"""Conditions: what an alert expression measures, how it compares, and with what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from promql_parser import AggregateExpr, BinaryExpr, Call, Expr, ParenExpr

from driftbot.core.quantity import Unit
from driftbot.promql.comparison import COMPARISONS, TURNED, Comparison, Limit
from driftbot.promql.expression import bare, returns_bool
from driftbot.promql.number import fold
from driftbot.promql.selector import reach
from driftbot.promql.unit import unit_of

__all__ = ["JOINS", "Comparison", "Condition", "Join", "Nature", "conditions"]


class Join(StrEnum):
    """The operator to whose right a condition stands."""

    AND = "and"
    OR = "or"
    UNLESS = "unless"


class Nature(StrEnum):
    """How far a condition can be taken at its word.

    Plain: its comparison decides. Nested: the comparison stands inside something that changes what is reported.
    Flag: a comparison with ``bool``, which drops no series. Constant: nothing is measured, it always holds.
    """

    PLAIN = "plain"
    NESTED = "nested"
    FLAG = "flag"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of an alert expression.

    ``measured`` is the canonical text of the measured side, ``threshold`` the number it is compared with, constants
    folded and reversed comparisons turned; where that side is no constant ``threshold`` is None and ``against`` its
    text. ``joins`` are the operators to whose right the condition stands, outermost first (empty for the first one).
    ``windows`` (seconds), ``metrics`` and ``unit`` (where certain) are those of the measured side. ``caveat`` says what
    could not be taken apart, ``nature`` the same for a program.
    """

    measured: str
    comparison: Comparison
    threshold: float | None = None
    against: str = ""
    joins: tuple[Join, ...] = ()
    windows: tuple[float, ...] = ()
    metrics: tuple[str, ...] = ()
    unit: Unit | None = None
    caveat: str = ""
    nature: Nature = Nature.PLAIN

    @property
    def limit(self) -> Limit | None:
        """The comparison with its number; None where it has none."""
        return None if self.threshold is None else Limit(self.comparison, self.threshold)


JOINS = frozenset(str(item) for item in Join)
"""The operators of PromQL that join conditions."""

_ABSENT = frozenset({"absent", "absent_over_time"})
_HOLDS_ALWAYS = "a comparison with bool gives 0 or 1 and drops no series: it holds whatever the value is"
_OF_A_BOOL = "what is compared is the 0 or 1 of a comparison with bool"


def conditions(expression: Expr) -> tuple[Condition, ...]:
    """The conditions of an alert expression in the order of its text; at least one.

    ``and``, ``or``, ``unless`` and chains (``1 < x < 3``) give one condition a part. A comparison inside an
    aggregation, a function or a multiplication (``(x > 5) * on (pod) group_left () info``) is found, with that as its
    caveat. An alert fires for every series that its expression gives, and ``x > bool 5`` gives all of them: it has no
    threshold and is ``present``
    (https://prometheus.io/docs/prometheus/latest/querying/operators/#comparison-binary-operators).
    """
    found = _joined(expression, ())
    return found or (_whole(expression, Comparison.PRESENT),)


def _joined(expression: Expr, joins: tuple[Join, ...]) -> tuple[Condition, ...]:
    """The conditions below, or none where nothing below compares."""
    match expression:
        case ParenExpr():
            return _joined(expression.expr, joins)
        case BinaryExpr() if str(expression.op) in JOINS:
            right = (*joins, Join(str(expression.op)))
            return (*_part(expression.lhs, joins), *_part(expression.rhs, right))
        case BinaryExpr() if str(expression.op) in COMPARISONS:
            return _compared(expression, joins)
        case BinaryExpr():
            sides = (*_joined(expression.lhs, joins), *_joined(expression.rhs, joins))
            return _within(sides, f"inside an operand of {expression.op}, which changes the value that is reported")
        case Call() if expression.func.name in _ABSENT:
            return (_whole(expression.args[0], Comparison.ABSENT, joins),)
        case Call():
            inner = tuple(found for argument in expression.args for found in _joined(argument, joins))
            return _within(inner, f"inside {expression.func.name}()")
        case AggregateExpr():
            return _within(_joined(expression.expr, joins), f"inside the aggregation {expression.op}")
    return ()


def _part(expression: Expr, joins: tuple[Join, ...]) -> tuple[Condition, ...]:
    return _joined(expression, joins) or (_whole(expression, Comparison.PRESENT, joins),)


def _within(found: tuple[Condition, ...], place: str) -> tuple[Condition, ...]:
    return tuple(
        replace(
            each,
            caveat=f"{place}; {each.caveat}" if each.caveat else f"the comparison stands {place}",
            nature=Nature.NESTED if each.nature is Nature.PLAIN else each.nature,
        )
        for each in found
    )


def _whole(expression: Expr, comparison: Comparison, joins: tuple[Join, ...] = ()) -> Condition:
    number, read = fold(expression), reach(expression)
    caveat = "" if number is None else "a constant: it always holds"
    return Condition(
        _text(expression),
        comparison,
        joins=joins,
        windows=read.windows,
        metrics=read.metrics,
        unit=unit_of(expression),
        caveat=caveat,
        nature=Nature.CONSTANT if caveat else Nature.PLAIN,
    )


def _compared(expression: BinaryExpr, joins: tuple[Join, ...]) -> tuple[Condition, ...]:
    comparison, left, right = Comparison(str(expression.op)), expression.lhs, expression.rhs
    if fold(left) is not None and fold(right) is None:
        left, right, comparison = right, left, TURNED.get(comparison, comparison)
    earlier = _chain(left, joins)
    if returns_bool(expression):
        condition = replace(_whole(expression, Comparison.PRESENT, joins), caveat=_HOLDS_ALWAYS, nature=Nature.FLAG)
    else:
        measured = earlier[-1] if earlier else _whole(left, comparison, joins)
        threshold = fold(right)
        condition = replace(
            measured, comparison=comparison, threshold=threshold, against="", caveat="", nature=Nature.PLAIN
        )
        if returns_bool(left):
            condition = replace(condition, caveat=_OF_A_BOOL, nature=Nature.NESTED)
        if condition.threshold is None:
            condition = replace(condition, against=_text(right), caveat="compared with what is no constant")
        if fold(left) is not None:
            condition = replace(condition, caveat="both sides are constant", nature=Nature.CONSTANT)
    if earlier:
        condition = replace(condition, joins=(*joins, Join.AND))
    return (*earlier, condition)


def _chain(left: Expr, joins: tuple[Join, ...]) -> tuple[Condition, ...]:
    """The conditions of ``1 < x`` in ``1 < x < 3``: a comparison without ``bool`` hands on the measured value."""
    left = bare(left)
    if not isinstance(left, BinaryExpr) or str(left.op) not in COMPARISONS or returns_bool(left):
        return ()
    return _compared(left, joins)


def _text(expression: Expr) -> str:
    return str(bare(expression).prettify())
