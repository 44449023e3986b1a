"""Daily values of what is measured more often: the worst of each day, or what most of a day stays below.

A limit is exceeded by single samples, so that a forecast of when that happens is made of each day's worst. Where one
sample does not matter (a peak of seconds against an alert that waits), a high quantile of the day speaks for it.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.panel import Panel
from driftbot.detectors.week_grid import DAY

LEAST_OF_A_DAY = 0.5
"""Share of a day's samples, of those that the series' fullest day has, without which the day says nothing. Ours: the
worst of a few hours is not the worst of a day."""


def daily_panel(panel: Panel, share: float = 1.0, *, rising: bool = True) -> Panel:
    """The panel with one column a day, the last one ending where the panel ends; a daily panel as it is.

    ``share`` 1 takes the highest of each day (the lowest where not ``rising``), 0.95 what 95 % of the day's samples do
    not exceed. What is left over at the start, less than a day, is dropped. A column's time is that of its first
    sample. NaN where fewer than ``LEAST_OF_A_DAY`` of the usual samples are.

    Raises:
        ValueError: the step does not divide a day, or the share is not above 0 and at most 1.
    """
    per_day = round(DAY / panel.step)
    if per_day < 1 or abs(per_day * panel.step - DAY) > 1e-6:
        raise ValueError(f"steps of {panel.step:g} s do not divide a day; give 3600 or 86400")
    if not 0.0 < share <= 1.0:
        raise ValueError(f"a share of {share:g} of a day's samples is not above 0 and at most 1")
    if per_day == 1:
        return panel
    series, columns = panel.values.shape
    days = columns // per_day
    first = columns - days * per_day
    hours = panel.values[:, first:].reshape(series, days, per_day)
    there = np.isfinite(hours).sum(axis=2)
    worst = _worst(hours, share) if rising else -_worst(-hours, share)
    enough = there >= np.maximum(LEAST_OF_A_DAY * there.max(axis=1, initial=0)[:, None], 1)
    return Panel(panel.start + first * panel.step, DAY, np.where(enough, worst, np.nan))


def _worst(hours: FloatArray, share: float) -> FloatArray:
    """The sample of each day (series, days) that at least this share of its samples does not exceed."""
    filled = np.where(np.isfinite(hours), hours, -np.inf)
    if share == 1.0:
        highest: FloatArray = filled.max(axis=2, initial=-np.inf)
        return highest
    ordered = np.sort(filled, axis=2)
    counts = np.isfinite(hours).sum(axis=2)
    above = np.floor(np.round((1.0 - share) * counts, 9)).astype(np.int64)
    place = hours.shape[2] - 1 - np.minimum(above, np.maximum(counts - 1, 0))
    return np.take_along_axis(ordered, place[:, :, None], axis=2)[:, :, 0]
