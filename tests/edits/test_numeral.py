"""Numbers in the manner of others."""

from __future__ import annotations

import math

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.edits.numeral import spell_number
from driftbot.promql.spelling import spell

MANNERS = ["0.9", "90", ".5", "5.", "0.90", "5.00", "1e6", "2.5E-3", "1e+06", "0x1F", "0XFF", "1_000", "12_345_678",
           "5m", "1h30m", "250ms", "Inf", "007", ""]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "like", "expected"),
    [
        (0.95, "0.9", "0.95"), (95, "90", "95"), (0.85, "0.90", "0.85"), (0.8, "0.90", "0.80"), (0.75, ".5", ".75"),
        (1.5, ".5", "1.5"), (7, "5.0", "7.0"), (7, "5.", "7"), (2.5e6, "1e6", "2.5e6"), (2e6, "1e+06", "2e+06"),
        (5, "1e6", "5"), (0.0025, "1e-3", "2.5e-3"), (0, "1e6", "0"), (32, "0x1F", "0x20"), (171, "0xff", "0xab"),
        (171, "0XFF", "0XAB"), (0.5, "0x1F", "0.5"), (2e6, "1_000_000", "2_000_000"), (1.5, "1_000", "1.5"),
        (600, "5m", "10m"), (90, "5m", "1m30s"), (0, "5m", "0"), (0.0001, "5m", "0.0001"), (3, "Inf", "3"),
        (0.1 + 0.2, "0.5", "0.3"), (1 / 3, "0.5", "0.3333333333333333"), (1e300, "5", "1e+300"), (1e-30, "5", "1e-30"),
        (0.006, "", "0.006"), (100000000, "5", "100000000"),
    ],
)  # fmt: skip
def test_the_author_s_manner_is_kept(value, like, expected):
    assert spell_number(value, like) == expected


@given(
    st.floats(0, 1e300, allow_subnormal=False) | st.integers(0, 10**15).map(float) | st.decimals(0, 100, places=3),
    st.sampled_from(MANNERS),
)
def test_what_is_written_reads_as_the_number(value, like):
    written = spell_number(float(value), like)
    read = promql_parser.parse(spell(written)).val
    assert math.isclose(read, float(value), rel_tol=1e-12, abs_tol=0 if float(value) else 1e-300)
