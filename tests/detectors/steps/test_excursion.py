"""Excursions: which steps of a series last."""

from __future__ import annotations

import numpy as np
import pytest

from driftbot.detectors.steps.excursion import lasting
from driftbot.detectors.steps.step import Step, Steps
from driftbot.detectors.steps.step_cost import cost, strength_for
from driftbot.detectors.steps.step_time import refined


def steps(levels: list[float], firsts: list[int]) -> Steps:
    pairs = zip(firsts, levels, levels[1:], strict=False)
    return Steps.of([[], [Step(first, before, after, 0.1, 99.0) for first, before, after in pairs]])


def series(levels: list[float], firsts: list[int], columns: int = 100) -> np.ndarray:
    row = np.repeat(levels, np.diff([0, *firsts, columns]))
    return np.stack((np.zeros(columns), row))


@pytest.mark.parametrize(
    ("levels", "firsts", "expected"),
    [
        ([1.0, 2.0], [40], [True]),
        ([1.0, 2.0, 1.1], [40, 60], [False, False]),
        ([1.0, 2.0, 3.0], [40, 60], [True, True]),
        ([1.0, 2.0, 1.0, 2.0], [20, 60, 65], [True, False, False]),
        ([1.0, 2.0, 1.0, 2.0], [20, 25, 60], [False, False, True]),
        ([1.0, 3.0, 2.0], [40, 60], [True, True]),
        ([1.0, 2.0, 4.0, 2.0, 1.0], [20, 40, 45, 70], [False, False, False, False]),
    ],
)
def test_shortest_stretch_first(levels: list[float], firsts: list[int], expected: list[bool]) -> None:
    assert lasting(steps(levels, firsts), series(levels, firsts)).tolist() == expected


def test_the_latest_points_may_say_that_it_is_leaving() -> None:
    values = series([1.0, 2.0], [40])
    values[1, -5:] = [1.1, 1.0, np.nan, 1.1, 1.0]
    assert lasting(steps([1.0, 2.0], [40]), values).tolist() == [False]


def test_no_steps() -> None:
    assert lasting(Steps.of([]), np.empty((0, 5))).tolist() == []


def test_a_step_is_placed_among_samples() -> None:
    values = np.where(np.arange(120) < 63, 1.0, 2.0)[None, :]
    values[0, 61] = 40.0
    values[0, 65] = np.nan
    found = refined(Steps.of([[Step(11, 1.0, 2.0, 0.1, 99.0)]]), values, 6)
    assert found.first.tolist() == [63]


def test_cost_and_strength_are_each_others_inverse() -> None:
    allowances = np.asarray([1e-1, 1e-2, 1e-4, 1e-6])
    strengths = np.asarray([strength_for(allowance) for allowance in allowances])
    assert (np.diff(strengths) > 0).all()
    assert cost(strengths) == pytest.approx(allowances)
