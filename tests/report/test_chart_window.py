"""What of a chart is seen: limits near and far, outliers, flat series, forecasts that run away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from driftbot.core.chart import Band
from driftbot.report.chart_shape import MOST, MOST_OF_STRIP, shape
from driftbot.report.chart_window import is_beyond, window
from tests.report import charts
from tests.report.charts import ANY_CHART


@pytest.mark.parametrize(
    ("limit", "is_drawn"), [(7200.0, True), (3600.0, True), (20_000.0, True), (90_000.0, False), (-90_000.0, False)]
)
def test_a_limit_is_in_the_picture_unless_it_would_squeeze_the_series(limit, is_drawn):
    chart = replace(charts.breach(), limit=limit, forecast=None)
    seen = window(chart)
    assert is_beyond(limit, seen) is not is_drawn
    assert seen.bottom < min(chart.values) < max(chart.values) < seen.top
    assert (max(chart.values) - min(chart.values)) / (seen.top - seen.bottom) > 0.1


def test_a_flat_series_has_room_around_it_and_its_limit_beside_it():
    seen = window(charts.flat())
    assert seen.bottom < 3 < seen.top
    assert not is_beyond(6.0, window(replace(charts.flat(), limit=6.0)))
    assert window(replace(charts.flat(), values=(0.0,) * 120, baseline=None)).top > 0


def test_a_series_above_zero_is_shown_above_zero():
    assert window(replace(charts.flat(), values=(*(0.0,) * 119, 5.0), baseline=None)).bottom == 0.0
    assert window(charts.negative()).bottom < -0.05


def test_one_outlier_does_not_squeeze_the_rest_and_is_told():
    drawn = shape(charts.outlier())
    assert drawn.window.top < 1.0
    assert drawn.beyond.tolist() == [600.0]
    assert shape(charts.step()).beyond.size == 0


def test_a_forecast_that_runs_away_is_cut():
    chart = charts.breach()
    wild = replace(chart.forecast, upper=tuple(value * 1000 for value in chart.forecast.upper))
    assert window(replace(chart, forecast=wild)).top < 20_000
    assert window(chart).top > max(chart.forecast.upper)


def test_nothing_to_draw_is_no_window():
    assert window(charts.empty()) is None
    assert window(replace(charts.empty(), times=(np.nan, 1e300), values=(1.0, 2.0))) is None
    assert window(replace(charts.empty(), times=(0.0,), values=(np.nan,))) is None


@given(ANY_CHART)
def test_any_window_has_a_width_and_a_height(chart):
    seen = window(chart)
    if seen is not None:
        assert seen.right > seen.left
        assert np.isfinite(seen.top - seen.bottom)
        assert seen.top > seen.bottom


@given(ANY_CHART)
def test_any_shape_rises_from_left_to_right(chart):
    drawn = shape(chart)
    if drawn is None:
        return
    for curve in (drawn.series, drawn.baseline, drawn.trend, drawn.forecast):
        if curve is not None:
            assert (np.diff(curve.across) >= 0).all()
            assert ((curve.across >= 0) & (curve.across <= 1)).all()


def test_many_samples_are_thinned_with_their_extremes():
    chart = charts.crowded()
    drawn = shape(chart)
    known = drawn.series.up[~np.isnan(drawn.series.up)]
    assert len(known) <= MOST
    assert len(drawn.baseline.across) <= MOST_OF_STRIP
    lowest = drawn.window.up(np.array([max(min(chart.values), drawn.window.bottom)]))
    assert known.min() == pytest.approx(float(lowest[0]))


def test_samples_are_joined_over_one_missing_and_not_over_a_gap():
    chart = charts.gaps()
    assert np.isnan(shape(chart).series.up).sum() == 2
    assert np.isnan(shape(charts.breach()).series.up).sum() == 0


def test_a_band_of_unequal_lengths_is_no_band():
    with pytest.raises(ValueError, match="differ in length"):
        Band((1.0,), (1.0,), (), (1.0,))
    with pytest.raises(ValueError, match="differ in length"):
        replace(charts.step(), times=())
