"""Drift: ramps and creeps are told with their pace, up and down; steps, campaigns, odd days and clocks are not."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.detectors.fleet import DAY, HOUR, START, Story, fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.drift.drift import LEAST_TOTAL, Drifts, drifts
from driftbot.detectors.drift.drift_cost import cost
from driftbot.detectors.notice_budget import LOOSEST, allowance
from driftbot.detectors.panel import Panel
from driftbot.detectors.usual.baseline import baselines

DAYS = 90
HOURS = np.arange(DAYS * 24)
SEASON = (1 + 0.1 * np.sin(2 * np.pi * HOURS / 24)) * np.where(HOURS // 24 % 7 >= 5, 0.95, 1.0)
WEEKLY = START + (np.arange(3, DAYS, 7) + 0.6) * DAY
NOW_AND_THEN = START + (np.arange(3, DAYS, 7) + np.random.default_rng(9).integers(-2, 3, 13) + 0.6) * DAY
NONE: FloatArray = np.empty(0)
ESTATE = allowance(1.0, 2_000)


def noisy(level, seed=0, noise=0.03):
    rng = np.random.default_rng(seed)
    return 80 * level * SEASON[: len(level)] * (1 + noise * rng.normal(size=len(level)))


def judged(*rows, releases=None, allowed=LOOSEST, step=HOUR) -> Drifts:
    panel = Panel(START, step, np.array(rows, dtype=float))
    return drifts(panel, baselines(panel), releases or [NONE] * len(rows), allowed)


def ramp(per_day, begin=50):
    return 1 + per_day * np.maximum(HOURS / 24 - begin, 0)


def creep(each, releases, begin=45):
    done = np.searchsorted(releases[releases > START + begin * DAY], START + HOURS * HOUR, "right")
    return (1 + each) ** done


def step(by, day):
    return np.where(day * 24 <= HOURS, 1 + by, 1.0)


@pytest.mark.parametrize("releases", [NONE, WEEKLY], ids=["no releases", "weekly releases"])
@pytest.mark.parametrize("sign", [1, -1], ids=["up", "down"])
def test_a_ramp_is_told_with_its_pace_and_onset(sign, releases):
    found = judged(noisy(ramp(sign * 0.004)), releases=[releases], allowed=ESTATE)
    assert found.told[0] and found.enough[0]
    assert found.total[0] == pytest.approx(sign * 0.16, abs=0.035)
    assert found.per_day[0] == pytest.approx(sign * 0.0038, abs=0.0012)
    assert found.per_day_low[0] <= found.per_day[0] <= found.per_day_high[0]
    assert abs((found.since[0] - START) / DAY - 50) <= 12
    assert found.cost[0] <= ESTATE


@pytest.mark.parametrize("sign", [1, -1], ids=["up", "down"])
def test_a_creep_is_told_by_release(sign):
    rows = [noisy(creep(sign * 0.02, NOW_AND_THEN), seed) for seed in range(12)]
    found = judged(*rows, releases=[NOW_AND_THEN] * len(rows))
    assert found.told.mean() >= 0.75 and found.by_release.mean() >= 0.75
    assert np.median(found.per_release) == pytest.approx(sign * 0.02, abs=0.003)
    assert 5 <= np.median(found.releases) <= 8
    assert (found.moved >= found.releases - 2).mean() > 0.8


NO_DRIFT = {
    "still": np.ones(len(HOURS)),
    "one step at a release": step(0.10, 52.6),
    "one small step": step(0.03, 60),
    "a step down at no release": step(-0.2, 70),
    "a step just now": step(0.5, 88),
    "one bad day": np.where(HOURS // 24 == 85, 1.6, 1.0),
    "a campaign of five days": np.where((HOURS >= 24 * 80) & (HOURS < 24 * 85), 1.3, 1.0),
    "a campaign that still runs": step(0.3, 86),
    "two steps that cancel": step(0.1, 40) / step(0.1, 61),
}


@pytest.mark.parametrize("releases", [NONE, WEEKLY], ids=["no releases", "weekly releases"])
@pytest.mark.parametrize("name", NO_DRIFT)
def test_what_is_no_drift_is_not_told(name, releases):
    rows = [noisy(NO_DRIFT[name], seed=seed) for seed in range(6)]
    found = judged(*rows, releases=[releases] * len(rows))
    assert found.enough.all()
    assert not found.told.any(), (name, found.cost)


def test_the_clock_of_daylight_saving_is_no_drift():
    rows = []
    for seed in range(6):
        moved = noisy(np.ones(len(HOURS)), seed)
        late = np.concatenate([moved[: 24 * 70], moved[24 * 70 + 1 :], moved[-1:]])
        rows.append(late)
    assert not judged(*rows).told.any()


def test_shifts_at_releases_are_no_drift_and_a_ramp_among_them_is():
    still = fleet(40, DAYS, Story.SHIFTS, 21)
    drifting = fleet(40, DAYS, Story.RAMP_WITH_SHIFTS, 21)
    assert judged(*still.values, releases=list(still.releases), allowed=ESTATE).told.sum() == 0
    assert judged(*drifting.values, releases=list(drifting.releases)).told.mean() > 0.9


@pytest.mark.parametrize("unwatched", [0, 56], ids=["a short window", "a young series"])
def test_shifts_of_the_first_weeks_are_no_drift_that_was_always_there(unwatched):
    shifted = fleet(60, 28, Story.SHIFTS, 23)
    values = np.concatenate([np.full((60, unwatched * 24), np.nan), shifted.values], axis=1)
    found = judged(*values, releases=[each + unwatched * DAY for each in shifted.releases])
    assert found.enough.all()
    assert found.told.sum() <= 1


def test_a_noisy_neighbour_changes_nothing():
    quiet, loud = noisy(ramp(0.004)), noisy(np.ones(len(HOURS)), noise=0.5)
    alone, together = judged(quiet), judged(loud, quiet, loud)
    for each in fields(Drifts):
        assert getattr(together, each.name)[1] == pytest.approx(getattr(alone, each.name)[0], nan_ok=True), each.name


def test_releases_of_a_neighbour_change_nothing():
    quiet = noisy(ramp(0.004))
    alone = judged(quiet)
    together = judged(quiet, quiet, releases=[NONE, WEEKLY])
    assert alone.cost[0] == pytest.approx(together.cost[0])


def test_what_is_too_small_to_matter_is_not_told():
    found = judged(noisy(1 + 0.00008 * np.maximum(HOURS / 24 - 30, 0), noise=0.0001))
    assert abs(found.total[0]) < LEAST_TOTAL and not found.told[0]


def test_a_stricter_allowance_tells_less_and_the_cost_says_how_much():
    rows = [noisy(ramp(0.002, begin=70), seed) for seed in range(20)]
    loose, strict = judged(*rows), judged(*rows, allowed=ESTATE)
    assert np.array_equal(loose.cost, strict.cost)
    assert strict.told.sum() <= loose.told.sum()
    assert np.array_equal(loose.told, (loose.cost <= LOOSEST) & (np.abs(loose.total) >= LEAST_TOTAL))
    assert (np.diff(cost(np.linspace(-5, 50, 20), released=True)) < 0).all()


def test_gaps_and_late_and_missing_markers_do_not_hide_a_ramp():
    values = noisy(ramp(0.005))
    values[24 * 30 : 24 * 44] = np.nan
    values[24 * 60 : 24 * 63] = np.nan
    values[np.random.default_rng(1).random(len(values)) < 0.2] = np.nan
    late = np.sort(WEEKLY + np.where(np.arange(len(WEEKLY)) % 3 == 0, DAY, 0.0))
    found = judged(*[values] * 4, releases=[WEEKLY, WEEKLY[::2], late, NONE], allowed=ESTATE)
    assert found.told.all()


def test_daily_panels_are_judged_as_well():
    days = np.arange(DAYS)
    values = 80 * (1 + 0.005 * np.maximum(days - 45, 0)) * (1 + 0.02 * np.random.default_rng(5).normal(size=DAYS))
    found = judged(values, values[::-1], step=DAY)
    assert found.told[0] and found.total[0] > 0.1


def test_a_series_that_goes_below_zero_drifts_relative_to_its_level():
    linear = 10 + np.maximum(HOURS / 24 - 40, 0) * 0.05 + np.random.default_rng(2).normal(size=len(HOURS))
    linear[::500] = -1.0
    found = judged(linear, allowed=ESTATE)
    assert found.told[0] and found.total[0] == pytest.approx(0.22, abs=0.06)


HOPELESS = {
    "constant": np.full(len(HOURS), 3.0),
    "zeros": np.zeros(len(HOURS)),
    "all missing": np.full(len(HOURS), np.nan),
    "one point": np.where(HOURS == 2000, 1.0, np.nan),
    "units changed by 1,000": noisy(np.where(HOURS < 1000, 1.0, 1000.0)),
    "counter with resets": np.cumsum(noisy(np.ones(len(HOURS)))) % 30_000,
    "two weeks": np.where(HOURS >= 24 * 76, noisy(np.ones(len(HOURS))), np.nan),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_series_are_not_told(name):
    found = judged(HOPELESS[name], HOPELESS[name], releases=[NONE, WEEKLY])
    assert not found.told.any()
    assert found.enough.all() == (name in {"constant", "zeros"})
    assert np.isnan(found.cost[~found.enough]).all()


def test_a_hundred_thousand_points():
    values = 50 * (1 + 0.03 * np.random.default_rng(3).normal(size=(1, 100_000)))
    values[0, -24 * 30 :] *= 1 + 0.006 * np.arange(24 * 30) / 24
    panel = Panel(START, HOUR, values)
    assert drifts(panel, baselines(panel), [NONE], ESTATE).told[0]


def test_there_have_to_be_releases_of_every_series():
    panel = Panel(START, HOUR, np.ones((2, 100)))
    with pytest.raises(ValueError, match="1 series are given for a panel of 2"):
        drifts(panel, baselines(panel), [NONE], LOOSEST)


ANYTHING = st.floats(width=64, allow_nan=True, allow_infinity=True)
MOMENTS = st.lists(st.floats(START - 10 * DAY, START + 40 * DAY), max_size=8)


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.tuples(st.just(2), st.integers(1, 900)), elements=ANYTHING), MOMENTS)
def test_whatever_comes_is_answered_without_a_warning(values, moments):
    found = judged(*values, releases=[np.array(sorted(moments)), NONE])
    assert np.isfinite(found.cost[found.enough]).all()
    assert not found.told[~found.enough].any()
