"""Limits: for which values a comparison with a number holds, against trying values out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.promql.comparison import COMPARISONS, TURNED, Comparison, Limit

LIMITS = st.builds(Limit, st.sampled_from(sorted(map(Comparison, COMPARISONS))), st.integers(-3, 3).map(float))
VALUES = [half / 2 for half in range(-9, 10)] + [-math.inf, math.inf, math.nan]


@given(LIMITS, LIMITS)
def test_within_is_what_trying_every_value_says(one, other):
    assert one.within(other) == all(other.holds(value) for value in VALUES if one.holds(value))


@given(LIMITS)
def test_turned_twice_is_the_same(limit):
    once = TURNED.get(limit.comparison, limit.comparison)
    assert TURNED.get(once, once) is limit.comparison
    for value in VALUES:
        assert Limit(once, value).holds(limit.value) == limit.holds(value)


@pytest.mark.parametrize("comparison", sorted(COMPARISONS))
def test_nothing_is_said_of_what_is_no_number(comparison):
    nothing = Limit(Comparison(comparison), math.nan)
    assert not Limit(Comparison.ABOVE, 5.0).within(nothing) or comparison == "!="
    assert str(nothing) == f"{comparison} NaN"


def test_a_limit_reads_as_people_write_it():
    assert str(Limit(Comparison.ABOVE, 2.0**40)) == "> 1099511627776"
