"""Trends: the line through clean and dirty series, when a limit is met, and when nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.finding import Verdict
from driftbot.core.series import Series
from driftbot.engine.block import blocks
from driftbot.engine.trend import trend
from tests.engine.estate import DAY, NOW, hourly, job, rule, verdict

JOB = job()


def fitted(values: np.ndarray, days: float) -> tuple[float, float, bool]:
    """Level, slope per day and whether there is a trend, of hourly values up to now."""
    (block,) = blocks(np.array([0]), [hourly(JOB, "duration", values)], NOW - days * DAY, NOW)
    line = trend(block)
    return float(line.level[0]), float(line.slope[0]) * DAY, bool(line.known[0])


@given(st.floats(-100, 100), st.floats(-1000, 1000), st.integers(7, 90))
def test_a_straight_line_is_found_exactly(slope, level, days):
    hours = np.arange(-24 * days, 1) / 24.0
    found_level, found_slope, known = fitted(level + slope * hours, days)
    assert known
    assert found_slope == pytest.approx(slope, rel=1e-6, abs=1e-6)
    assert found_level == pytest.approx(level, rel=1e-3, abs=0.06 * abs(slope) + 1e-6)


def test_one_part_in_four_may_be_wild():
    random = np.random.default_rng(1)
    values = 100 + 2.0 * np.arange(-24 * 60, 1) / 24.0 + random.normal(0, 1, 24 * 60 + 1)
    for day in range(0, 60, 4):
        values[24 * day : 24 * day + 24] = 1e6
    level, slope, _ = fitted(values, 60)
    assert slope == pytest.approx(2.0, rel=0.1)
    assert level == pytest.approx(100, rel=0.05)


def test_the_rhythm_of_the_day_is_no_trend():
    hours = np.arange(-24 * 30, 1)
    _, slope, _ = fitted(100 + 50 * np.sin(hours / 24 * 2 * np.pi), 30)
    assert abs(slope) < 0.05


RISING = np.linspace(3600, 6600, 24 * 90 + 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('self.duration.time_until(duration("2h"), "60d") <= duration("19d")', Verdict.OK),
        ('self.duration.time_until(duration("2h"), "60d") >= duration("17d")', Verdict.OK),
        ('self.duration.time_until(duration("3h"), "60d") > duration("1000d")', Verdict.OK),
        ('self.duration.time_until(duration("1h"), "60d") == duration("0s")', Verdict.OK),
        ('self.duration.time_until_below(duration("10m"), "60d") > duration("60d")', Verdict.OK),
        ('self.duration.time_until_below(duration("2h"), "60d") == duration("0s")', Verdict.OK),
        ('self.duration.time_until(duration("3h"), "60d") / 2 > duration("1d")', Verdict.UNKNOWN),
        ('self.duration.time_until(self.timeout.deadline, "60d") > duration("1d")', Verdict.UNKNOWN),
    ],
)
def test_how_long_until_a_limit(text, expected):
    """Hourly, from 60 to 110 minutes in 90 days; two hours are met in 18 days, three in 126: beyond the horizon."""
    assert verdict(rule(text), hourly(JOB, "duration", RISING)) is expected


def test_falling_is_asked_for_by_its_own_name():
    falling = hourly(JOB, "duration", RISING[::-1])
    assert verdict(rule('self.duration.time_until_below(duration("55m"), "60d") < duration("10d")'), falling) is (
        Verdict.OK
    )
    assert verdict(rule('self.duration.time_until(duration("2h"), "60d") > duration("60d")'), falling) is Verdict.OK


@pytest.mark.parametrize(("days", "known"), [(2, False), (4, False), (5, True), (9, True)])
def test_a_trend_needs_five_parts(days, known):
    times = np.array([NOW - (day + 0.5) * DAY for day in reversed(range(0, 2 * days, 2))])
    series = Series(JOB, "duration", times, np.linspace(1, 2, days))
    found = verdict(rule(f'self.duration.time_until(duration("1h"), "{2 * days}d") > duration("1s")'), series)
    assert found is (Verdict.OK if known else Verdict.UNKNOWN)
