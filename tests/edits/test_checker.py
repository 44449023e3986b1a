"""The judge of edits is itself put to the test: it refuses every edit that is wrong in some way."""

from __future__ import annotations

import pytest

from tests.edits.checker import Wrong, check_expression, check_one_line, check_threshold

FILE = b"""\
groups:
  - name: g
    rules:
      - {alert: A, expr: 'x > 5 and y < 5', for: 5m}
      - {alert: B, expr: 'x > 5', for: 5m}
"""


def test_the_one_change_that_is_meant_is_let_through():
    check_threshold(FILE, FILE.replace(b"x > 5 and", b"x > 7 and"), 5, 7)
    check_expression("x > 60 * 60", "x > 1800", 3600, 1800)
    check_expression("x > - 5", "x > 3", -5, 3)
    check_one_line(FILE, FILE.replace(b"y < 5", b"y < 7"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"x > 5 and", b"x > 8 and"),
        (b"x > 5", b"x > 7"),
        (b"x > 5 and y < 5", b"x > 7 and y < 7"),
        (b"x > 5 and", b"x >= 7 and"),
        (b"x > 5 and y", b"x > 7 and z"),
        (b"x > 5 and y", b"x > 7 or y"),
        (b"x > 5 and y", b"x > bool 7 and y"),
        (b"x > 5 and y", b"x > 7 and on (a) y"),
        (b"5m", b"7m"),
        (b"alert: A", b"alert: C"),
        (b"for: 5m}\n      - {alert: B", b"hold: 5m}\n      - {alert: B"),
        (b"      - {alert: B, expr: 'x > 5', for: 5m}\n", b""),
    ],
)
def test_any_other_change_is_refused(old, new):
    with pytest.raises(Wrong):
        check_threshold(FILE, FILE.replace(old, new), 5, 7)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rate(x[5m]) > 5", "rate(x[7m]) > 7"),
        ("rate(x[5m]) > 5", "rate(x[7m]) > 5"),
        ('x{a="5"} > 5', 'x{a="7"} > 5'),
        ("x offset 5m > 5", "x offset 7m > 5"),
        ("max_over_time(x[5m:1m]) > 5", "max_over_time(x[5m:2m]) > 7"),
        ("sum by (a) (x) > 5", "sum without (a) (x) > 7"),
        ("x > on (a) group_left (b) y > 5", "x > on (a) group_left (c) y > 7"),
        ("topk(5, x) > 5", "topk(7, x) > 7"),
        ("x > 5 * y", "x > 7 + y"),
        ("x > 5", "5 < x"),
    ],
)
def test_any_other_change_of_an_expression_is_refused(old, new):
    with pytest.raises(Wrong):
        check_expression(old, new, 5, 7)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"y < 5", b"y <\n 7"), (b"for: 5m}\n", b"for: 5m}\r\n"), (b"x", b"z")],
)
def test_more_than_a_line_and_another_line_end_are_refused(old, new):
    with pytest.raises(Wrong):
        check_one_line(FILE, FILE.replace(old, new))
