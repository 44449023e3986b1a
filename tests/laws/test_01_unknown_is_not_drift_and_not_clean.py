"""Law 1: a verdict is given only if it holds whatever the unread values are."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.core.finding import Verdict
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.triage import Known as Before
from driftbot.core.triage import triage
from tests.laws.judgement import FLAGS, Known, judged, rule, snapshot, verdicts

Truth = bool | None
"""Kleene's third value, None, is "not readable"."""
UNREADABLE = object()
OK, DRIFT, UNKNOWN = Verdict.OK, Verdict.DRIFT, Verdict.UNKNOWN
OF_TRUTH = {True: OK, False: DRIFT, None: UNKNOWN}


@dataclass(frozen=True)
class Flag:
    """``self.a``."""

    name: str

    def __str__(self) -> str:
        return f"self.{self.name}"

    def judge(self, known: Known) -> Truth:
        return known.get(self.name)  # type: ignore[return-value]


@dataclass(frozen=True)
class Quotient:
    """``self.x / self.y <= 2.0``: not readable where a part is not, and where the divisor is zero."""

    def __str__(self) -> str:
        return "self.x / self.y <= 2.0"

    def judge(self, known: Known) -> Truth:
        x, y = known.get("x"), known.get("y")
        return None if x is None or not y else x / y <= 2.0


@dataclass(frozen=True)
class Not:
    inner: Expression

    def __str__(self) -> str:
        return f"!({self.inner})"

    def judge(self, known: Known) -> Truth:
        inner = self.inner.judge(known)
        return None if inner is None else not inner


@dataclass(frozen=True)
class Junction:
    """``&&`` is decided by one false, ``||`` by one true."""

    operator: str
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"({self.left} {self.operator} {self.right})"

    def judge(self, known: Known) -> Truth:
        decisive = self.operator == "||"
        parts = self.left.judge(known), self.right.judge(known)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive


@dataclass(frozen=True)
class Choice:
    condition: Expression
    then: Expression
    otherwise: Expression

    def __str__(self) -> str:
        return f"({self.condition} ? {self.then} : {self.otherwise})"

    def judge(self, known: Known) -> Truth:
        condition = self.condition.judge(known)
        then, otherwise = self.then.judge(known), self.otherwise.judge(known)
        if condition is None:
            return then if then == otherwise else None
        return then if condition else otherwise


Expression = Flag | Quotient | Not | Junction | Choice
leaves = st.sampled_from([*map(Flag, FLAGS), Quotient()])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Junction, st.sampled_from(["&&", "||"]), inner, inner),
        st.builds(Choice, inner, inner, inner),
    ),
    max_leaves=6,
)

DOMAINS = {**dict.fromkeys(FLAGS, (True, False)), "x": (0.0, 4.0), "y": (0.0, 1.0, 8.0)}
KNOWLEDGE = [
    {name: value for name, value in zip(DOMAINS, values, strict=True) if value is not UNREADABLE}
    for values in itertools.product(*((UNREADABLE, *domain) for domain in DOMAINS.values()))
]
"""Every state of knowledge about one workload."""


def completions(known: Known):
    return [full for full in KNOWLEDGE if len(full) == len(DOMAINS) and known.items() <= full.items()]


@settings(max_examples=25)
@given(expressions)
def test_a_verdict_holds_whatever_the_unread_values_are(expression):
    given_verdicts = verdicts(rule(str(expression)), KNOWLEDGE)
    for known, verdict in zip(KNOWLEDGE, given_verdicts, strict=True):
        if verdict is not UNKNOWN:
            truths = {expression.judge(full) for full in completions(known)} - {None}
            assert {OF_TRUTH[truth] for truth in truths} <= {verdict}, (str(expression), known)


@settings(max_examples=25)
@given(expressions)
def test_unknown_is_said_only_where_kleene_says_it(expression):
    expected = [OF_TRUTH[expression.judge(known)] for known in KNOWLEDGE]
    found = verdicts(rule(str(expression)), KNOWLEDGE)
    assert [(k, f, e) for k, f, e in zip(KNOWLEDGE, found, expected, strict=True) if f is not e] == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_value(value):
    with pytest.raises(ValueError, match="is not a quantity"):
        Quantity(value, Unit.COUNT)


@pytest.mark.parametrize("expect", ["self.x * self.x > 1.0", "self.x * self.x <= 1.0", "self.x * self.x == self.y"])
def test_a_number_too_big_to_hold_is_unknown(expect):
    assert verdicts(rule(expect), [{"x": 1e300, "y": 1.0}]) == [UNKNOWN]


@pytest.mark.parametrize("expect", ["self.x / self.y <= 2.0", "self.x / self.y > 2.0", "!(self.x / self.y > 2.0)"])
@pytest.mark.parametrize("x", [0.0, 1.0, -1.0])
def test_a_division_by_zero_is_unknown(expect, x):
    assert verdicts(rule(expect), [{"x": x, "y": 0.0}]) == [UNKNOWN]


def test_unknown_says_what_would_have_to_be_readable():
    (finding,) = judged([rule("self.a && self.b")], snapshot([{"a": True}])).findings
    assert finding.verdict is UNKNOWN
    assert any("b" in reason for reason in finding.reasons)


def test_a_recommendation_needs_every_value_it_names():
    advised = rule("self.x <= 2.0", recommend={"x": "self.y * 2"})
    unread, read = judged([advised], snapshot([{"x": 4.0}, {"x": 4.0, "y": 1.0}])).findings
    assert [advice.value for advice in unread.recommendations] == [None]
    assert [str(advice.value) for advice in read.recommendations] == ["2"]


def test_unknown_resolves_nothing():
    lesson = rule("self.a")
    first = snapshot([{"a": False}])
    standing = triage(judged([lesson], first), first, [lesson], Before()).news
    assert len(standing) == 1
    tonight = snapshot([{}])
    result = triage(judged([lesson], tonight), tonight, [lesson], Before(standing, {lesson.id: lesson.digest}))
    assert (result.resolved, result.cleared) == ((), ())
    assert [life.resolved for life in result.unread] == [None]
