"""Constants of an expression folded to one number."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from promql_parser import BinaryExpr, Call, Expr, NumberLiteral, ParenExpr, UnaryExpr

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": math.pow,
    "atan2": math.atan2,
}
_WRAPPERS = frozenset({"vector", "scalar"})


def fold(expression: Expr) -> float | None:
    """The number a constant expression stands for (``60*60*24``, ``(1-0.999)*14.4``, ``vector(1)``), or None.

    A duration is its seconds. Division by zero and overflow are not folded.
    """
    match expression:
        case NumberLiteral():
            return float(expression.val)
        case ParenExpr():
            return fold(expression.expr)
        case UnaryExpr():
            return _negated(expression)
        case Call() if expression.func.name in _WRAPPERS and expression.args:
            return fold(expression.args[0])
        case BinaryExpr():
            return _folded(expression)
    return None


def without_noise(value: float) -> float:
    """The number that its authors mean: (1 - 0.999) * 14.4 and 14.4 * 0.001 are one, though not in binary."""
    return value if value.is_integer() else float(f"{value:.12g}")


def _negated(expression: UnaryExpr) -> float | None:
    # The parser has folded "-1" and dropped "+": what is left is a minus.
    value = fold(expression.expr)
    return None if value is None else -value


def _folded(expression: BinaryExpr) -> float | None:
    apply = _ARITHMETIC.get(str(expression.op))
    left = fold(expression.lhs) if apply else None
    right = fold(expression.rhs) if left is not None else None
    if apply is None or left is None or right is None:
        return None
    try:
        return without_noise(float(apply(left, right)))
    except (ArithmeticError, ValueError):
        return None
