"""Baselines: profile, level and spread of known series; what is slow is no season; what cannot be known is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.detectors.fleet import DAY, HOUR, START, Story, fleet
from driftbot.detectors.lack import Lack
from driftbot.detectors.panel import Panel
from driftbot.detectors.usual.baseline import baselines

HOURS = np.arange(90 * 24)
DAILY = 1 + 0.3 * np.sin(2 * np.pi * HOURS / 24)
WEEKEND = np.where(HOURS // 24 % 7 >= 5, 0.8, 1.0)
RANDOM = np.random.default_rng(7)
NOISE = 1 + 0.02 * RANDOM.normal(size=len(HOURS))


def panel(*rows, start=START, step=HOUR):
    return Panel(start, step, np.array(rows, dtype=float))


def profile_of(values):
    first = values[:168]
    return first / np.exp(np.log(first).mean())


def test_level_spread_and_profile_of_a_weekly_series():
    found = baselines(panel(50 * DAILY * WEEKEND * NOISE))
    assert found.enough.all() and found.logarithmic.all()
    assert found.level[0] == pytest.approx(50 * np.exp(np.log((DAILY * WEEKEND)[:168]).mean()), rel=0.01)
    assert found.spread[0] == pytest.approx(0.02, rel=0.2)
    assert np.abs(found.profile[0] / profile_of(DAILY * WEEKEND) - 1).max() < 0.03


@pytest.mark.parametrize("start_hour", [0, 5, 100])
def test_the_profile_is_by_hour_of_the_week_wherever_the_panel_starts(start_hour):
    values = 50 * DAILY * WEEKEND * NOISE
    found = baselines(panel(values[start_hour:], start=START + start_hour * HOUR))
    assert np.abs(found.profile[0] / profile_of(DAILY * WEEKEND) - 1).max() < 0.03
    at = START + (start_hour + np.arange(200)) * HOUR
    now = 50 * (DAILY * WEEKEND)[start_hour : start_hour + 200]
    assert found.usual(0, at) == pytest.approx(now, rel=0.04)


def test_a_slow_ramp_stays_in_the_adjusted_values_and_out_of_the_profile():
    ramp = 1.005 ** (HOURS / 24)
    found = baselines(panel(50 * DAILY * WEEKEND * NOISE * ramp, 50 * DAILY * WEEKEND * NOISE))
    assert np.abs(found.profile[0] / found.profile[1] - 1).max() < 0.01
    moved = found.adjusted[0] - found.adjusted[1]
    assert moved[-1] - moved[0] == pytest.approx(np.log(ramp[-1]), abs=0.01)


@pytest.mark.parametrize("story", [Story.STILL, Story.SHIFTS, Story.RAMP, Story.CREEP])
def test_the_season_of_the_fleet_is_found_whatever_happens_to_its_level(story):
    simulated = fleet(60, 90, story, 3)
    found = baselines(Panel(START, HOUR, simulated.values))
    hour = np.arange(168)
    true = np.log((1 + 0.10 * np.sin(2 * np.pi * (hour % 24) / 24)) * np.where(hour // 24 >= 5, 0.95, 1.0))
    assert found.enough.all()
    assert np.sqrt(np.mean((np.log(found.profile) - true + true.mean()) ** 2)) < 0.012


def test_a_bad_day_a_campaign_and_outliers_move_neither_profile_nor_level():
    clean = 50 * DAILY * WEEKEND * NOISE
    troubled = clean.copy()
    troubled[24 * 40 : 24 * 41] *= 4
    troubled[24 * 60 : 24 * 64] *= 1.5
    troubled[RANDOM.random(len(clean)) < 0.02] *= 10
    found = baselines(panel(clean, troubled))
    assert np.abs(found.profile[1] / found.profile[0] - 1).max() < 0.03
    assert found.level[1] == pytest.approx(found.level[0], rel=0.01)
    assert found.spread[1] == pytest.approx(found.spread[0], rel=0.25)


def test_gaps_of_weeks_are_lived_with():
    values = 50 * DAILY * WEEKEND * NOISE
    values[24 * 20 : 24 * 45] = np.nan
    found = baselines(panel(values))
    assert found.enough.all()
    assert np.isnan(found.adjusted[0, 24 * 20 : 24 * 45]).all()
    assert np.abs(found.profile[0] / profile_of(DAILY * WEEKEND) - 1).max() < 0.04


def test_a_short_series_has_a_day_s_profile_and_hardly_a_weekday_of_its_own():
    days = 16
    found = baselines(panel((50 * DAILY * NOISE)[: 24 * days]))
    by_day = found.profile[0].reshape(7, 24)
    assert np.abs(by_day / by_day[0] - 1).max() < 0.02
    assert np.abs(found.profile[0] / profile_of(DAILY) - 1).max() < 0.04


def test_daily_panels_have_a_profile_by_weekday():
    days = np.arange(84)
    values = 100 * np.where(days % 7 >= 5, 0.7, 1.0) * (1 + 0.01 * RANDOM.normal(size=84))
    found = baselines(panel(values, step=DAY))
    assert found.profile[0].reshape(7, 24)[:, 0] == pytest.approx(profile_of(np.repeat(values, 24))[::24], rel=0.03)


def test_negative_and_zero_values_are_taken_as_they_are():
    swinging = np.sin(2 * np.pi * HOURS / 24) + 0.1 * (NOISE - 1)
    mostly_zero = np.where(HOURS % 24 == 3, 5.0, 0.0)
    found = baselines(panel(swinging, mostly_zero, -50 * NOISE))
    assert found.enough.all() and not found.logarithmic.any()
    assert np.nanmax(np.abs(found.adjusted[0])) < 0.3
    assert found.level[1] == pytest.approx(0.0, abs=1.0)
    assert found.level[2] == pytest.approx(-50, rel=0.01)


def test_a_constant_and_zeros_only_have_a_level_and_no_spread():
    found = baselines(panel(np.full(len(HOURS), 7.0), np.zeros(len(HOURS))))
    assert found.enough.all()
    assert found.level == pytest.approx([7.0, 0.0]) and found.spread == pytest.approx([0.0, 0.0])


def one_point():
    values = np.full(len(HOURS), np.nan)
    values[-1] = 3.0
    return values


def stale():
    values = 50 * NOISE
    values[-24 * 8 :] = np.nan
    return values


def few_days():
    values = np.full(len(HOURS), np.nan)
    values[:: 24 * 12] = 5.0
    values[-1] = 5.0
    return values


LACKING = {
    Lack.NO_SAMPLES: np.full(len(HOURS), np.nan),
    Lack.TOO_SHORT: one_point(),
    Lack.TOO_SPARSE: few_days(),
    Lack.STALE: stale(),
    Lack.COUNTER: np.cumsum(50 * NOISE) % 20_000,
    Lack.UNIT_CHANGED: np.where(HOURS < 24 * 50, 0.05, 50.0) * NOISE,
}


@pytest.mark.parametrize("lack", LACKING)
def test_what_lacks_is_said(lack):
    found = baselines(panel(LACKING[lack]))
    assert Lack(found.lack[0]) is lack
    assert not found.enough[0] and np.isnan(found.level[0]) and np.isnan(found.profile[0]).all()
    assert lack.sentence


def test_growth_without_a_reset_is_no_counter_and_a_tenfold_rise_no_other_unit():
    found = baselines(panel(1e9 + np.cumsum(50 * NOISE), np.where(HOURS < 24 * 50, 5.0, 50.0) * NOISE))
    assert found.enough.all()


def test_a_hundred_thousand_columns():
    values = 50 * (1 + 0.1 * RANDOM.normal(size=(1, 100_000)))
    found = baselines(Panel(START, HOUR, values))
    assert found.enough.all() and found.level[0] == pytest.approx(50, rel=0.05)


def test_a_series_is_judged_alike_alone_and_among_others():
    simulated = fleet(300, 40, Story.SHIFTS, 5)
    together = baselines(Panel(START, HOUR, simulated.values))
    alone = baselines(Panel(START, HOUR, simulated.values[280:281]))
    assert np.array_equal(together.adjusted[280], alone.adjusted[0], equal_nan=True)
    assert together.level[280] == alone.level[0]


@pytest.mark.parametrize("step", [60.0, 7 * HOUR, 7 * DAY])
def test_a_step_that_does_not_divide_a_day_is_refused(step):
    with pytest.raises(ValueError, match="divide a day"):
        baselines(Panel(START, step, np.ones((1, 100))))


def test_no_series_and_no_columns():
    assert len(baselines(Panel(START, HOUR, np.ones((0, 100)))).level) == 0
    assert baselines(Panel(START, HOUR, np.ones((2, 0)))).lack.tolist() == [Lack.NO_SAMPLES] * 2


ANYTHING = st.floats(width=64, allow_nan=True, allow_infinity=True)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 600)), elements=ANYTHING))
def test_whatever_comes_is_answered_without_a_warning(values):
    found = baselines(Panel(START, HOUR, values))
    known = found.enough
    assert np.isfinite(found.level[known]).all() and np.isfinite(found.spread[known]).all()
    assert np.isnan(found.level[~known]).all()
    assert not np.isinf(found.adjusted).any()
