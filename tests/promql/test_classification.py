"""One class an expression, and the reason with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.promql.classification import MEANINGS, AlertClass, classify
from driftbot.promql.condition import Nature, conditions
from driftbot.promql.expression import parse

BURN = 'sum(rate(e{a="b"}[%s])) / sum(rate(t[%s])) > 14.4 * 0.001'
CASES = [
    ("x > 5", AlertClass.THRESHOLD, "> 5"),
    ("60 * 60 >= time() - x", AlertClass.THRESHOLD, "<= 3600"),
    ("count(up == 0) > 3", AlertClass.THRESHOLD, "> 3"),
    ("up == 0", AlertClass.EQUALITY, ""),
    ("up != 1", AlertClass.EQUALITY, ""),
    ("x > y * 2", AlertClass.AGAINST_METRIC, "compared with y * 2"),
    ("absent(up{job='a'})", AlertClass.ABSENT, ""),
    ("absent(up == 1)", AlertClass.ABSENT, ""),
    ("ALERTS{alertname='x'}", AlertClass.PRESENT, ""),
    ("vector(1)", AlertClass.CONSTANT, ""),
    ("vector(1) > 0", AlertClass.CONSTANT, ""),
    ("x > bool 5", AlertClass.BOOLEAN, ""),
    ("sum(x > bool 5)", AlertClass.BOOLEAN, ""),
    ("(x > bool 5) == 1", AlertClass.NESTED, ""),
    ("sum by (a) (x > 5)", AlertClass.NESTED, "aggregation sum"),
    ("(x > 5) * on (a) group_left (b) y", AlertClass.NESTED, "operand of *"),
    (f"{BURN % ('1h', '1h')} and {BURN % ('5m', '5m')}", AlertClass.BURN_RATE, "1 pair"),
    ("job:burnrate1h > 0.1 and on (job) job:burnrate5m > 0.1", AlertClass.BURN_RATE, "1 pair"),
    (
        "(a:ratio_rate1h > 14 and a:ratio_rate5m > 14) or (a:ratio_rate6h > 6 and a:ratio_rate30m > 6)",
        AlertClass.BURN_RATE,
        "2 pairs",
    ),
    ("a:ratio_rate1h > 14 or a:ratio_rate5m > 14", AlertClass.ALTERNATIVES, ""),
    ("rate(x[1h]) > 1 and rate(x[5m]) > 2", AlertClass.CONJUNCTION, ""),
    ("rate(x[1h]) > 1 and rate(x[1h]) > 1", AlertClass.CONJUNCTION, ""),
    ("x == 2 or x == 3", AlertClass.ALTERNATIVES, ""),
    ("1 < x < 3", AlertClass.BAND, "> 1 and < 3"),
    ("x < 1 or x > 3", AlertClass.BAND, "> 3 and < 1"),
    ("x > 1 unless x < 3", AlertClass.EXCEPTION, ""),
    ("x unless on (a) y == 1", AlertClass.EXCEPTION, ""),
    ("x > 1 or y > 3", AlertClass.ALTERNATIVES, ""),
    ("x > 5 and y > 0", AlertClass.GUARDED, "> 5 beside 1"),
    ("x > 5 and on (a) role == 1 and z", AlertClass.GUARDED, "> 5 beside 2"),
    ("x > 5 and y > 7", AlertClass.CONJUNCTION, ""),
    ("x > 5 and y > z", AlertClass.CONJUNCTION, ""),
    ("x > 0 and y == 0", AlertClass.CONJUNCTION, ""),
    ("x > 5 and y > 7 or z > 1", AlertClass.MIXED, ""),
    ('rate({a="b"} |= "c" [5m]) > 1', AlertClass.UNREADABLE, "LogQL"),
    ("{{ .Values.alert }} > 1", AlertClass.UNREADABLE, "placeholder"),
]


@pytest.mark.parametrize(("text", "alert_class", "because"), CASES, ids=[case[0][:40] for case in CASES])
def test_the_class_of_an_expression(text: str, alert_class: AlertClass, because: str) -> None:
    found = classify(text)
    assert (found.alert_class, because in found.because) == (alert_class, True), found
    assert found.because


def test_every_class_has_a_meaning_and_a_case() -> None:
    assert list(MEANINGS) == list(AlertClass)
    assert {alert_class for _, alert_class, _ in CASES} == set(AlertClass)


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("x > 5", Nature.PLAIN),
        ("x > y", Nature.PLAIN),
        ("abs(x > 5)", Nature.NESTED),
        ("x > bool 5", Nature.FLAG),
        ("sum(x > bool 5)", Nature.FLAG),
        ("sum(x > bool 5) > 3", Nature.PLAIN),
        ("vector(1)", Nature.CONSTANT),
    ],
)
def test_how_far_a_condition_can_be_taken_at_its_word(text: str, nature: Nature) -> None:
    assert [one.nature for one in conditions(parse(text))] == [nature]


SIDES = st.sampled_from(["x", "rate(y[5m])", "sum by (a) (z)", "1", "absent(w)", "vector(2)"])
SIGNS = st.sampled_from([">", "<", "==", "!=", ">=", "<=", "> bool", "and", "or", "unless", "+", "*"])


@given(st.lists(st.tuples(SIGNS, SIDES), min_size=1, max_size=5), SIDES)
def test_every_expression_has_one_class(parts: list[tuple[str, str]], first: str) -> None:
    text = " ".join([first, *(word for part in parts for word in part)])
    assert classify(text).alert_class in AlertClass
    assert classify(text) == classify(f"({text}) # same")
