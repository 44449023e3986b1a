"""Segmentation: the division is the best one there is, and its lines are fitted rightly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.segmentation import LEAST_LINE, LEAST_POINTS, SLOPE_PRICE, Piece, fitted, partition
from driftbot.detectors.steps.whitening import Whitened, whitened

PRICE = 12.0


def independent(values: FloatArray) -> Whitened:
    rows = len(values)
    return whitened(values, np.isfinite(values).astype(float), np.zeros(rows), np.ones(rows))


def squares(values: FloatArray, first: int, last: int) -> float:
    """What the cheapest of both shapes costs, from the definition."""
    y = values[first:last]
    if len(y) < LEAST_POINTS:
        return np.inf
    constant = float(np.square(y - y.mean()).sum())
    if len(y) < LEAST_LINE:
        return constant
    t = np.arange(len(y))
    line = float(np.square(y - np.polyval(np.polyfit(t, y, 1), t)).sum())
    return min(constant, line + SLOPE_PRICE)


def cost(values: FloatArray, ends: list[int]) -> float:
    return sum(squares(values, a, b) for a, b in itertools.pairwise(ends)) + PRICE * (len(ends) - 2)


def ends_of(pieces: list[Piece]) -> list[int]:
    return [0, *(piece.last for piece in pieces)]


@given(st.integers(0, 10_000))
def test_no_division_into_up_to_three_is_cheaper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=32) + 4.0 * (np.arange(32) >= rng.integers(6, 26)) * rng.integers(0, 2)
    found = cost(values, ends_of(partition(independent(values[None, :]), PRICE)[0]))
    others = ([0, *cuts, 32] for count in range(3) for cuts in itertools.combinations(range(1, 32), count))
    assert found <= min(cost(values, ends) for ends in others) + 1e-6


def test_lines_where_they_are() -> None:
    values = np.concatenate((np.zeros(60), 0.5 * np.arange(60)))
    values += 0.1 * np.random.default_rng(1).normal(size=120)
    pieces = partition(independent(values[None, :]), PRICE)[0]
    assert [piece.sloped for piece in pieces] == [False, True]
    assert pieces[1].slope == pytest.approx(0.5, abs=0.01)
    assert np.abs(fitted(pieces, 120) - values).max() < 0.6


def test_cuts_limit_where_pieces_begin() -> None:
    values = np.where(np.arange(60) < 31, 0.0, 9.0)[None, :]
    assert ends_of(partition(independent(values), PRICE)[0]) == [0, 31, 60]
    cuts = np.asarray([[10, 20, 30, 40]])
    assert set(ends_of(partition(independent(values), PRICE, cuts)[0])) <= {0, 10, 20, 30, 40, 60}


def test_missing_points_count_for_nothing() -> None:
    values = np.where(np.arange(80) < 40, 0.0, 9.0)[None, :]
    values[:, 36:50] = np.nan
    assert partition(independent(values), PRICE)[0][0].last in range(36, 51)
    assert partition(independent(np.full((1, 80), np.nan)), PRICE) == [[]]


def test_whitened_points_of_an_autoregression_are_independent() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(1, 20_000))
    for point in range(1, values.shape[1]):
        values[:, point] += 0.7 * values[:, point - 1]
    y = whitened(values, np.ones_like(values), np.asarray([0.7]), np.ones(1)).y[0]
    assert abs(np.corrcoef(y[1:], y[:-1])[0, 1]) < 0.03
    assert y[1:].std() * (1 - 0.7) == pytest.approx(1.0, abs=0.03)


def test_a_level_of_an_autoregression_has_its_long_run_variance() -> None:
    pieces = partition(whitened(np.zeros((1, 4000)), np.ones((1, 4000)), np.asarray([0.5]), np.ones(1)), PRICE)[0]
    assert pieces[0].level_variance == pytest.approx(1 / 4000, rel=0.01)
