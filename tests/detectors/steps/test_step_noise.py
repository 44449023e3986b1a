"""The noise that steps are held against: long-run variance, local noise, and what is filtered before."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detectors.steps import remembering
from driftbot.core.series import FloatArray
from driftbot.detectors.steps.hampel import NEIGHBOURS, hampel, running_median
from driftbot.detectors.steps.local_noise import local_weights
from driftbot.detectors.steps.long_run_variance import from_differences, from_residuals, spread_of


def noises(memory: float, rows: int = 60, points: int = 600) -> FloatArray:
    rng = np.random.default_rng([1, int(100 * memory)])
    return np.stack([remembering(rng, points, memory) for _ in range(rows)])


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.5, 0.7])
def test_of_an_autoregression(memory: float) -> None:
    true = (1 + memory) / (1 - memory)
    differences, _ = from_differences(noises(memory))
    residuals, found = from_residuals(noises(memory), np.ones(60))
    assert np.median(differences) == pytest.approx(true, rel=0.15)
    assert np.median(residuals) == pytest.approx(true, rel=0.15)
    assert np.median(found) == pytest.approx(memory, abs=0.07)


def test_steps_hardly_move_what_differences_show() -> None:
    plain = noises(0.5)
    with_steps = plain + 5.0 * (np.arange(600) // 150 % 2)
    assert np.median(from_differences(with_steps)[0]) < 1.5 * np.median(from_differences(plain)[0])


def test_missing_points_are_left_out() -> None:
    values = noises(0.5)
    values[:, ::7] = np.nan
    assert np.median(from_differences(values)[0]) == pytest.approx(3.0, rel=0.2)
    assert np.median(from_residuals(values, np.ones(60))[0]) == pytest.approx(3.0, rel=0.2)


def test_spread() -> None:
    rng = np.random.default_rng(2)
    assert spread_of(rng.normal(size=(1, 50_000))) == pytest.approx([1.0], rel=0.02)
    assert spread_of(np.where(rng.random((1, 2000)) < 0.5, 0.0, 5.0))[0] > 1.0
    assert spread_of(np.full((2, 9), np.nan)).tolist() == [0.0, 0.0]


def test_the_running_median_is_the_lower_median_of_those_there() -> None:
    rng = np.random.default_rng(3)
    values = np.where(rng.random((6, 50)) < 0.3, np.nan, rng.normal(size=(6, 50)))
    values[0] = np.nan
    found = running_median(values)
    for row, column in np.ndindex(*values.shape):
        near = values[row, max(column - NEIGHBOURS, 0) : column + NEIGHBOURS + 1]
        near = np.sort(near[~np.isnan(near)])
        expected = near[(len(near) - 1) // 2] if len(near) else np.nan
        assert found[row, column] == pytest.approx(expected, nan_ok=True)


def test_outliers_go_and_steps_stay() -> None:
    values = 0.1 * np.random.default_rng(4).normal(size=(1, 200))
    values[:, 100:] += 5.0
    values[:, [30, 31, 150]] += 50.0
    found = hampel(values)
    assert np.abs(found[0, [30, 31]]).max() < 1.0
    assert found[0, 99] < 1.0
    assert found[0, 100] > 4.0


def test_points_of_a_noisy_stretch_weigh_less() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(20, 400)) * np.where(np.arange(400) < 200, 1.0, 4.0)
    values[:, 7] = np.nan
    weights = local_weights(values, values, 0.01)
    assert np.median(weights[:, :200].mean(axis=1) / weights[:, 200:].mean(axis=1)) == pytest.approx(5.5, rel=0.3)
    assert not weights[:, 7].any()
    assert weights.sum(axis=1) == pytest.approx(np.full(20, 399.0))
