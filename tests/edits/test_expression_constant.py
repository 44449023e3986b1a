"""One constant of one condition is replaced, in its author's manner, or the edit is refused: never another one."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from driftbot.edits.edit import Refused
from driftbot.edits.expression_constant import replace_threshold
from driftbot.promql.condition import conditions
from driftbot.promql.expression import NotPromQL, parse
from tests.edits.checker import check_expression
from tests.edits.expressions import EXPRESSIONS, VALUES

TRIES = [300, pytest.param(10_000, marks=pytest.mark.campaign)]


@pytest.mark.parametrize(
    ("expression", "condition", "value", "expected"),
    [
        ("x > 0.9", 1, 0.95, "x > 0.95"),
        ("x>90", 1, 95, "x>95"),
        ("x > 1e6", 1, 2.5e6, "x > 2.5e6"),
        ("x > 5m", 1, 600, "x > 10m"),
        ("x > -5m", 1, -600, "x > -10m"),
        ("x > 5m", 1, 0, "x > 0"),
        ("x > 0x1F", 1, 32, "x > 0x20"),
        ("x > 1_000_000", 1, 2e6, "x > 2_000_000"),
        ("x > -5", 1, -7, "x > -7"),
        ("x > - 5", 1, -7, "x > - 7"),
        ("x > - 5", 1, 3, "x > 3"),
        ("x > -5", 1, 0, "x > 0"),
        ("x > +5", 1, 6, "x > +6"),
        ("x > +5", 1, -6, "x > -6"),
        ("x >5", 1, -3, "x >-3"),
        ("x > (5)", 1, 6, "x > (6)"),
        ("x > vector(5)", 1, 6, "x > vector(6)"),
        ("x > scalar( vector(5) )", 1, 6, "x > scalar( vector(6) )"),
        ("x > -(5)", 1, 6, "x > 6"),
        ("x > Inf", 1, 3, "x > 3"),
        ("x > 60*60*24", 1, 3600, "x > 3600"),
        ("x > (1-0.999)*14.4", 1, 0.006, "x > 0.006"),
        ("x > (5 * 60)", 1, 600, "x > (600)"),
        ("x > -2 ^ 2", 1, 3, "x > 3"),
        ("a > (1-0.999)*14.4 and b > (1-0.999)*14.4", 2, 0.006, "a > (1-0.999)*14.4 and b > 0.006"),
        ("x > 5 or x > 5", 1, 7, "x > 7 or x > 5"),
        ("x > 5 or x > 5", 2, 7, "x > 5 or x > 7"),
        ("5 < x", 1, 7, "7 < x"),
        ("-1 < x", 1, -2, "-2 < x"),
        ("1 < x < 3", 1, 2, "2 < x < 3"),
        ("1 < x < 3", 2, 4, "1 < x < 4"),
        ("x > 5 > 5", 2, 4, "x > 5 > 4"),
        ("sum by (a) (5 < x) > 5", 1, 6, "sum by (a) (5 < x) > 6"),
        ("count(x > 5) > 5", 1, 6, "count(x > 5) > 6"),
        ("quantile(0.9, x) > 0.9", 1, 0.8, "quantile(0.9, x) > 0.8"),
        ("(x > 5) * on (pod) group_left () info", 1, 6, "(x > 6) * on (pod) group_left () info"),
        ("x > on () vector(3)", 1, 4, "x > on () vector(4)"),
        ("x > ignoring(a)group_left(b) vector(3)", 1, 4, "x > ignoring(a)group_left(b) vector(4)"),
        ('x{a="5 > 3"} > 5', 1, 6, 'x{a="5 > 3"} > 6'),
        ("x{a='# 5'} > 5 # > 5\n and y<3", 1, 6, "x{a='# 5'} > 6 # > 5\n and y<3"),
        ("x > 5 # > 5\n and y<3", 2, 6, "x > 5 # > 5\n and y<6"),
        ("# x > 5\nx > 5", 1, 6, "# x > 5\nx > 6"),
        ("rate(x[5m] offset 5m) > 5m", 1, 60, "rate(x[5m] offset 5m) > 1m"),
        ("(x > bool 5) == 1", 1, 0, "(x > bool 5) == 0"),
        ("x == bool 1 and y > 1", 2, 6, "x == bool 1 and y > 6"),
        ("a > 5 unless b < 5 unless c == 5", 3, 6, "a > 5 unless b < 5 unless c == 6"),
    ],
)
def test_the_constant_is_replaced_in_its_author_s_manner(expression, condition, value, expected):
    old = conditions(parse(expression))[condition - 1].threshold
    assert old is not None
    found = replace_threshold(expression, condition - 1, value).apply(expression)
    assert found == expected
    turned = expression.replace("1_000_000", "1000000"), found.replace("2_000_000", "2000000")
    check_expression(*turned, old, value)


@pytest.mark.parametrize(
    ("expression", "condition", "value", "reason"),
    [
        ("x > 5", 2, 6, "the expression has 1 conditions, none with number 2"),
        ("x > 5", 0, 6, "none with number 0"),
        ("x", 1, 6, "it asks whether anything is present"),
        ("absent(x > 5)", 1, 6, "it asks whether anything is absent"),
        ("x > bool 5", 1, 6, "a comparison with bool gives 0 or 1"),
        ("x > y", 1, 6, "compared with `y`"),
        ("x > y * 5", 1, 6, "compared with `y * 5`"),
        ("x > time() - 5", 1, 6, "compared with `time() - 5`"),
        ("x > scalar(y)", 1, 6, "compared with `scalar(y)`"),
        ("x > 5 *\n 60", 1, 6, "`5 * 60` is computed over several lines"),
        ("x > 5 * # minutes\n 60", 1, 6, "has a comment in it"),
        ("x > 5", 1, 5, "the threshold is 5 already"),
        ("x > 0.3", 1, 0.1 + 0.2, "already"),
        ("x > 5", 1, float("nan"), "no threshold that could be written"),
        ("x > {{ .Values.limit }}", 1, 6, "placeholder {{ .Values.limit }} is not PromQL"),
        ("x > <%= @limit %>", 1, 6, "placeholder <%= @limit %> is not PromQL"),
        ("x >> 5", 1, 6, "cannot be taken apart"),
    ],
)
def test_what_cannot_be_replaced_is_refused_with_the_reason(expression, condition, value, reason):
    with pytest.raises(Refused) as refusal:
        replace_threshold(expression, condition - 1, value)
    assert reason in refusal.value.reason


HONEST = ("already", "no constant threshold", "computed over several lines")


@pytest.mark.parametrize("tries", TRIES)
def test_no_expression_is_changed_otherwise_than_meant(tries):
    if tries > 300 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    patient = [HealthCheck.filter_too_much, HealthCheck.too_slow]
    given(EXPRESSIONS, VALUES, st.data())(
        settings(max_examples=tries, deadline=None, suppress_health_check=patient)(judge)
    )()


def judge(expression: str, value: float, data: st.DataObject) -> None:
    """Ask for one edit of the expression; what comes back is right, or refused for a reason that is true."""
    try:
        before = conditions(parse(expression))
    except NotPromQL:
        assume(False)
    index = data.draw(st.integers(0, len(before) - 1))
    old = before[index].threshold
    try:
        replacement = replace_threshold(expression, index, value)
    except Refused as refusal:
        # What a comparison with bool gives is measured with the constants in it: two conditions share one.
        honest = (*HONEST, "this threshold alone") if "bool" in expression else HONEST
        assert any(reason in refusal.reason for reason in honest), (expression, index, value, refusal.reason)
        event("refused")
        return
    event("edited")
    after = replacement.apply(expression)
    assert old is not None
    check_expression(expression, after, old, value)
    others = [
        (one, other)
        for at, (one, other) in enumerate(zip(before, conditions(parse(after)), strict=True))
        if at != index
    ]
    assert all(one == other for one, other in others)
    assert "\n" not in replacement.new
