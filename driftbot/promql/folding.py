"""Expressions with their constants folded: ``x > 60 * 60`` as ``x > 3600``."""

from __future__ import annotations

import re

import promql_parser
from promql_parser import BinaryExpr, Expr, NumberLiteral, ParenExpr, UnaryExpr

from driftbot.promql.number import fold

_CONSTANTS = re.compile(r"[\d)]\s*(?:[-+*/%^]|atan2)\s*[(-]*\s*\d|\(\s*[\d.]+\s*\)")


def folded(expression: Expr, canonical: str) -> str:
    """The canonical text with every constant as one number; as it is where there are none to fold.

    Brackets around one number go, but for those of a negative number: ``(-1) ^ x`` is not ``-1 ^ x``.
    """
    # Going through a tree calls back for every node: few expressions have anything to fold.
    if not _CONSTANTS.search(canonical):
        return canonical
    return str(promql_parser.transform(expression, None, _number).prettify())


def _number(node: Expr) -> Expr | None:
    if not isinstance(node, BinaryExpr | ParenExpr | UnaryExpr) or not _is_scalar(node):
        return None
    value = fold(node)
    if value is None or (isinstance(node, ParenExpr) and value < 0):
        return None
    return promql_parser.parse(f"{value!r}")


def _is_scalar(node: Expr) -> bool:
    """Whether only numbers are below: ``vector(1) + 1`` is constant as well, but no scalar."""
    match node:
        case NumberLiteral():
            return True
        case ParenExpr() | UnaryExpr():
            return _is_scalar(node.expr)
        case BinaryExpr():
            return _is_scalar(node.lhs) and _is_scalar(node.rhs)
    return False
