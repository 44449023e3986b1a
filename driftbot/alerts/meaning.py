"""Meaning: a parsed expression as terms, and an alert's expression as conditions and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from promql_parser import (
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    SubqueryExpr,
    UnaryExpr,
    VectorMatchCardinality,
    VectorSelector,
)

from driftbot.alerts.term import (
    Aggregated,
    Called,
    Number,
    Operation,
    Repeated,
    Said,
    Selected,
    Term,
    Text,
    seconds,
)
from driftbot.core.quantity import format_number
from driftbot.promql.comparison import COMPARISONS, TURNED
from driftbot.promql.condition import JOINS, Join
from driftbot.promql.expression import bare, parse, returns_bool
from driftbot.promql.number import fold, without_noise
from driftbot.promql.selector import selectors

KEPT = 20_000
"""Expressions whose meaning is remembered: who compares all alerts of an estate asks for each several times."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition: ``term`` says when it holds, ``measured`` is its measured side as its author wrote it."""

    term: Term
    measured: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by ``operator``; ``and`` and ``or`` without matching labels take any number of parts."""

    operator: str
    parts: tuple[Meaning, ...]
    matching: str = ""


Meaning = Leaf | Joined


@lru_cache(maxsize=KEPT)
def meaning(expression: str) -> Meaning:
    """What an alert's expression asks.

    Raises:
        NotPromQL: the parser does not know it.
    """
    return _meaning(parse(expression))


def leaves(found: Meaning) -> tuple[Leaf, ...]:
    """The conditions, in the order of the text."""
    if isinstance(found, Leaf):
        return (found,)
    return tuple(leaf for part in found.parts for leaf in leaves(part))


def _meaning(expression: Expr) -> Meaning:
    expression = bare(expression)
    if isinstance(expression, BinaryExpr):
        if str(expression.op) in JOINS:
            sides = _meaning(expression.lhs), _meaning(expression.rhs)
            return _joined(str(expression.op), sides, _matching(expression))
        chained = _chained(expression) if str(expression.op) in COMPARISONS else None
        if chained is not None:
            return _joined(str(Join.AND), chained, "")
    found = term(expression)
    said = found.said if isinstance(found, Operation) else None
    return Leaf(found, said.measured if said else _text(expression))


def _joined(operator: str, found: tuple[Meaning, ...], matching: str) -> Joined:
    flat: list[Meaning] = []
    for part in found:
        alike = isinstance(part, Joined) and (part.operator, part.matching) == (operator, "")
        if alike and isinstance(part, Joined) and not matching and operator != Join.UNLESS:
            flat += part.parts
        else:
            flat.append(part)
    return Joined(operator, tuple(flat), matching)


def _chained(expression: BinaryExpr) -> tuple[Meaning, ...] | None:
    """``1 < x`` and ``x < 3`` of ``1 < x < 3``: a comparison without ``bool`` hands on what is measured."""
    constant, left = (expression.rhs, expression.lhs)
    if fold(constant) is None:
        constant, left = left, constant
    left, limit = bare(left), fold(constant)
    compares = isinstance(left, BinaryExpr) and str(left.op) in COMPARISONS and not returns_bool(left)
    if limit is None or not compares or returns_bool(expression) or fold(left) is not None:
        return None
    operator = str(expression.op)
    operator = operator if constant is expression.rhs else TURNED.get(operator, operator)
    earlier = _meaning(left)
    measured = leaves(earlier)[-1]
    if not isinstance(measured.term, Operation) or measured.term.said is None:
        return None
    said = Said(measured.measured, operator, format_number(limit), measured.term.said.scale, measured.term.said.shift)
    return earlier, Leaf(_settled(measured.term.left, operator, limit, said, measured.term.matching), said.measured)


def term(expression: Expr) -> Term:
    """The expression as a term."""
    expression = bare(expression)
    value = fold(expression)
    if value is not None and not _makes_vector(expression):
        return Number(value)
    match expression:
        case NumberLiteral():
            return Number(float(expression.val))
        case StringLiteral():
            return Text(str(expression.val))
        case UnaryExpr():
            return Operation("*", Number(-1.0), term(expression.expr))
        case VectorSelector():
            return _selected(expression, None)
        case MatrixSelector():
            return _selected(expression.vector_selector, expression.range)
        case SubqueryExpr():
            step = "" if expression.step is None else seconds(expression.step.total_seconds())
            length = 0.0 if expression.range is None else expression.range.total_seconds()
            return Repeated(term(expression.expr), length, step, _moment(expression))
        case Call():
            return Called(str(expression.func.name), tuple(term(argument) for argument in expression.args))
        case AggregateExpr():
            parameter = None if expression.param is None else term(expression.param)
            return Aggregated(str(expression.op), term(expression.expr), _grouping(expression), parameter)
        case BinaryExpr() if str(expression.op) in COMPARISONS:
            return _comparison(expression)
        case BinaryExpr():
            return _operation(expression)
    return Text(_text(expression))


def _operation(expression: BinaryExpr) -> Operation:
    left, right = term(expression.lhs), term(expression.rhs)
    if isinstance(right, Number) and not isinstance(left, Number) and str(expression.op) in {"+", "*"}:
        left, right = right, left
    return Operation(str(expression.op), left, right, _matching(expression), returns_bool(expression))


def _comparison(expression: BinaryExpr) -> Operation:
    left, right, operator = expression.lhs, expression.rhs, str(expression.op)
    if fold(left) is not None and fold(right) is None:
        left, right, operator = right, left, TURNED.get(operator, operator)
    limit = fold(right)
    if limit is None or fold(left) is not None:
        found = _operation(expression)
        said = Said(_text(left), operator, _text(right))
        return Operation(operator, found.left, found.right, found.matching, found.returns_bool, said)
    measured, scale, shift = unscaled(term(left))
    said = Said(_text(left), operator, format_number(limit), scale, shift)
    matching = " ".join(filter(None, (_matching(expression), "vector" if _makes_vector(right) else "")))
    return _settled(measured, operator, limit, said, matching, returns_bool(expression))


def _settled(
    measured: Term, operator: str, limit: float, said: Said, matching: str, returns_bool: bool = False
) -> Operation:
    """The comparison with factor and summand of the measured side moved into the number."""
    moved = limit if (said.scale, said.shift) == (1.0, 0.0) else without_noise((limit - said.shift) / said.scale)
    turned = TURNED.get(operator, operator) if said.scale < 0 else operator
    return Operation(turned, measured, Number(moved + 0.0), matching, returns_bool, said)


def compared(comparison: Operation, threshold: float | None, operator: str | None) -> Operation:
    """The comparison with another threshold or operator in its author's terms; None for the one that it has."""
    said = comparison.said
    assert said is not None
    limit = float(said.threshold) if threshold is None else threshold
    other = replace(said, operator=operator or said.operator, threshold=format_number(limit))
    return _settled(comparison.left, other.operator, limit, other, comparison.matching, comparison.returns_bool)


def unscaled(found: Term) -> tuple[Term, float, float]:
    """The term without constant factors and summands, and those: it is ``scale`` × the first one + ``shift``."""
    scale, shift = 1.0, 0.0
    while isinstance(found, Operation) and not found.matching:
        peeled = _peeled(found)
        if peeled is None:
            break
        found, factor, summand = peeled
        scale, shift = scale * factor, scale * summand + shift
    return found, scale, shift


def _peeled(found: Operation) -> tuple[Term, float, float] | None:
    left, right = found.left, found.right
    if isinstance(left, Number) and not isinstance(right, Number):
        if found.operator == "*" and left.value:
            return right, left.value, 0.0
        if found.operator in {"+", "-"}:
            return right, 1.0 if found.operator == "+" else -1.0, left.value
    elif isinstance(right, Number):
        if found.operator in {"*", "/"} and right.value:
            return left, right.value if found.operator == "*" else 1.0 / right.value, 0.0
        if found.operator in {"+", "-"}:
            return left, 1.0, right.value if found.operator == "+" else -right.value
    return None


def _selected(expression: VectorSelector, window: timedelta | None) -> Selected:
    (found,) = selectors(expression)
    length = 0.0 if window is None else window.total_seconds()
    return Selected(found.metric, found.matchers, found.alternatives, length, _moment(expression))


def _moment(expression: Any) -> str:
    offset, at = expression.offset, expression.at
    told = [f"offset {seconds(offset.total_seconds())}"] if offset else []
    if at is not None:
        told.append(f"@ {at.at.timestamp():.12g}" if isinstance(at.at, datetime) else str(at))
    return " ".join(told)


def _grouping(expression: AggregateExpr) -> str:
    modifier = expression.modifier
    if modifier is None:
        return ""
    word = "by" if modifier.type == type(modifier.type).By else "without"
    labels = ", ".join(sorted(modifier.labels))
    return f"{word} ({labels})" if labels or word == "without" else ""


def _matching(expression: BinaryExpr) -> str:
    modifier = expression.modifier
    if modifier is None:
        return ""
    told = []
    if modifier.matching is not None:
        word = "on" if modifier.matching.type == type(modifier.matching.type).Include else "ignoring"
        labels = ", ".join(sorted(modifier.matching.labels))
        told += [f"{word} ({labels})"] if labels or word == "on" else []
    for card, word in (
        (VectorMatchCardinality.ManyToOne, "group_left"),
        (VectorMatchCardinality.OneToMany, "group_right"),
    ):
        if modifier.card == card:
            told.append(f"{word} ({', '.join(sorted(modifier.group_labels or ()))})")
    return " ".join(told)


def _makes_vector(constant: Expr) -> bool:
    return "vector(" in str(constant.prettify())


def _text(expression: Expr) -> str:
    return one_line(str(bare(expression).prettify()))


def one_line(text: str) -> str:
    """An expression's text without the line ends and indents of its canonical form."""
    return " ".join(text.split())
