"""Breaches: clear cases, both directions, wrong limits, poor data, and calibration on the simulated batch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmarks.detectors.batch import HORIZON, batch
from driftbot.detectors.lack import Lack
from driftbot.detectors.limits.breach import Breaches, breaches
from driftbot.detectors.panel import Panel

DAY = 86400.0
DAYS = np.arange(90)
RANDOM = np.random.default_rng(7)
NOISE = np.exp(0.03 * RANDOM.standard_t(3, 90))


def forecast(values: np.ndarray, limit: float, horizon: int = 30, *, rising: bool = True) -> Breaches:
    return breaches(Panel(0.0, DAY, np.atleast_2d(values)), np.array([limit]), horizon, rising=rising)


def test_a_straight_ramp_meets_its_limit_on_the_day():
    found = forecast(100.0 + DAYS, 200.5)
    assert found.probability[0] == pytest.approx(1.0, abs=1e-3)
    assert [found.earliest_in[0], found.median_in[0], found.latest_in[0]] == [12 * DAY] * 3


def test_free_space_falls_to_its_floor():
    found = forecast(500.0 - 2.0 * DAYS, 281.0, rising=False)
    assert found.median_in[0] == 21 * DAY
    assert (found.lower <= found.middle).all() and (found.middle <= found.upper).all()
    assert found.middle[0, 9] == pytest.approx(500.0 - 2.0 * 99.0, rel=1e-3)


def test_a_growing_job_is_foretold_within_its_interval():
    found = forecast(60.0 * 1.008**DAYS * NOISE, 60.0 * 1.008**90 * 1.25)
    assert found.probability[0] > 0.7
    assert found.earliest_in[0] <= found.median_in[0] <= found.latest_in[0]
    assert 3 * DAY <= found.median_in[0] <= 28 * DAY


def test_a_job_that_does_not_grow_is_left_in_peace():
    found = forecast(60.0 * NOISE, 130.0)
    assert found.probability[0] < 0.1
    assert np.isinf(found.median_in[0]) and np.isinf(found.earliest_in[0])


@pytest.mark.parametrize("lost", range(15))
def test_what_grows_by_amounts_may_begin_on_any_day(lost):
    days = np.arange(-90.0, 30.0)
    used = 0.82 + 0.0035 * days + np.random.default_rng(3).normal(0.0, 0.002, 120)
    known = used[:90].copy()
    known[:lost] = np.nan
    found = forecast(known, 0.9)
    reached = (int((used[90:] > 0.9).argmax()) + 1) * DAY
    assert found.earliest_in[0] - 1.5 * DAY <= reached <= found.latest_in[0] + 1.5 * DAY


def test_what_grows_by_amounts_is_not_taken_to_grow_by_interest():
    """A disk that gains 2 % of its start a day and breathes with the week; interest fills it far too soon."""
    days = np.arange(120)
    disk = 500.0 * (1.0 + 0.02 * days) + 10.0 * np.sin(2.0 * np.pi * days / 7.0) + RANDOM.normal(0.0, 2.0, 120)
    limit = 500.0 * (1.0 + 0.02 * 110.0)
    reached = int((disk[90:] > limit).argmax()) + 1
    found = forecast(disk[:90], limit)
    assert abs(found.median_in[0] / DAY - reached) <= 2
    assert found.middle[0, 29] == pytest.approx(500.0 * (1.0 + 0.02 * 119.0), rel=0.03)


def test_one_wild_week_is_no_growth():
    values = 60.0 * NOISE
    values[70:74] *= 1.8
    assert forecast(values, 150.0).probability[0] < 0.25


def test_what_is_over_its_limit_now_is_over_it_tomorrow():
    grown = 60.0 * 1.01**DAYS * NOISE
    found = forecast(grown, 100.0)
    assert (found.lack[0], found.median_in[0]) == (Lack.NOTHING_LACKS, DAY)


def test_a_weekly_job_meets_its_limit_on_its_weekday():
    values = np.where(DAYS % 7 == 6, 60.0 + 0.5 * DAYS + RANDOM.normal(0.0, 0.3, 90), np.nan)
    found = forecast(values, 60.0 + 0.5 * 94.0)
    assert found.median_in[0] == 8 * DAY
    assert np.diff(found.passed[0]).argmax() == 6


def test_days_on_which_it_takes_longer_are_the_first_to_exceed():
    heavy = np.where(DAYS % 7 == 2, 1.3, 1.0)
    found = forecast(60.0 * heavy * np.exp(RANDOM.normal(0.0, 0.02, 90)), 76.0)
    odds = np.diff(found.passed[0], prepend=0.0)
    assert int(odds.argmax() + 90) % 7 == 2


@pytest.mark.parametrize(
    ("limit", "rising", "lack"),
    [
        (np.nan, True, Lack.NO_LIMIT),
        (np.inf, True, Lack.NO_LIMIT),
        (0.0, True, Lack.LIMIT_PASSED),
        (-5.0, True, Lack.LIMIT_PASSED),
        (30.0, True, Lack.LIMIT_PASSED),
        (0.09, True, Lack.LIMIT_PASSED),
        (90_000.0, True, Lack.LIMIT_IN_ANOTHER_UNIT),
        (90e6, True, Lack.LIMIT_IN_ANOTHER_UNIT),
        (600.0, True, Lack.NOTHING_LACKS),
        (90.0, False, Lack.LIMIT_PASSED),
        (0.0, False, Lack.NOTHING_LACKS),
        (-1.0, False, Lack.NO_LIMIT),
        (0.06, False, Lack.NOTHING_LACKS),
    ],
)
def test_a_wrong_limit_is_unknown(limit, rising, lack):
    found = forecast(60.0 * NOISE, limit, rising=rising)
    assert Lack(found.lack[0]) is lack
    assert np.isnan(found.probability[0]) == (lack is not Lack.NOTHING_LACKS)
    assert lack is Lack.NOTHING_LACKS or lack.sentence


def test_a_sequence_that_begins_is_not_in_another_unit():
    found = forecast(np.cumsum(RANDOM.poisson(1000.0, 90)), 2.0**31)
    assert (found.lack[0], found.probability[0]) == (Lack.NOTHING_LACKS, pytest.approx(0.0, abs=1e-6))


POOR = {
    "nothing": (np.full(90, np.nan), Lack.NO_SAMPLES),
    "one point": (np.where(DAYS == 88, 5.0, np.nan), Lack.TOO_SHORT),
    "nine runs": (np.where(DAYS % 10 == 9, 5.0, np.nan), Lack.TOO_SPARSE),
    "stopped": (np.where(DAYS < 75, 5.0, np.nan), Lack.STALE),
    "another unit": (np.where(DAYS < 50, 5.0, 5000.0) * NOISE, Lack.UNIT_CHANGED),
}


@pytest.mark.parametrize("name", POOR)
def test_poor_data_are_unknown(name):
    values, lack = POOR[name]
    found = forecast(values, 7.0)
    assert Lack(found.lack[0]) is lack
    assert np.isnan(found.median_in[0]) and np.isnan(found.upper[0]).all()


def test_a_staircase_is_growth():
    """A disk that a weekly import fills by 10 each time, the last time on day 84, beyond 245 from day 105 on."""
    found = forecast(100.0 + 10.0 * (DAYS // 7), 245.0)
    assert found.probability[0] > 0.9
    assert 10 * DAY <= found.earliest_in[0] <= found.median_in[0] <= 18 * DAY


def test_what_is_emptied_in_time_is_judged_by_its_peaks():
    """It has risen for two weeks and would reach 270 in two more, but is emptied at 240 as always."""
    values = DAYS % 25 * 10.0 + 1.0
    assert forecast(values, 270.0).probability[0] < 0.05
    assert forecast(values, 20.0, rising=False).lack[0] == Lack.COUNTER
    rising_peaks = (DAYS % 10 + 1.0) * (20.0 + 0.2 * DAYS)
    found = forecast(rising_peaks, 410.0)
    assert found.probability[0] > 0.7
    assert 10 * DAY <= found.median_in[0] <= 24 * DAY


@pytest.mark.parametrize("limit", [5.0, 6.0])
def test_what_never_moved_never_exceeds(limit):
    """A pool of five with five taken is at its limit, not beyond it."""
    assert forecast(np.full(90, 5.0), limit).probability[0] == pytest.approx(0.0, abs=1e-6)
    assert forecast(np.zeros(90), 0.0).probability[0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("size", [1e-290, 1e-12, 1e12, 1e290])
def test_the_unit_does_not_matter(size):
    values, limit = 60.0 * 1.004**DAYS * NOISE, 110.0
    plain, other = forecast(values, limit), forecast(values * size, limit * size)
    assert other.passed == pytest.approx(plain.passed, abs=1e-3)
    assert other.upper / size == pytest.approx(plain.upper, rel=1e-6)
    falls, too = (forecast(800.0 - one, 690.0, rising=False) for one in (values, values.copy()))
    assert np.array_equal(falls.passed, too.passed)


def test_no_series_depends_on_another():
    jobs = batch(1200, 3)
    panel = Panel(0.0, DAY, jobs.known)
    together = breaches(panel, jobs.limits, HORIZON)
    some = RANDOM.permutation(1200)[:50]
    alone = breaches(Panel(0.0, DAY, jobs.known[some]), jobs.limits[some], HORIZON)
    assert np.array_equal(alone.passed, together.passed[some], equal_nan=True)


def test_only_the_last_ninety_days_count():
    values = 60.0 * np.concatenate([np.full(99_910, 7.0), NOISE])
    assert np.array_equal(forecast(values, 80.0, 366).passed[0], forecast(60.0 * NOISE, 80.0, 366).passed[0])


def test_no_series_and_no_days():
    assert breaches(Panel(0.0, DAY, np.empty((0, 90))), np.empty(0), 30).passed.shape == (0, 30)
    assert breaches(Panel(0.0, DAY, np.empty((2, 0))), np.ones(2), 30).lack.tolist() == [Lack.NO_SAMPLES] * 2


@pytest.mark.parametrize(
    ("step", "limits", "horizon", "told"),
    [(3600.0, 1, 30, "daily"), (DAY, 2, 30, "one limit each"), (DAY, 1, 0, "horizon"), (DAY, 1, 367, "horizon")],
)
def test_what_cannot_be_asked_is_told(step, limits, horizon, told):
    with pytest.raises(ValueError, match=told):
        breaches(Panel(0.0, step, np.ones((1, 90))), np.ones(limits), horizon)


NUMBERS = st.one_of(
    st.floats(-1e3, 1e3), st.floats(), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e308, -1e308, 5e-324])
)


@settings(max_examples=150)
@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 40)), elements=NUMBERS), NUMBERS, st.booleans()
)
def test_any_numbers_give_an_honest_answer(values, limit, rising):
    found = breaches(Panel(0.0, DAY, values), np.full(len(values), limit), 10, rising=rising)
    known = found.enough
    assert np.isnan(found.probability[~known]).all()
    passed = found.passed[known]
    assert ((passed >= 0.0) & (passed <= 1.0)).all()
    assert (np.diff(passed, axis=1) >= -1e-9).all()
    assert (found.earliest_in[known] <= found.median_in[known]).all()
    assert (found.median_in[known] <= found.latest_in[known]).all()
    assert (found.lower[known] <= found.upper[known]).all()


def test_the_odds_are_calibrated():
    """A seeded sample of the benchmark; wide enough bounds that only a broken forecast leaves them."""
    jobs = batch(1500, 42)
    found = breaches(Panel(0.0, DAY, jobs.known), jobs.limits, HORIZON)
    happened, odds = np.isfinite(jobs.first), found.probability
    assert found.enough.all()
    assert ((odds - happened) ** 2).mean() <= 1.25 * ((jobs.oracle[:, -1] - happened) ** 2).mean()
    assert odds.mean() == pytest.approx(happened.mean(), abs=0.04)
    runs = jobs.values[:, jobs.recipe.known :]
    within = (runs >= found.lower) & (runs <= found.upper)
    assert 0.75 <= within[~np.isnan(runs)].mean() <= 0.85


def test_answers_are_columns_of_one_length():
    found = breaches(Panel(0.0, DAY, np.ones((3, 90))), np.full(3, 2.0), 14)
    lengths = {field.name: getattr(found, field.name).shape[0] for field in dataclasses.fields(found)}
    assert set(lengths.values()) == {3}
