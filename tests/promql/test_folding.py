"""Constants folded inside an expression: one text for all spellings of a number, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.promql.expression import canonical, parse
from driftbot.promql.folding import folded
from driftbot.promql.number import fold


def read(text: str) -> str:
    return " ".join(folded(parse(text), canonical(text)).split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x > 60*60*24", "x > 86400"),
        ("x > (5)", "x > 5"),
        ("x > 1024 * 1024 * 1024 * 1024", "x > 1099511627776"),
        ("x > (1 - 0.999) * 14.4", "x > 0.0144"),
        ("x / (2 * 3) > -(2 * 3)", "x / 6 > -6"),
        ("(86400 * 7) < x < (86400 * 30)", "604800 < x < 2592000"),
        ("predict_linear(x[1h], 4 * 60 * 60) < 0", "predict_linear(x[1h], 14400) < 0"),
        ("x > bool (2)", "x > bool 2"),
    ],
)
def test_a_constant_is_one_number(text: str, said: str) -> None:
    assert read(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "(-1) ^ x > 2",
        "x - (-1) > 2",
        "x * 2 * 3 > 1",
        "vector(1) + 1 > x",
        "x > 1 / 0",
        'x{a="1 * 2"} > 1',
        "(x + 1) * 2 > 3",
    ],
)
def test_what_is_no_constant_stays(text: str) -> None:
    assert read(text) == text


CONSTANTS = st.recursive(
    st.integers(0, 99).map(str) | st.sampled_from(["0.5", "14.4", "1e3", "5m"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/%^"), inner).map(
        lambda part: f"({part[0]} {part[1]} {part[2]})"
    ),
    max_leaves=5,
)


@given(CONSTANTS, st.sampled_from(["x > {}", "{} < x", "(x + {}) * 2 > 1", "clamp_max(x, {}) > y", "{} ^ x > 1"]))
def test_folding_keeps_the_number_and_is_its_own_fixed_point(constant: str, form: str) -> None:
    text = form.format(constant)
    once = read(text)
    assert read(once) == once
    value = fold(parse(constant))
    if value is not None:
        written = canonical(repr(value))
        assert read(form.format(f"({written})" if value < 0 else written)) == once
