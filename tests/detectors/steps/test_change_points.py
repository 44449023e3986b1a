"""Change points: what is told, when, and how surely; and that nothing is told of what did not change."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detectors.fleet import HOUR, START, Story, fleet
from benchmarks.detectors.found_places import f1, matched
from benchmarks.detectors.stationary import Kind, stationary
from benchmarks.detectors.steps import stepped
from driftbot.core.series import FloatArray
from driftbot.detectors.notice_budget import LOOSEST, allowance
from driftbot.detectors.panel import Panel
from driftbot.detectors.steps.change_points import ChangePoints, change_points, segments
from driftbot.detectors.usual.baseline import baselines

DAYS = 90


def quiet(series: int = 8, seed: int = 3) -> FloatArray:
    return fleet(series, DAYS, Story.STILL, seed).values


def told(values: FloatArray, cost: float = LOOSEST) -> ChangePoints:
    panel = Panel(START, HOUR, values)
    return change_points(panel, baselines(panel), cost)


def test_a_lasting_step_is_told_with_its_hour_and_size() -> None:
    values = quiet()
    at = 60 * 24 + 7
    values[:4, at:] *= 1.12
    found = told(values)
    assert found.series.tolist() == [0, 1, 2, 3]
    seen = at + np.argmax(~np.isnan(values[:4, at:]), axis=1)
    assert np.abs(found.at - (START + seen * HOUR)).max() <= 6 * HOUR
    assert np.abs(found.change - 0.12).max() < 0.03
    assert (found.low < found.change).all()
    assert (found.change < found.high).all()
    assert np.abs(found.after / found.before - 1 - found.change).max() < 1e-9
    assert found.lasts.all()
    assert (found.cost <= LOOSEST).all()


def test_what_came_back_does_not_last() -> None:
    values = quiet()
    values[0, 30 * 24 : 36 * 24] *= 1.2
    found = told(values)
    assert found.series.tolist() == [0, 0]
    assert not found.lasts.any()


def test_what_is_just_coming_back_does_not_last() -> None:
    values = quiet()
    values[0, 80 * 24 : -26] *= 1.25
    found = told(values)
    assert found.series.tolist() == [0]
    assert not found.lasts.any()


def test_a_ramp_is_no_step() -> None:
    values = quiet(16)
    values *= 1.0 + 0.005 * np.maximum(np.arange(values.shape[1]) / 24 - 35, 0.0)
    assert len(told(values).series) <= 1


def test_a_smaller_allowance_tells_less_and_never_dearer() -> None:
    values = quiet(12)
    values[:, 50 * 24 :] *= 1.0 + np.linspace(0.01, 0.05, 12)[:, None]
    loose, strict = told(values), told(values, allowance(1.0, 6000))
    assert set(strict.series.tolist()) < set(loose.series.tolist())
    assert strict.cost.max(initial=0.0) <= allowance(1.0, 6000)


def test_daily_panels_and_what_lacks_a_baseline() -> None:
    rng = np.random.default_rng(5)
    values = 100.0 * np.exp(0.03 * rng.normal(size=(3, 120)))
    values[0, 70:] *= 1.3
    values[1, :110] = np.nan
    panel = Panel(START, 86400.0, values)
    found = change_points(panel, baselines(panel), LOOSEST)
    assert found.series.tolist() == [0]
    assert abs(found.at[0] - (START + 70 * 86400.0)) <= 86400.0


@pytest.mark.parametrize(("kind", "most"), [(Kind.GAUSSIAN, 0.02), (Kind.HEAVY, 0.05), (Kind.REMEMBERING, 0.05)])
def test_stationary_series_have_none(kind: Kind, most: float) -> None:
    assert len(segments(stationary(kind, 500, 21)).series) <= most * 500


def test_steps_are_found_where_they_are() -> None:
    made = stepped(45, 0.01, 22)
    counts = [matched(segments(one.values[None, :]).first.tolist(), one.steps) for one in made]
    assert f1(np.asarray(counts, dtype=np.float64)) >= 0.99


def test_rows_do_not_depend_on_each_other() -> None:
    made = [one.values[:150] for one in stepped(12, 0.02, 23)]
    together = segments(np.stack(made))
    alone = [segments(one[None, :]).first.tolist() for one in made]
    assert [together.first[together.series == row].tolist() for row in range(12)] == alone


def test_gaps_of_weeks_are_stepped_over() -> None:
    rng = np.random.default_rng(6)
    values = 100.0 * np.exp(0.02 * rng.normal(size=(1, 400)))
    values[:, 200:] *= 1.1
    values[:, 150:190] = np.nan
    assert abs(segments(values).first - 200).max() <= 2


def test_the_level_of_noise_may_change() -> None:
    rng = np.random.default_rng(7)
    spread = np.where(np.arange(500) < 250, 0.02, 0.10)
    found = segments(100.0 * (1.0 + spread * rng.normal(size=(60, 500))))
    assert len(found.series) <= 3


def test_series_without_noise() -> None:
    values = np.repeat([[100.0, 120.0, 110.0]], 100, axis=1).reshape(1, -1)
    values[0, 50] = 400.0
    found = segments(values)
    assert found.first.tolist() == [100, 200]
    assert found.before == pytest.approx([100.0, 120.0], rel=1e-3)
    assert found.after == pytest.approx([120.0, 110.0], rel=1e-3)


def test_long_series_are_searched_in_medians_and_placed_exactly() -> None:
    values = 50.0 + np.random.default_rng(8).normal(size=(1, 100_000))
    values[:, 61_803:] += 5.0
    found = segments(values)
    assert abs(found.first - 61_803).max() <= 3
    assert len(found.first) == 1


@pytest.mark.parametrize(
    "values",
    [
        np.full((2, 400), 5.0),
        np.full((2, 400), np.nan),
        np.zeros((2, 400)),
        np.full((1, 1), 3.0),
        np.empty((0, 50)),
        np.empty((3, 0)),
        -np.full((1, 300), 7.0),
        np.full((1, 300), 1e308),
        np.full((1, 300), 1e-300),
        np.asarray([[np.inf, 1.0, 2.0, np.nan] * 50]),
        np.random.default_rng(1).integers(3, 5, (3, 500)).astype(float),
        np.random.default_rng(1).normal(size=(2, 300)) * 1e200,
    ],
)
def test_bad_input_gives_nothing(values: FloatArray) -> None:
    assert not len(segments(values).series)


@pytest.mark.parametrize("before", [-40.0, 0.0, 1e-12, 1e12])
def test_a_step_from_anywhere(before: float) -> None:
    size = max(abs(before), 1e-12)
    values = np.full((1, 200), before) + 0.02 * size * np.random.default_rng(9).normal(size=(1, 200))
    values[:, 90:] += size
    found = segments(values)
    assert found.first.tolist() == [90]
    assert found.after - found.before == pytest.approx([size], rel=0.05)


def test_a_step_from_zero_is_without_measure() -> None:
    values = np.zeros((1, DAYS * 24))
    values[:, 40 * 24 :] = 4.0
    found = told(values)
    assert found.change.tolist() == [np.inf]
    assert found.after == pytest.approx([4.0])


def test_a_burst_of_far_points_is_no_step() -> None:
    values = 100.0 * np.exp(0.03 * np.random.default_rng(10).normal(size=(1, 365)))
    values[0, 200:206] *= np.exp(-0.03 * np.asarray([9.2, 4.2, 1.2, 1.9, 4.9, 3.3]))
    assert not len(segments(values).series)
