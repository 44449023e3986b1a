"""Durations in the manner of others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.quantity import Unit, parse_quantity
from driftbot.edits.duration import spell_duration


@pytest.mark.parametrize(
    ("seconds", "like", "expected"),
    [
        (600, "5m", "10m"), (90, "5m", "1m30s"), (90, "60s", "90s"), (7200, "90m", "120m"), (5400, "1h30m", "1h30m"),
        (7200, "1h30m", "2h"), (129600, "1d", "1d12h"), (129600, "12h", "36h"), (1209600, "1w", "2w"),
        (864000, "1w", "1w3d"), (864000, "0s", "10d"), (864000, "", "10d"), (300, "0", "5m"), (0, "5m", "0s"),
        (0.25, "1s", "250ms"), (31536000, "1d", "365d"), (31622400, "1y", "1y1d"), (1.5, "300ms", "1500ms"),
        (-60, "5m", None), (257698037760, "5m", None), (4294968, "250ms", "49d17h2m48s"),
        (999999, "1s", "999999s"), (1000000, "1s", "11d13h46m40s"), (0.0005, "5m", None),
    ],
)  # fmt: skip
def test_the_author_s_units_are_kept(seconds, like, expected):
    assert spell_duration(seconds, like) == expected


@given(st.integers(0, 10**12), st.sampled_from(["5m", "1h30m", "0s", "90s", "1y", "2w3d", "15d", "7ms", ""]))
def test_what_is_written_is_the_duration(milliseconds, like):
    written = spell_duration(milliseconds / 1000, like)
    assert written is not None
    assert parse_quantity(written, Unit.SECONDS).value == pytest.approx(milliseconds / 1000, rel=1e-12)
