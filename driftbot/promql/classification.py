"""Classes of alert expressions: which kind of question an alert asks, and what a change of its number can mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from driftbot.promql.condition import Comparison, Condition, Join, Nature
from driftbot.promql.reading import read_expression
from driftbot.promql.spelling import NotPromQL


class AlertClass(StrEnum):
    """What an alert expression asks. An expression has one class, the first that fits in this order."""

    UNREADABLE = "unreadable"
    CONSTANT = "constant"
    BOOLEAN = "boolean"
    NESTED = "nested"
    THRESHOLD = "threshold"
    EQUALITY = "equality"
    AGAINST_METRIC = "against metric"
    ABSENT = "absent"
    PRESENT = "present"
    BURN_RATE = "burn rate"
    BAND = "band"
    EXCEPTION = "unless"
    ALTERNATIVES = "or"
    GUARDED = "guarded threshold"
    CONJUNCTION = "and"
    MIXED = "and, or"


MEANINGS: dict[AlertClass, str] = {
    AlertClass.UNREADABLE: "no PromQL that can be taken apart: another language, a template, or newer",
    AlertClass.CONSTANT: "fires always: a dead man's switch",
    AlertClass.BOOLEAN: "a comparison with `bool`: it drops no series, and the alert fires whatever the value is",
    AlertClass.NESTED: "the comparison stands inside a function, an aggregation or arithmetic",
    AlertClass.THRESHOLD: "one side above or below one number",
    AlertClass.EQUALITY: "one side equal to, or other than, one number: a state",
    AlertClass.AGAINST_METRIC: "one side against another that is measured as well",
    AlertClass.ABSENT: "fires when series are missing",
    AlertClass.PRESENT: "fires for every series that there is",
    AlertClass.BURN_RATE: "one ratio above a number over a long and a short window (`and`); one or more such pairs",
    AlertClass.BAND: "one side held against a lower and an upper number: within them (`and`) or outside (`or`)",
    AlertClass.EXCEPTION: "several conditions, one of which silences the others (`unless`)",
    AlertClass.ALTERNATIVES: "several conditions, each of which is enough (`or`)",
    AlertClass.GUARDED: "one side above or below one number, where others are there, in a state, or above 0 (`and`)",
    AlertClass.CONJUNCTION: "several conditions that hold together (`and`)",
    AlertClass.MIXED: "several conditions, joined by `and` and by `or`",
}
"""Each class in a sentence."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of an expression, and why it is this one."""

    alert_class: AlertClass
    because: str


def classify(expression: str) -> Classification:
    """The class of an alert's expression; what cannot be parsed has one as well."""
    try:
        return class_of(read_expression(expression).conditions)
    except NotPromQL as error:
        return Classification(AlertClass.UNREADABLE, str(error))


def class_of(conditions: tuple[Condition, ...]) -> Classification:
    """The class of an expression with these conditions (at least one, as ``conditions`` gives them)."""
    for nature, alert_class in _CLASS_OF_NATURE.items():
        if odd := next((condition for condition in conditions if condition.nature is nature), None):
            return Classification(alert_class, f"{odd.measured}: {odd.caveat}")
    return _single(conditions[0]) if len(conditions) == 1 else _several(conditions)


_CLASS_OF_NATURE = {
    Nature.CONSTANT: AlertClass.CONSTANT,
    Nature.FLAG: AlertClass.BOOLEAN,
    Nature.NESTED: AlertClass.NESTED,
}
_SINGLE = {
    Comparison.PRESENT: (AlertClass.PRESENT, "nothing is compared"),
    Comparison.ABSENT: (AlertClass.ABSENT, "absent() of what is measured"),
    Comparison.EQUAL: (AlertClass.EQUALITY, ""),
    Comparison.NOT_EQUAL: (AlertClass.EQUALITY, ""),
}


def _single(condition: Condition) -> Classification:
    if condition.against:
        return Classification(AlertClass.AGAINST_METRIC, f"compared with {condition.against}")
    found, because = _SINGLE.get(condition.comparison, (AlertClass.THRESHOLD, ""))
    return Classification(found, because or str(condition.limit))


def _several(conditions: tuple[Condition, ...]) -> Classification:
    if pairs := _burn_rate_pairs(conditions):
        return Classification(AlertClass.BURN_RATE, f"{pairs} pair{'s' * (pairs > 1)} of a long and a short window")
    if band := _band(conditions):
        lower, upper = band
        return Classification(AlertClass.BAND, f"{lower.limit} and {upper.limit} stand on one measured side")
    joins = {join for condition in conditions for join in condition.joins}
    count = f"{len(conditions)} conditions"
    if Join.UNLESS in joins:
        return Classification(AlertClass.EXCEPTION, f"{count}, one behind unless")
    if joins == {Join.OR}:
        return Classification(AlertClass.ALTERNATIVES, f"{count} joined by or")
    if Join.OR in joins:
        return Classification(AlertClass.MIXED, f"{count} joined by and, or")
    if guarded := _guarded(conditions):
        return Classification(
            AlertClass.GUARDED, f"{guarded.limit} beside {len(conditions) - 1} that say where it counts"
        )
    return Classification(AlertClass.CONJUNCTION, f"{count} joined by and")


def _guarded(conditions: Iterable[Condition]) -> Condition | None:
    """The one condition with a number to tune; all others ask for a state, for any, or for more than none."""
    tuned = [one for one in conditions if one.comparison.ordered and one.threshold != 0]
    return tuned[0] if len(tuned) == 1 and tuned[0].threshold is not None else None


def _band(conditions: Iterable[Condition]) -> tuple[Condition, Condition] | None:
    """A lower and an upper number on one measured side, neither behind ``unless``."""
    numbers = [one for one in conditions if one.threshold is not None and Join.UNLESS not in one.joins]
    for one, other in combinations(numbers, 2):
        if one.measured == other.measured and one.comparison.upward and other.comparison.downward:
            return one, other
        if one.measured == other.measured and one.comparison.downward and other.comparison.upward:
            return other, one
    return None


_RANGE = re.compile(r"\[[^\]]*\]")
_NAMED_WINDOW = re.compile(r"(?<=[a-z_:])(?:\d+(?:ms|[smhdwy]))+(?![a-z0-9])")


def _burn_rate_pairs(conditions: tuple[Condition, ...]) -> int:
    """How many pairs there are, 0 unless all conditions are halves of pairs.

    The form is that of the Site Reliability Workbook's multiwindow, multi-burn-rate alerts
    (https://sre.google/workbook/alerting-on-slos/): one ratio over two windows, above the same number. Recording rules
    bear the window in their name (``job:errors:ratio_rate5m``).
    """
    if not all(one.comparison.ordered and one.threshold is not None for one in conditions):
        return 0
    pairs: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for one in conditions:
        pairs[_windowless(one.measured), one.comparison, one.threshold].add(one.measured)
    whole = 2 * len(pairs) == len(conditions) and all(len(measured) == 2 for measured in pairs.values())
    held_together = sum(bool(one.joins) and one.joins[-1] is Join.AND for one in conditions)
    return len(pairs) if whole and held_together >= len(pairs) else 0


def _windowless(measured: str) -> str:
    return _NAMED_WINDOW.sub("#", _RANGE.sub("[#]", measured))
