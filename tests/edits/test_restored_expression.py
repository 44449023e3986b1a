"""Expressions put back: the author's text stays, thresholds alone change, everything else is refused."""

from __future__ import annotations

import pytest

from driftbot.edits.edit import Refused
from driftbot.edits.restored_expression import restore_expression
from driftbot.promql.reading import read_expression


def canonical(text: str) -> str:
    return read_expression(text).canonical


@pytest.mark.parametrize(
    ("today", "approved", "restored"),
    [
        ("errors   > 0.04 # agreed", "errors > 0.02", "errors   > 0.02 # agreed"),
        ("a > 90 and\n  b < 60*60", "a > 80 and b < 1800", "a > 80 and\n  b < 1800"),
        ("5 < x < 30", "5 < x < 20", "5 < x < 20"),
        ("x > -1", "x > 1", "x > 1"),
        ("x > 1_000", "x > 999", "x > 999"),
    ],
)
def test_only_the_constants_are_replaced(today, approved, restored):
    assert restore_expression(today, canonical(approved)).apply(today) == restored


@pytest.mark.parametrize(
    ("today", "approved"),
    [
        ('errors{job="a"} > 0.04', "errors > 0.02"),
        ("errors >= 0.04", "errors > 0.02"),
        ("rate(errors[10m]) > 0.04", "rate(errors[5m]) > 0.02"),
        ("a > 1 and b > 2", "a > 1"),
        ("a > 1 and b > 2", "b > 2 and a > 1"),
        ("a > 1 and on (x) b > 2", "a > 1 and on (y) b > 3"),
        ("a > b", "a > c"),
    ],
)
def test_what_differs_in_more_than_thresholds_is_left_to_people(today, approved):
    with pytest.raises(Refused, match="restore by hand"):
        restore_expression(today, canonical(approved))


def test_what_is_no_promql_is_refused():
    with pytest.raises(Refused, match="cannot be taken apart"):
        restore_expression("{{ .Values.expr }}", "up == 0")


def test_a_long_expression_is_not_shown_whole():
    approved = " or ".join(f'up{{job="job-{number}"}} == 0' for number in range(50))
    with pytest.raises(Refused) as refusal:
        restore_expression("up == 0", canonical(approved))
    assert len(refusal.value.reason) < 300
