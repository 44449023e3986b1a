"""Numbers in prose: what is a bound, of what, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.alerts.prose_number import Bound, Dimension, prose_numbers


def read(text):
    return [(one.value, str(one.dimension), str(one.bound)) for one in prose_numbers(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("above 90% for 15 minutes", [(90, "percent", "above"), (15, "duration", "either")]),
        ("heap has too many slots (> 500k)", [(500, "plain", "above")]),
        ("more than 1,000 errors", [(1000, "plain", "above")]),
        ("More than 50 messages", [(50, "plain", "above")]),
        ("fewer than 3 nodes", [(3, "plain", "below")]),
        ("at least 5 times", [(5, "plain", "at_least")]),
        ("3 or more workers", [(3, "plain", "at_least")]),
        ("below 5 or less", [(5, "plain", "at_most")]),
        ("a limit of 10", [(10, "plain", "either")]),
        ("threshold: 75%", [(75, "percent", "either")]),
        ("returned 12.5 % of it", [(12.5, "percent", "either")]),
        ("uses more than 200GiB", [(200, "bytes", "above")]),
        ("lagging more than 60 seconds", [(60, "duration", "above")]),
        ("has not run in the last 30h", [(30, "duration", "either")]),
        ("higher than the threshold of 5", [(5, "plain", "above")]),
        ("is over 10%", [(10, "percent", "above")]),
    ],
)
def test_bounds(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "99th percentile, p99, 5xx, v1.2, k8s",
        "node 10.64.0.1 since 2024-01-02 10:30",
        "above 10.64.0.1, over 2024-01-02",
        "HTTP 500 from port 8080",
        "{{ if gt $value 90.0 }}above {{ $value }}%{{ end }}",
        "see https://example.org/over/90% and `x > 90`",
        '<@U123> <!here> metric{code="500"}',
        "normally around 8%; under 0.5 is normal",
        "3 nodes, step 2 of 4",
        "",
    ],
)
def test_no_bounds(text):
    assert read(text) == []


def test_of_a_sentence_about_what_is_normal_only_that_is_passed_over():
    assert read("Less than 5% are views. Around 8% is normal.") == [(5, "percent", "below")]


def test_over_which_time_is_told_apart_from_a_bound():
    (bound,) = prose_numbers("above 5 minutes")
    (loose,) = prose_numbers("over 5 minutes")
    assert (bound.firm, loose.firm) == (True, False)
    assert (bound.scale, loose.phrase) == (60.0, "over 5 minutes")


@given(st.text())
def test_any_text_is_read(text):
    for one in prose_numbers(text):
        assert one.value >= 0
        assert one.dimension in Dimension
        assert one.bound in Bound


@pytest.mark.parametrize("piece", ["{{", "<", "`", "<%", "${", "a{", "more than ", "9", "9,999", "> the the "])
def test_hostile_text_is_read_in_time_linear_in_its_length(piece):
    # What is quadratic takes hours for a million letters: the run's own time limit ends it.
    assert all(one.value >= 0 for one in prose_numbers(piece * 200_000))
