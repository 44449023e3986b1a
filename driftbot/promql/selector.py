"""Selectors: which metrics and labels an expression reads, and how far back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import promql_parser
from promql_parser import Expr, MatchOp, MatrixSelector, SubqueryExpr, VectorSelector


class Match(StrEnum):
    """How a matcher compares a label."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True, slots=True, order=True)
class Matcher:
    """One label comparison of a selector."""

    label: str
    match: Match
    value: str


@dataclass(frozen=True, slots=True, order=True)
class Selector:
    """The series an expression reads in one place: metric (empty where only labels choose), matchers sorted."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    alternatives: tuple[tuple[Matcher, ...], ...] = ()


def selectors(expression: Expr) -> tuple[Selector, ...]:
    """Every selector of the expression, sorted, each once."""
    found: set[Selector] = set()

    def visit(node: Expr) -> None:
        if isinstance(node, VectorSelector):
            found.add(selector_of(node))

    promql_parser.walk(expression, visit)
    return tuple(sorted(found))


def metrics(expression: Expr) -> tuple[str, ...]:
    """The names of the metrics an expression reads, sorted."""
    return reach(expression).metrics


def windows(expression: Expr) -> tuple[float, ...]:
    """The ranges (seconds) over which the expression looks back, subqueries included, sorted, each once."""
    return reach(expression).windows


@dataclass(frozen=True, slots=True)
class Reach:
    """What an expression reads: the names of metrics, and ranges in seconds; both sorted, each once."""

    metrics: tuple[str, ...]
    windows: tuple[float, ...]


def reach(expression: Expr) -> Reach:
    """Metrics and ranges in one walk."""
    names: set[str] = set()
    ranges: set[float] = set()

    def visit(node: Expr) -> None:
        if isinstance(node, VectorSelector):
            names.add(node.name or selector_of(node).metric)
        elif isinstance(node, MatrixSelector | SubqueryExpr) and node.range is not None:
            ranges.add(node.range.total_seconds())

    promql_parser.walk(expression, visit)
    return Reach(tuple(sorted(names - {""})), tuple(sorted(ranges)))


def selector_of(node: VectorSelector) -> Selector:
    """What a selector of the tree says."""
    matchers = tuple(sorted(_matcher(matcher) for matcher in node.matchers.matchers))
    named = [matcher.value for matcher in matchers if (matcher.label, matcher.match) == ("__name__", Match.EQUAL)]
    metric = node.name or next(iter(named), "")
    kept = tuple(matcher for matcher in matchers if not (named and matcher.label == "__name__"))
    groups = (tuple(sorted(_matcher(matcher) for matcher in group)) for group in node.matchers.or_matchers)
    return Selector(metric, kept, tuple(sorted(groups)))


def _matcher(matcher: promql_parser.Matcher) -> Matcher:
    return Matcher(matcher.name, _match(matcher.op), matcher.value)


def _match(op: MatchOp) -> Match:
    # The parser's enumeration compares but does not hash.
    if op == MatchOp.Equal:
        return Match.EQUAL
    if op == MatchOp.NotEqual:
        return Match.NOT_EQUAL
    return Match.REGEX if op == MatchOp.Re else Match.NOT_REGEX
