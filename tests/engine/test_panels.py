"""Panels from series: each cell the median of its samples, missing where there is none, whatever the series is like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.series import Series
from driftbot.engine.panels import CELLS, grouped_sheets, sheets
from tests.engine.estate import DAY, NOW, job

HOUR = 3600.0
RANDOM = np.random.default_rng(4)


def measured(times: np.ndarray, values: np.ndarray) -> Series:
    return Series(job(), "duration", np.asarray(times, np.float64), np.asarray(values, np.float64))


def every(step: float, days: float, ago: float = 0.0) -> np.ndarray:
    return NOW - ago - step * np.arange(round(days * DAY / step) - 1, -1, -1, dtype=np.float64)


def busy(times: np.ndarray) -> Series:
    return measured(times, RANDOM.random(len(times)))


def panels(*series: Series, days: float = 10.0, cells: int = CELLS) -> list:
    rows = np.arange(len(series), dtype=np.int64)
    return list(sheets(rows, series, NOW - days * DAY, NOW, cells))


def naive(series: Series, start: float, step: float, columns: int) -> np.ndarray:
    found = np.full(columns, np.nan)
    for column in range(columns):
        begin = start + step * column
        inside = (series.times > begin) & (series.times <= begin + step)
        if inside.any():
            found[column] = np.median(series.values[inside])
    return found


@pytest.mark.parametrize("step", [60.0, 300.0, 900.0, 1800.0, HOUR])
def test_an_hour_is_the_median_of_its_samples(step):
    series = busy(every(step, 10))
    (sheet,) = panels(series)
    assert sheet.panel.step == HOUR and sheet.panel.values.shape == (1, 240)
    assert sheet.panel.start % HOUR == 0
    expected = naive(series, sheet.panel.start, HOUR, 240)
    np.testing.assert_allclose(sheet.panel.values[0], expected)


@given(st.lists(st.floats(0.0, 10 * DAY), min_size=2, max_size=300, unique=True))
def test_whatever_the_times_each_cell_is_the_median_of_its_samples(ages):
    times = np.unique(NOW - np.array(ages))
    series = measured(times, np.sin(times))
    (sheet,) = panels(series)
    expected = naive(series, sheet.panel.start, sheet.panel.step, sheet.panel.values.shape[1])
    np.testing.assert_allclose(sheet.panel.values[0], expected)


def test_gaps_stay_missing_and_nothing_is_filled():
    times = every(HOUR, 10)
    whole = busy(times)
    holed = measured(np.delete(times, slice(30, 90)), np.delete(whole.values, slice(30, 90)))
    (sheet,) = panels(whole, holed)
    assert np.isnan(sheet.panel.values[1]).sum() == 60 + np.isnan(sheet.panel.values[0]).sum()


@pytest.mark.parametrize(
    ("series", "step"),
    [
        (busy(every(DAY, 10)), DAY),
        (busy(every(6 * HOUR, 10)), DAY),
        (busy(every(2 * HOUR, 10)), HOUR),
        (measured(every(HOUR, 10), np.repeat(RANDOM.random(10), 24)), DAY),
        (measured(every(HOUR, 10), np.full(240, 3.0)), DAY),
        (busy(every(HOUR, 1)), HOUR),
        (busy(every(HOUR, 1)[:1]), DAY),
        (measured(np.empty(0), np.empty(0)), DAY),
    ],
    ids=["nightly", "four a day", "twelve a day", "the last run, asked hourly", "constant", "new", "one", "none"],
)
def test_what_says_something_new_a_few_times_a_day_is_laid_out_by_days(series, step):
    (sheet,) = panels(series)
    assert sheet.panel.step == step
    assert sheet.panel.values.shape == (1, round(10 * DAY / step))


def test_the_run_of_last_night_counts_tonight():
    (sheet,) = panels(busy(every(DAY, 10, ago=HOUR)))
    assert not np.isnan(sheet.panel.values[0, -1])


def test_blocks_are_bounded_and_say_the_same_as_one():
    series = [busy(every(HOUR, 10)) for _ in range(7)] + [busy(every(DAY, 10)) for _ in range(3)]
    whole, parts = panels(*series), panels(*series, cells=480)
    assert all(part.panel.values.size <= 480 for part in parts)
    assert len(whole) == 2 and len(parts) == 5
    for step in (HOUR, DAY):
        said = [part for part in parts if part.panel.step == step]
        (alone,) = (sheet for sheet in whole if sheet.panel.step == step)
        np.testing.assert_array_equal(np.vstack([part.panel.values for part in said]), alone.panel.values)
        np.testing.assert_array_equal(np.concatenate([part.rows for part in said]), alone.rows)


def test_unequal_spans_and_a_hundred_thousand_points_share_one_grid():
    long = busy(np.sort(NOW - 400 * DAY * RANDOM.random(100_000)))
    (sheet,) = panels(long, busy(every(HOUR, 2)), days=90)
    assert sheet.panel.values.shape == (2, 2160)
    np.testing.assert_allclose(sheet.panel.values[0], naive(long, sheet.panel.start, HOUR, 2160))
    assert np.isnan(sheet.panel.values[1]).sum() == 2160 - 48


def test_a_group_is_never_cut_and_shares_one_grid():
    nightly, hourly = busy(every(DAY, 10)), busy(every(HOUR, 10))
    series = [hourly, nightly, hourly, hourly, nightly, nightly, hourly]
    groups = np.array([0, 0, 0, 1, 2, 2, -1])
    found = list(grouped_sheets(np.arange(7) + 10, series, groups, NOW - 10 * DAY, NOW, 500))
    assert [(sheet.panel.step, sheet.rows.tolist()) for sheet in found] == [
        (HOUR, [10, 11, 12]),
        (HOUR, [13]),
        (DAY, [14, 15]),
    ]
    assert list(grouped_sheets(np.empty(0, np.int64), [], np.empty(0, np.int64), NOW - DAY, NOW)) == []
