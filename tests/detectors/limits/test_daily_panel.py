"""Days of hourly panels."""

from __future__ import annotations

import numpy as np
import pytest

from driftbot.detectors.limits.daily_panel import daily_panel
from driftbot.detectors.panel import Panel

HOUR, DAY = 3600.0, 86400.0


def test_the_worst_of_each_day_ends_with_the_panel():
    hours = np.arange(50.0)[None, :]
    days = daily_panel(Panel(7 * DAY, HOUR, hours))
    assert (days.start, days.step) == (7 * DAY + 2 * HOUR, DAY)
    assert days.values.tolist() == [[25.0, 49.0]]
    assert daily_panel(Panel(7 * DAY, HOUR, hours), rising=False).values.tolist() == [[2.0, 26.0]]


def test_a_share_leaves_the_peaks_out():
    hours = np.tile(np.arange(20.0), 2)[None, :]
    panel = Panel(0.0, DAY / 20, hours)
    assert daily_panel(panel, 0.95).values.tolist() == [[18.0, 18.0]]
    assert daily_panel(panel, 0.9, rising=False).values.tolist() == [[2.0, 2.0]]


def test_half_a_day_is_no_day():
    hours = np.ones((1, 48))
    hours[0, 30:] = np.nan
    assert np.isnan(daily_panel(Panel(0.0, HOUR, hours)).values[0, 1])
    assert np.isnan(daily_panel(Panel(0.0, HOUR, np.full((1, 48), np.nan)), 0.5).values).all()


def test_a_daily_panel_stays_as_it_is():
    panel = Panel(0.0, DAY, np.ones((2, 3)))
    assert daily_panel(panel) is panel


@pytest.mark.parametrize(("step", "share", "told"), [(7000.0, 1.0, "7000 s"), (HOUR, 0.0, "share of 0")])
def test_what_makes_no_days_is_told(step, share, told):
    with pytest.raises(ValueError, match=told):
        daily_panel(Panel(0.0, step, np.ones((1, 48))), share)
