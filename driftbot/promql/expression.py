"""Parsing PromQL, and the canonical text of an expression."""

from __future__ import annotations

from contextlib import suppress

import promql_parser
from promql_parser import BinaryExpr, Expr, Function, ParenExpr, ValueType

from driftbot.promql.dialect import dialect
from driftbot.promql.spelling import NotPromQL, spell

__all__ = ["NotPromQL", "bare", "canonical", "parse", "returns_bool"]

# Prometheus 3.0 renamed it double_exponential_smoothing; files written for older servers still load there.
_OLDER = (Function("holt_winters", [ValueType.Matrix, ValueType.Scalar, ValueType.Scalar], ValueType.Vector),)

_known = False


def parse(text: str) -> Expr:
    """The expression as a tree.

    Raises:
        NotPromQL: the parser does not know it; the message says why.
    """
    _register()
    try:
        return promql_parser.parse(spell(text))
    except NotPromQL:
        raise
    except ValueError as error:
        reason, looks_like = str(error).strip() or "not PromQL", dialect(text)
        raise NotPromQL(f"{reason}; it looks like {looks_like}" if looks_like else reason) from None


def canonical(text: str) -> str:
    """The comparable form: two texts of one expression (other spaces, comments, ``5m`` for ``300s``) agree after it.

    Raises:
        NotPromQL: the parser does not know it.
    """
    return str(parse(text).prettify())


def bare(expression: Expr) -> Expr:
    """The expression without brackets around the whole of it."""
    while isinstance(expression, ParenExpr):
        expression = expression.expr
    return expression


def returns_bool(expression: Expr) -> bool:
    """Whether it is a comparison with ``bool``: one that drops no series and gives each 0 or 1."""
    found = bare(expression)
    return isinstance(found, BinaryExpr) and found.modifier is not None and bool(found.modifier.return_bool)


def _register() -> None:
    global _known
    if not _known:
        # The parser keeps extra functions in one list a process and refuses a name that it already has.
        with suppress(ValueError):
            promql_parser.register_extra_functions(list(_OLDER))
        _known = True
