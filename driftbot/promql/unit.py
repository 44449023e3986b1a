"""The unit of an expression, where the suffixes of its metrics make it certain.

Prometheus' naming conventions (https://prometheus.io/docs/practices/naming/) put the base unit at the end of a metric's
name: ``_seconds``, ``_bytes``, ``_ratio``, and ``_total`` for counters.
"""

from __future__ import annotations

from enum import StrEnum

from promql_parser import AggregateExpr, BinaryExpr, Call, Expr, MatrixSelector, ParenExpr, SubqueryExpr, VectorSelector

from driftbot.core.quantity import Unit
from driftbot.promql.number import fold


class _Kind(StrEnum):
    """What an expression yields: a unit, a counter of a unit, a moment, or nothing certain."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    COUNT = "count"
    PER_SECOND = "per_second"
    COUNTED = "counted"
    EVENTS = "events"
    COUNTED_SECONDS = "counted_seconds"
    COUNTED_BYTES = "counted_bytes"
    MOMENT = "moment"
    UNKNOWN = "unknown"


_SUFFIXES = (
    ("_timestamp_seconds", _Kind.MOMENT),
    ("_time_seconds", _Kind.UNKNOWN),
    ("_seconds_total", _Kind.COUNTED_SECONDS),
    ("_bytes_total", _Kind.COUNTED_BYTES),
    ("_total", _Kind.COUNTED),
    ("_seconds_sum", _Kind.COUNTED_SECONDS),
    ("_bytes_sum", _Kind.COUNTED_BYTES),
    ("_bucket", _Kind.COUNTED),
    ("_count", _Kind.EVENTS),
    ("_seconds", _Kind.SECONDS),
    ("_bytes", _Kind.BYTES),
    ("_ratio", _Kind.RATIO),
)
_OBSERVED = (("_seconds", _Kind.SECONDS), ("_bytes", _Kind.BYTES), ("_ratio", _Kind.RATIO))
_KEEPING = frozenset(
    {"avg_over_time", "max_over_time", "min_over_time", "last_over_time", "abs", "ceil", "floor", "round", "clamp_max"}
    | {"clamp_min", "clamp", "delta", "idelta", "label_replace", "label_join", "sort", "sort_desc", "scalar", "vector"}
)
_LATER = frozenset({"quantile_over_time"})
_RATES = frozenset({"rate", "irate"})
_RATE_OF = {_Kind.COUNTED: _Kind.PER_SECOND, _Kind.EVENTS: _Kind.PER_SECOND, _Kind.COUNTED_SECONDS: _Kind.RATIO}
_INCREASE_OF = {
    _Kind.COUNTED: _Kind.COUNT,
    _Kind.EVENTS: _Kind.COUNT,
    _Kind.COUNTED_SECONDS: _Kind.SECONDS,
    _Kind.COUNTED_BYTES: _Kind.BYTES,
}
_AGGREGATIONS = frozenset({"sum", "avg", "min", "max", "topk", "bottomk", "quantile", "stddev"})
_UNITS = {unit.value: unit for unit in Unit}


def unit_of(expression: Expr) -> Unit | None:
    """The unit of the expression's values, or None where it is not certain; a factor (``* 100``) makes it uncertain."""
    return _UNITS.get(_kind(expression).value)


def _kind(expression: Expr) -> _Kind:
    match expression:
        case ParenExpr() | SubqueryExpr():
            return _kind(expression.expr)
        case VectorSelector():
            name = expression.name or ""
            return next((kind for suffix, kind in _SUFFIXES if name.endswith(suffix)), _Kind.UNKNOWN)
        case MatrixSelector():
            return _kind(expression.vector_selector)
        case Call():
            return _called(expression)
        case AggregateExpr():
            return _aggregated(expression)
        case BinaryExpr():
            return _combined(str(expression.op), expression.lhs, expression.rhs)
    return _Kind.UNKNOWN


def _called(call: Call) -> _Kind:
    name, arguments = call.func.name, call.args
    if name in {"time", "timestamp"}:
        return _Kind.MOMENT
    if name in _KEEPING and arguments:
        return _kind(arguments[0])
    if name in _LATER and len(arguments) == 2:
        return _kind(arguments[1])
    if name in _RATES:
        return _RATE_OF.get(_kind(arguments[0]), _Kind.UNKNOWN)
    if name == "increase":
        return _INCREASE_OF.get(_kind(arguments[0]), _Kind.UNKNOWN)
    if name == "histogram_quantile":
        return _quantile(arguments[1])
    return _Kind.COUNT if name == "changes" else _Kind.UNKNOWN


def _quantile(buckets: Expr) -> _Kind:
    """The unit of the observations: that of the buckets' metric, through the rates and sums around it."""
    while not isinstance(buckets, VectorSelector | MatrixSelector):
        match buckets:
            case Call() if buckets.args:
                buckets = buckets.args[0]
            case ParenExpr() | AggregateExpr() | SubqueryExpr():
                buckets = buckets.expr
            case _:
                return _Kind.UNKNOWN
    selector = buckets if isinstance(buckets, VectorSelector) else buckets.vector_selector
    name = (selector.name or "").removesuffix("_bucket")
    return next((kind for suffix, kind in _OBSERVED if name.endswith(suffix)), _Kind.UNKNOWN)


def _aggregated(expression: AggregateExpr) -> _Kind:
    name = str(expression.op)
    if name in {"count", "count_values"}:
        return _Kind.COUNT
    inner = _kind(expression.expr)
    if name == "sum" and inner in {_Kind.RATIO, _Kind.MOMENT}:
        return _Kind.UNKNOWN
    return inner if name in _AGGREGATIONS else _Kind.UNKNOWN


def _combined(operator: str, lhs: Expr, rhs: Expr) -> _Kind:
    left, right = _kind(lhs), _kind(rhs)
    if operator == "-" and left is right is _Kind.MOMENT:
        return _Kind.SECONDS
    if operator in {"+", "-"}:
        return _sum(left, right, lhs, rhs)
    if operator == "/" and left is right and left not in {_Kind.UNKNOWN, _Kind.EVENTS}:
        return _Kind.RATIO
    if operator in {"and", "unless", "or"} and (left is right or operator != "or"):
        return left
    return _Kind.UNKNOWN


def _sum(left: _Kind, right: _Kind, lhs: Expr, rhs: Expr) -> _Kind:
    """A constant takes the unit of what it is added to (``1 - ratio``)."""
    if fold(lhs) is not None:
        return right
    if fold(rhs) is not None or left is right:
        return left
    return _Kind.UNKNOWN
