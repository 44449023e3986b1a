"""Spellings of one expression agree, and no text ends the process."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.promql.condition import conditions
from driftbot.promql.expression import NotPromQL, canonical, parse
from driftbot.promql.number import fold
from driftbot.promql.selector import Match, Matcher, Selector, metrics, selectors, windows
from driftbot.promql.spelling import DEEPEST, LONGEST, MOST_OPERATORS, spell
from driftbot.promql.unit import unit_of

_PIECES = [
    "1_000",
    "٣_٣",
    "0x1_f",
    "a_1",
    "'",
    '"',
    "#",
    "\n",
    "\\",
    "(",
    ")",
    "{",
    "}",
    "$x",
    "{{",
    "<%",
    "and",
    "=~",
    " ",
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x > 5m", "x > 300"),
        ("x>300 # why", "x   >\n\n300"),
        ("x > 1_000_000", "x > 1000000"),
        ("x > 0x1F", "x > 31"),
        ("sum(x) by (a) > 1", "sum by (a) (x) > 1"),
        ("x{a='b',c=\"d\"} > 1", "x{ c = 'd', a = `b` } > 1"),
        ("rate(x[300s])", "rate(x[5m])"),
    ],
)
def test_spellings_of_one_expression_agree(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("x > 5", "x >= 5"), ("x{a='1_0'} > 1", "x{a='10'} > 1"), ("a_1_000 > 1", "a_1000 > 1"), ("x offset 5m", "x")],
)
def test_different_expressions_differ(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "x" + ")" * 100_000,
        "-" * 100_000 + "x",
        " and ".join(["x"] * 20_000),
        "sum(" * 5_000 + "x" + ")" * 5_000,
        "x{a='" + "b" * LONGEST + "'}",
        " + ".join(["x"] * (MOST_OPERATORS + 2)),
    ],
    ids=["brackets", "signs", "joins", "calls", "text", "sums"],
)
def test_monsters_are_refused_before_the_parser_sees_them(text):
    with pytest.raises(NotPromQL, match="more than"):
        parse(text)


def test_label_matchers_are_no_operators():
    text = " or ".join(f'up{{job="{number}", env!~"a-b|c"}}' for number in range(MOST_OPERATORS + 1))
    assert len(conditions(parse(text))) == MOST_OPERATORS + 1
    with pytest.raises(NotPromQL, match="more than"):
        parse(f"{text} or up")


def test_what_the_limits_let_through_does_not_end_the_process():
    """The parser recurses in native code: a stack overflow would be the end of the night, not an exception."""
    program = f"""
import threading
from driftbot.promql.condition import conditions
from driftbot.promql.expression import NotPromQL, canonical, parse
def run():
    deep = "(" * {DEEPEST} + "x" + ")" * {DEEPEST} + " > 1"
    long = " and ".join(["x > 1"] * {MOST_OPERATORS // 2})
    signs = "-" * {MOST_OPERATORS - 1} + "x > 1"
    matchers = "x{{" + ",".join(["a='b'"] * 10_000) + "}} > 1"
    for text in (deep, long, signs, matchers):
        canonical(text)
        conditions(parse(text))
    for broken in ("x{{" + "-" * 90_000, "x{{" + "-x+" * 30_000 + "}}", "{{" + "}}-" * 40_000 + "x"):
        try:
            parse(broken)
        except NotPromQL:
            continue
        raise AssertionError(broken[:20])
run()
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@given(st.text("abx_01 +-*/%^=!<>(){}[]'\"`,.#\n:$@andorulesby", max_size=40))
def test_any_text_is_taken_apart_or_refused(text):
    try:
        expression = parse(text)
    except NotPromQL as error:
        assert str(error)
        return
    assert conditions(expression)
    assert canonical(canonical(text)) == canonical(text)


NUMBERS = st.integers(-1000, 1000) | st.floats(-1e3, 1e3, allow_nan=False).map(lambda number: round(number, 3))


@given(left=NUMBERS, middle=NUMBERS, right=NUMBERS, operators=st.tuples(*[st.sampled_from("+-*")] * 2))
def test_folding_agrees_with_arithmetic(left, middle, right, operators):
    text = f"({left} {operators[0]} {middle}) {operators[1]} {right}"
    assert fold(parse(text)) == pytest.approx(eval(text), rel=1e-9, abs=1e-9)


def test_selectors_metrics_and_windows():
    expression = parse("sum(rate(a{x='1',y!~'2'}[5m])) / b > 2 and max_over_time(c[1h:1m]) > 1 and {__name__='d'}")
    assert metrics(expression) == ("a", "b", "c", "d")
    assert windows(expression) == (300.0, 3600.0)
    assert selectors(expression)[0] == Selector(
        "a", (Matcher("x", Match.EQUAL, "1"), Matcher("y", Match.NOT_REGEX, "2"))
    )
    assert selectors(expression)[3] == Selector("d")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("a_seconds", "seconds"),
        ("time() - a_timestamp_seconds", "seconds"),
        ("a_timestamp_seconds", None),
        ("process_start_time_seconds", None),
        ("rate(a_seconds_total[5m])", "ratio"),
        ("rate(a_bytes_total[5m])", None),
        ("increase(a_bytes_total[5m])", "bytes"),
        ("rate(a_total[5m])", "per_second"),
        ("rate(a_seconds_bucket[5m])", "per_second"),
        ("a_count", None),
        ("increase(a_count[1h])", "count"),
        ("histogram_quantile(0.9, rate(a_bytes_bucket[5m]))", "bytes"),
        ("a_bytes / b_bytes", "ratio"),
        ("1 - a_bytes / b_bytes", "ratio"),
        ("a_bytes / b_bytes * 100", None),
        ("a_bytes / 1024", None),
        ("a_bytes + b_seconds", None),
        ("sum(a_ratio)", None),
        ("avg(a_ratio)", "ratio"),
        ("count(up == 0)", "count"),
        ("up", None),
    ],
)
def test_a_unit_is_said_only_where_it_is_certain(text, unit):
    assert unit_of(parse(text)) == unit


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_how_a_text_is_spelled_does_not_depend_on_what_stands_beside_it(text):
    beside = f'"{"-" * (MOST_OPERATORS + 1)}" or'
    try:
        spelled = spell(text)
    except NotPromQL as refused:
        with pytest.raises(NotPromQL, match=re.escape(str(refused))):
            spell(f"{beside}\n{text}")
    else:
        assert spell(f"{beside}\n{text}") == f"{beside}\n{spelled}"
