"""The last lasting step of each series, and the marker that stands beside it."""

from __future__ import annotations

import numpy as np
import pytest

from driftbot.core.marker import Cause, Marker
from driftbot.detectors.steps.change_points import ChangePoints
from driftbot.engine.last_step import Found, beside, last_steps
from tests.engine.estate import DAY, NOW, job

HOUR = 3600.0
AT = NOW - 10 * DAY


def points(*entries: tuple[int, float, float, bool]) -> Found:
    """Change points as (series, days ago, change, lasts)."""
    series, ago, change, lasts = zip(*entries, strict=True)
    changes = np.array(change)
    ones = np.ones(len(entries))
    found = ChangePoints(
        np.array(series), NOW - DAY * np.array(ago), ones, ones + changes, changes, changes - 0.01, changes + 0.01,
        0.0 * ones, np.array(lasts),
    )  # fmt: skip
    return Found(found, HOUR)


def test_of_each_row_the_last_one_that_lasts():
    one = points((0, 40, 0.1, True), (0, 20, 0.2, True), (0, 5, 0.3, False), (1, 9, 0.4, False), (2, 7, -0.5, True))
    steps, causes = last_steps(6, [(np.array([5, 4, 3]), one)], lambda _row: ())
    assert steps.told.tolist() == [False, False, False, True, False, True]
    np.testing.assert_array_equal(steps.change[[3, 5]], [-0.5, 0.2])
    np.testing.assert_array_equal(steps.at[[3, 5]], [NOW - 7 * DAY, NOW - 20 * DAY])
    np.testing.assert_allclose(steps.low[5], 0.19)
    assert np.isnan(steps.at[4]) and causes == (None,) * 6


def test_its_cause_is_the_row_s_own():
    marker = Marker(job(), NOW - 7 * DAY, "2.4.1")
    _, causes = last_steps(
        2, [(np.array([0, 1]), points((0, 7, 0.1, True), (1, 7, 0.1, True)))], lambda row: (marker,) if row else ()
    )
    assert causes == (None, marker)


@pytest.mark.parametrize(
    ("hours", "late", "step", "near"),
    [
        (0, 0, HOUR, True),
        (-24, 0, HOUR, True),
        (-26, 0, HOUR, False),
        (5, 0, HOUR, True),
        (8, 0, HOUR, False),
        (8, 4 * HOUR, HOUR, True),
        (20, 0, DAY, True),
        (-40, 0, DAY, True),
        (-60, 0, DAY, False),
    ],
)
def test_beside_is_what_may_have_been_the_cause(hours, late, step, near):
    marker = Marker(job(), AT + hours * HOUR, "2.4.1", late_by=late)
    assert beside([marker], AT, step) == (marker if near else None)


def test_the_nearest_stands_beside_and_of_equally_near_ones_a_release():
    far, close = Marker(job(), AT - 9 * HOUR, "2.4.0"), Marker(job(), AT - HOUR, "timeout 1s → 2s", Cause.SETTING)
    assert beside([far, close], AT, HOUR) == close
    release = Marker(job(), AT - HOUR, "2.4.1")
    assert beside([close, release], AT, HOUR) == beside([release, close], AT, HOUR) == release
    assert beside([], AT, HOUR) is None
