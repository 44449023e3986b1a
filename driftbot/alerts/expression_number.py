"""The numbers that an alert's definition holds: its thresholds, windows, quantiles, label values and constants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from promql_parser import (
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    MatrixSelector,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
    VectorSelector,
)

from driftbot.alerts.definition import AlertDefinition
from driftbot.core.quantity import Unit
from driftbot.promql.condition import Comparison, Condition
from driftbot.promql.expression import parse
from driftbot.promql.number import fold

_LABEL_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?")
_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_OF_TIME = re.compile(
    r"time\(\)|timestamp|seconds|_ms\b|_sec\b|_millis|msec|latency|duration|_time|time\b|_lag\b|lag_|_delay|_age|elapsed"
    r"|days|hours|minutes|optime|(?<!up)date\b",
    re.IGNORECASE,
)
_RATE = re.compile(r"\b(?:i?rate|deriv|i?delta|increase)\(")
_COMPARING = {str(each): each for each in Comparison if each.ordered}


@dataclass(slots=True)
class ExpressionNumbers:
    """What a text about the alert may rightly mention: numbers of its expression, and durations in seconds.

    ``bounds`` are the conditions with a number that the measured side is held against (not by ``==`` or ``!=``),
    ``compared`` every such comparison, also those inside an aggregation. A constant counts as a whole: of ``3 * 3600``
    neither 3 nor 3600 is a number of its own.
    """

    bounds: tuple[Condition, ...]
    plain: set[float] = field(default_factory=set)
    durations: set[float] = field(default_factory=set)
    compared: set[tuple[Comparison, float]] = field(default_factory=set)
    extrapolates: bool = False

    @property
    def of_time(self) -> bool:
        """Whether one of the bounds is a time, as the unit or the name of what is measured says."""
        return any(is_of_time(condition) for condition in self.bounds)

    def read(self, node: Expr) -> None:
        """Take in the numbers of an expression."""
        constant = fold(node)
        if constant is not None:
            self.plain.add(constant)
            return
        self._read_own(node)
        for part in _parts(node):
            self.read(part)

    def _read_own(self, node: Expr) -> None:
        match node:
            case BinaryExpr():
                number, comparison = fold(node.rhs), _COMPARING.get(str(node.op))
                if comparison is not None and number is not None:
                    self.compared.add((comparison, number))
            case Call():
                self.extrapolates |= node.func.name == "predict_linear"
            case MatrixSelector():
                self._read_durations(node.range)
            case SubqueryExpr():
                self._read_durations(node.range, node.offset)
            case VectorSelector():
                self._read_durations(node.offset)
                for text in (node.name or "", *(matcher.value for matcher in node.matchers.matchers)):
                    self._read_label(text)

    def _read_durations(self, *found: timedelta | None) -> None:
        self.durations |= {abs(each.total_seconds()) for each in found if each is not None}

    def _read_label(self, text: str) -> None:
        for digits, unit in _LABEL_NUMBER.findall(text):
            self.plain.add(float(digits))
            if unit:
                self.durations.add(float(digits) * _SECONDS[unit])


def expression_numbers(alert: AlertDefinition) -> ExpressionNumbers:
    """Every number of the definition."""
    bounds = tuple(one for one in alert.conditions if one.threshold is not None and one.comparison.ordered)
    numbers = ExpressionNumbers(bounds, durations={alert.hold, alert.keep_firing})
    numbers.read(parse(alert.expression))
    numbers.plain |= {condition.threshold for condition in bounds if condition.threshold is not None}
    return numbers


def is_of_time(condition: Condition) -> bool:
    """Whether the measured side is a time by its unit or, where no suffix settles that, by its names."""
    if condition.unit is not None:
        return condition.unit is Unit.SECONDS
    return bool(_OF_TIME.search(condition.measured))


def is_share_of_time(condition: Condition) -> bool:
    """Whether the measured side is time a second, such as milliseconds of garbage collection a second."""
    return bool(_RATE.search(condition.measured)) and bool(_OF_TIME.search(condition.measured))


def _parts(node: Expr) -> Iterator[Expr]:
    match node:
        case BinaryExpr():
            yield from (node.lhs, node.rhs)
        case AggregateExpr():
            yield from (part for part in (node.param, node.expr) if part is not None)
        case Call():
            yield from node.args
        case ParenExpr() | UnaryExpr() | SubqueryExpr():
            yield node.expr
        case MatrixSelector():
            yield node.vector_selector
