"""The course of daily series: their weekdays, where they stand and head, and how far single runs stray."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.limits.daily_scale import DailyScale, Flags, weekly
from driftbot.detectors.limits.local_line import Lines, local_lines
from driftbot.detectors.limits.packing import Packing
from driftbot.detectors.limits.straying import Straying, straying
from driftbot.detectors.limits.weekday_effect import WEEK, weekday_effect
from driftbot.detectors.medians import medians
from driftbot.detectors.running_median import running_median
from driftbot.detectors.spread import NORMAL
from driftbot.detectors.theil_sen import theil_sen

USUAL_SLOPE = 0.006
"""How steep a slope is expected to be where there is one: 0.6 % a day (jobs that grow do so by 0.1 to 1 % a day)."""

WILD = 2.5
"""Spreads from the running median beyond which a run says no more about the level than one that far away."""

_NARROWER = 1.15
"""By how much the spread about a running median of seven, to which the run itself belongs, is too small (simulated)."""
_STEP = 0.7
"""Days of change, in the median, that count as spread where a series moves faster than it strays."""
MEAN_TO_SPREAD = 1.2533
"""What makes the mean absolute deviation of normal samples their standard deviation (√(π/2))."""
FAINTEST = 1e-6
"""The least spread, on any scale: a millionth of the size of the series."""
_WEEKDAY_RUNS = 4.0
"""Days that the share of days with a run weighs against those of one weekday."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The course of each series, on its scale.

    ``weekday`` (series, 7) is the effect and ``runs`` (series, 7) the probability of a run by a column's place in the
    week, from the first of ``columns`` on.
    """

    columns: int
    weekday: FloatArray
    runs: FloatArray
    lines: Lines
    straying: Straying

    def weekday_ahead(self, days: int) -> FloatArray:
        """The weekday effect (series, days) of the days ahead."""
        return self.weekday[:, self._places(days)]

    def runs_ahead(self, days: int) -> FloatArray:
        """The probability (series, days) that there is a run on each of the days ahead."""
        return self.runs[:, self._places(days)]

    def _places(self, days: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return (self.columns + np.arange(days)) % WEEK


def course(scale: DailyScale) -> Course:
    """The course of series each of which has samples on at least a few days."""
    values = scale.values
    columns = values.shape[1]
    weekday = weekday_effect(values)
    plain = values - weekday[:, np.arange(columns) % WEEK]
    packing = Packing.of(plain)
    packed = packing.pack(plain)
    around, without = running_median(packed)
    # A weekday's effect is itself a median of as many runs as there are weeks.
    unsure = np.sqrt(1.0 + 0.5 * np.pi / np.maximum(np.isfinite(values).sum(axis=1) / WEEK, 1.0))
    steps = np.diff(packed, axis=1)
    spread = _spread(packed - around, steps, scale.steady)
    reach = np.where(scale.steady, np.inf, WILD * np.fmax(spread, _STEP * medians(np.abs(steps))))[:, None]
    tamed = packing.unpack(np.clip(packed, around - reach, around + reach))
    return Course(
        columns,
        weekday,
        _runs(values),
        local_lines(tamed, spread, _usual_slope(scale, plain)),
        straying((packed - without) * unsure[:, None], spread, scale.logarithmic),
    )


def _spread(apart: FloatArray, steps: FloatArray, steady: Flags) -> FloatArray:
    """How far a run strays; of what strays less than it moves from run to run, half of that; always above 0.

    All moves of ``steady`` series are meant, the few large ones of a staircase as well: their mean deviation counts.
    """
    moves = NORMAL * medians(np.abs(steps - medians(steps)[:, None]))
    count = np.maximum(np.isfinite(steps).sum(axis=1), 1)
    mean = np.nansum(steps, axis=1) / count
    of_all = MEAN_TO_SPREAD * np.nansum(np.abs(steps - mean[:, None]), axis=1) / count
    strays = np.fmax(_NARROWER * NORMAL * medians(np.abs(apart)), 0.5 * np.where(steady, of_all, moves))
    spread: FloatArray = np.fmax(strays, FAINTEST)
    return spread


def _usual_slope(scale: DailyScale, plain: FloatArray) -> FloatArray:
    """The slope a day that would not surprise: the usual share of the level, or what the line of Theil and Sen has."""
    level = np.where(scale.logarithmic, 1.0, np.abs(medians(plain)))
    _, slope = theil_sen(*weekly(plain))
    return np.maximum(USUAL_SLOPE * level, np.abs(np.nan_to_num(slope)))


def _runs(values: FloatArray) -> FloatArray:
    """The probability of a run on each weekday, drawn towards that of any day; counted from the first run on."""
    there = np.isfinite(values)
    since = np.maximum.accumulate(there, axis=1)
    overall = there.sum(axis=1) / np.maximum(since.sum(axis=1), 1)
    runs = np.empty((len(values), WEEK))
    for day in range(WEEK):
        days, ran = since[:, day::WEEK].sum(axis=1), there[:, day::WEEK].sum(axis=1)
        runs[:, day] = (ran + _WEEKDAY_RUNS * overall) / (days + _WEEKDAY_RUNS)
    return runs
