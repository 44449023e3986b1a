"""Reading an alert's or a recording rule's expression: everything that facts say of it, parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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
    # Beside the measured side of a lone comparison with a number, or of none, nothing reads a metric.
    alone = len(found) == 1 and not found[0].against and not found[0].caveat
    read = found[0].metrics if alone else metrics(expression)
    return ReadExpression(folded(expression, str(expression.prettify())), read, found)
