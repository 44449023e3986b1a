"""Reading an alert's or a recording rule's expression: everything that facts say of it, parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from promql_parser import Expr

from driftbot.promql.condition import Condition, conditions
from driftbot.promql.expression import parse
from driftbot.promql.folding import folded
from driftbot.promql.selector import metrics

KEPT = 20_000
"""Expressions that are remembered: a rule file's are a server's as well."""


@dataclass(frozen=True, slots=True)
class ReadExpression:
    """An expression in canonical form, constants folded; the metrics it reads; its conditions were it an alert's."""

    canonical: str
    metrics: tuple[str, ...]
    conditions: tuple[Condition, ...]


@lru_cache(maxsize=KEPT)
def read_expression(text: str) -> ReadExpression:
    """The expression taken apart.

    Raises:
        NotPromQL: the parser does not know it; the message says why.
    """
    expression = parse(text)
    found = conditions(expression)
    return ReadExpression(folded(expression, str(expression.prettify())), _metrics(expression, found), found)


def _metrics(expression: Expr, found: tuple[Condition, ...]) -> tuple[str, ...]:
    # Beside the measured sides of conditions that were wholly taken apart, nothing reads a metric.
    if any(condition.against or condition.caveat for condition in found):
        return metrics(expression)
    return tuple(sorted({metric for condition in found for metric in condition.metrics}))
