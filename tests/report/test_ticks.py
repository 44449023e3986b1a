"""Ticks where people expect them, for every unit, at any range."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.quantity import Unit
from driftbot.report.chart_window import EARLIEST, LATEST
from driftbot.report.ticks import time_ticks, value_label, value_ticks


@pytest.mark.parametrize(
    ("bottom", "top", "unit", "labels"),
    [
        (3500, 7300, Unit.SECONDS, "1h 1h15m 1h30m 1h45m 2h"),
        (0.31, 0.59, Unit.SECONDS, "350ms 400ms 450ms 500ms 550ms"),
        (5, 70, Unit.SECONDS, "15s 30s 45s 1m"),
        (6240, 6290, Unit.SECONDS, "6240s 6250s 6260s 6270s 6280s 6290s"),
        (0, 30 * 86400, Unit.SECONDS, "0s 7d 14d 21d 28d"),
        (0, 3 * 365 * 86400, Unit.SECONDS, "0s 200d 1y35d 1y235d 2y70d 2y270d"),
        (0, 5 * 2**30, Unit.BYTES, "0 1Gi 2Gi 3Gi 4Gi 5Gi"),
        (100 * 2**20, 150 * 2**20, Unit.BYTES, "112Mi 128Mi 144Mi"),
        (0.8, 1.0, Unit.RATIO, "80% 85% 90% 95% 100%"),
        (-3, 3, Unit.COUNT, "-3 -2 -1 0 1 2 3"),
        (1e6, 5e6, Unit.COUNT, "1000000 2000000 3000000 4000000 5000000"),
        (0, 10, Unit.PER_SECOND, "0/s 2/s 4/s 6/s 8/s 10/s"),
        (0, 2, Unit.CORES, "0 500m 1 1.5 2"),
        (0, 5e18, Unit.COUNT, "0 1e+18 2e+18 3e+18 4e+18 5e+18"),
    ],
)
def test_values(bottom, top, unit, labels):
    assert " ".join(tick.label for tick in value_ticks(bottom, top, unit, 6)) == labels


@given(
    st.floats(-1e299, 1e299), st.floats(1e-8, 1e6), st.sampled_from(Unit), st.integers(2, 9),
)  # fmt: skip
def test_ticks_of_values_rise_and_differ(bottom, share, unit, most):
    height = max(abs(bottom), 1e-90) * share
    top = bottom + height
    ticks = value_ticks(bottom, top, unit, most)
    assert len(ticks) <= most + 1
    assert [tick.at for tick in ticks] == sorted({tick.at for tick in ticks})
    assert all(bottom - height * 1e-3 <= tick.at <= top + height * 1e-3 for tick in ticks)
    assert len({tick.label for tick in ticks}) == len(ticks)


@given(st.floats(-1e300, 1e300), st.sampled_from(Unit))
def test_a_label_is_short(value, unit):
    assert len(value_label(value, unit)) <= 16


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("left", "right", "labels"),
    [
        ("2026-01-05", "2026-01-05T00:00:40", "00:00:00 00:00:10 00:00:20 00:00:30 00:00:40"),
        ("2026-01-05T09:20", "2026-01-05T12:40", "01-05 10:00 01-05 11:00 01-05 12:00"),
        ("2026-01-04", "2026-01-09", "2026-01-04 2026-01-05 2026-01-06 2026-01-07 2026-01-08 2026-01-09"),
        ("2026-01-01", "2026-02-10", "2026-01-05 2026-01-19 2026-02-02"),
        ("2025-11-20", "2026-04-20", "2025-12 2026-01 2026-02 2026-03 2026-04"),
        ("2020-06-01", "2026-06-01", "2022-01 2024-01 2026-01"),
        ("0001-01-01", "0004-01-01", "1-01 2-01 3-01 4-01"),
    ],
)
def test_times(left, right, labels):
    assert " ".join(tick.label for tick in time_ticks(at(left), at(right), 5)) == labels


@given(st.floats(EARLIEST, LATEST - 2), st.floats(0, 1), st.integers(2, 12))
def test_ticks_of_times_rise_within_the_range(left, share, most):
    right = left + max(1.0, share * (LATEST - left))
    ticks = [tick.at for tick in time_ticks(left, right, most)]
    assert ticks == sorted(set(ticks))
    assert all(left - 1 <= tick <= right + 1 for tick in ticks)
    assert len(ticks) <= most + 1
