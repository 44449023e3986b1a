"""Implication: what can hold only where something else holds, and what cannot be said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.alerts.implication import implies, matchers, measure
from driftbot.alerts.meaning import meaning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x > 5", "x > 5"),
        ("x > 5", "5 < x"),
        ('x{a="1", b="2"} > 5', 'x{b="2", a="1"} > 5'),
        ("x > 6", "x > 5"),
        ("x > 5", "x >= 5"),
        ("x >= 6", "x > 5"),
        ("x < 4", "x < 5"),
        ("x < 5", "x <= 5"),
        ("100 * x > 90", "x > 0.8"),
        ('x{a="1"} > 5', "x > 5"),
        ('rate(x{a="1"}[5m]) > 5', "rate(x[5m]) > 4"),
        ('a{n="1"} / b{n="1"} > 5', "a / b > 5"),
        ("x > 5 and y > 1", "x > 5"),
        ("x > 5 and y > 2", "x > 4 and y > 1"),
        ("x > 5 unless y > 1", "x > 5"),
        ("x > 5 unless y > 1", "x > 5 unless y > 2"),
        ("x == 0", "x == 0"),
        ("x == 0", "x < 1"),
        ("x > 9 or y > 9", "x > 5 or y > 5"),
        ('up{a="1"} == 0', "up == 0"),
        ('absent(up{a="1"})', 'absent(up{a="1"})'),
    ],
)
def test_certain(one, other):
    assert implies(meaning(one), meaning(other))
    assert measure(meaning(one)) == measure(meaning(other)), "or nobody would compare the two"
    assert matchers(meaning(one)) >= matchers(meaning(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x > 5", "x > 6"),
        ("x >= 5", "x > 5"),
        ("x <= 5", "x < 5"),
        ("x > 5", "x < 5"),
        ("x == 1", "x == 0"),
        ("x == 1", "x > 1"),
        ("x > 5", 'x{a="1"} > 5'),
        ("x > 5", "y > 5"),
        ("x > y", "x > 4"),
        ("x > 5", "x > y"),
        ("x > y", "x >= y"),
        ("rate(x[5m]) > 5", "rate(x[10m]) > 5"),
        ("x > 5", "x offset 1h > 5"),
        ('sum(x{a="1"}) > 5', "sum(x) > 5"),
        ('absent(up{a="1"})', "absent(up)"),
        ("x > 5", "x > 5 and y > 1"),
        ("x > 5 unless y > 2", "x > 5 unless y > 1"),
        ("x > 5 or y > 1", "x > 5"),
        ("x > 5 and on (b) y", "y > 5 and on (b) x"),
        ("x > bool 6", "x > bool 5"),
        ("sum by (a) (x) > 5", "sum by (b) (x) > 5"),
    ],
)
def test_not_certain(one, other):
    assert not implies(meaning(one), meaning(other))


NUMBERS = st.integers(-1_000, 1_000)
COMPARISONS = st.sampled_from(["<", "<=", ">", ">=", "=="])


@given(NUMBERS, COMPARISONS, NUMBERS, COMPARISONS, NUMBERS)
def test_where_one_implies_the_other_no_value_satisfies_only_the_first(value, first, one, second, other):
    if implies(meaning(f"x {first} {one}"), meaning(f"x {second} {other}")) and _holds(value, first, one):
        assert _holds(value, second, other)


def _holds(value, comparison, number):
    return {
        "<": value < number,
        "<=": value <= number,
        ">": value > number,
        ">=": value >= number,
        "==": value == number,
    }[comparison]
