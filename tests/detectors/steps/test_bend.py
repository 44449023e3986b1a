"""Bends: what two pieces apart explain beyond the best two that meet, held against plain least squares."""

from __future__ import annotations

import numpy as np
import pytest

from driftbot.detectors.steps.bend import KNOTS, jump_gain
from driftbot.detectors.steps.segmentation import LEAST_POINTS, partition
from driftbot.detectors.steps.whitening import whitened

POINTS, CUT = 90, 40


@pytest.mark.parametrize("memory", [0.0, 0.5])
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("height", [3.0, 15.0])
def test_the_gain_is_what_least_squares_say(memory: float, missing: float, height: float) -> None:
    draw = np.random.default_rng(3)
    column = np.arange(POINTS)
    values = (draw.normal(size=POINTS) + 0.4 * np.maximum(column - CUT, 0) + height * (column >= CUT))[None, :]
    weights = (draw.random(values.shape) >= missing).astype(np.float64)
    points = whitened(values, weights, np.array([memory]), np.array([1.0]))
    left, right = partition(points, 10.0, np.array([[CUT]]))[0]
    middle = (POINTS - 1) / 2
    level, time, y = points.level[0], points.time[0], points.y[0]
    raw = column - middle
    left_over = []
    for knot in np.linspace(left.first + LEAST_POINTS, right.last - LEAST_POINTS, KNOTS) - middle:
        design = np.stack((level, time, np.where(raw > knot, time - knot * level, 0.0)), axis=1)
        solved = np.linalg.lstsq(design, y, rcond=None)[0]
        left_over.append(float(np.square(y - design @ solved).sum()))
    expected = min(left_over) - left.left_over - right.left_over
    assert jump_gain(points, 0, left, right) == pytest.approx(expected, rel=1e-9, abs=1e-9)
