"""Implication: whether one alert's expression can hold only where another's holds as well."""

from __future__ import annotations

from dataclasses import replace

from driftbot.alerts.meaning import Joined, Leaf, Meaning
from driftbot.alerts.term import Called, Operation, Selected, Term, walk
from driftbot.promql.selector import Matcher

_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^"})
_OF_EACH_SERIES = frozenset(
    {"rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets", "predict_linear", "avg_over_time"}
    | {"max_over_time", "min_over_time", "sum_over_time", "count_over_time", "last_over_time", "quantile_over_time"}
    | {"stddev_over_time", "present_over_time", "abs", "ceil", "floor", "round", "clamp", "clamp_max", "clamp_min"}
    | {"ln", "log2", "log10", "sqrt", "exp", "timestamp"}
)
"""Functions that say of each series something that rests on it alone."""


def implies(one: Meaning, other: Meaning) -> bool:
    """Whether the first holds only where the second holds as well, by its structure; False where that is not certain.

    It does for equal expressions, for a threshold that is reached later, for fewer series of the same measure, and with
    more conditions joined by ``and``.
    """
    if one == other:
        return True
    if isinstance(one, Leaf) and isinstance(other, Leaf):
        return _stricter(one.term, other.term)
    if isinstance(one, Joined) and isinstance(other, Joined) and _alike(one, other):
        first, *rest = zip(one.parts, other.parts, strict=True)
        later = [pair[::-1] for pair in rest] if one.operator == "unless" else rest
        return all(implies(*pair) for pair in (first, *later))
    return isinstance(one, Joined) and one.operator in {"and", "unless"} and implies(one.parts[0], other)


def measure(asks: Meaning) -> Term:
    """What the first condition measures, without matchers: equal for two of which one may imply the other."""
    return _unmatched(_measured(asks))


def matchers(asks: Meaning) -> frozenset[Matcher]:
    """The matchers of what the first condition measures: whatever implies it has all of them."""
    read = (one.matchers for one in walk(_measured(asks)) if isinstance(one, Selected))
    return frozenset(matcher for found in read for matcher in found)


def _measured(asks: Meaning) -> Term:
    while isinstance(asks, Joined):
        asks = asks.parts[0]
    term = asks.term
    return term.left if isinstance(term, Operation) and term.limit else term


def _unmatched(term: Term) -> Term:
    """The term without those matchers of which ``narrower`` takes more for fewer series."""
    match term:
        case Selected():
            return replace(term, matchers=())
        case Called() if term.function in _OF_EACH_SERIES:
            return replace(term, arguments=tuple(map(_unmatched, term.arguments)))
        case Operation() if term.operator in _ARITHMETIC:
            return replace(term, left=_unmatched(term.left), right=_unmatched(term.right))
    return term


def _alike(one: Joined, other: Joined) -> bool:
    return (one.operator, one.matching, len(one.parts)) == (other.operator, other.matching, len(other.parts))


def _stricter(one: Term, other: Term) -> bool:
    if not (isinstance(one, Operation) and isinstance(other, Operation)):
        return narrower(one, other)
    mine, theirs = one.limit, other.limit
    if mine is None or theirs is None or one.matching != other.matching or one.returns_bool or other.returns_bool:
        return False
    return narrower(one.left, other.left) and mine.within(theirs)


def narrower(one: Term, other: Term) -> bool:
    """Whether every series of the first is one of the second, with the same values."""
    if one == other:
        return True
    match one, other:
        case Selected(), Selected():
            same = (one.metric, one.alternatives, one.window, one.moment)
            theirs = (other.metric, other.alternatives, other.window, other.moment)
            return same == theirs and set(one.matchers) >= set(other.matchers)
        case Called(), Called() if one.function == other.function and one.function in _OF_EACH_SERIES:
            same_length = len(one.arguments) == len(other.arguments)
            return same_length and all(narrower(*pair) for pair in zip(one.arguments, other.arguments, strict=True))
        case Operation(), Operation() if one.operator == other.operator and one.operator in _ARITHMETIC:
            return (
                one.matching == other.matching and narrower(one.left, other.left) and narrower(one.right, other.right)
            )
    return False
