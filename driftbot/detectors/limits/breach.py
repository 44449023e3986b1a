"""Breach: how likely a limit is exceeded within the days ahead, and when.

The event is that a run (the value of a day) lies beyond the limit on one of the days of the horizon. Days are counted
from the panel's last column: 1 is the next one. The forecast is a distribution over the days and "not within the
horizon", and everything is read off it: ``probability`` is all that lies within, ``median_in`` the first day by which
the event is at least as likely as not, ``earliest_in`` and ``latest_in`` the days by which it has a chance of one in
ten and of nine in ten (an 80 % interval). Any of the three is infinite where that chance is not reached within the
horizon: the date is then only known to lie beyond it. Where the limit is exceeded already all three are the next day.

Rising positive series are judged on log scale, where growth by so much per cent is a line and runs stray by factors;
falling ones (free space), those with other signs, and those that hardly ever turn back (disk space, ids) or clearly
grow by amounts as they are. What is emptied again and again is judged by its peaks (``cycle_peaks.py``).
Three parts make the forecast: the weekday effect (``weekday_effect.py``), level and slope with what is not known of
them (``local_line.py``) and how far single runs stray (``straying.py``); ``first_passage.py`` joins them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.lack import Lack, Lacks
from driftbot.detectors.limits.cycle_peaks import cycle_peaks
from driftbot.detectors.limits.daily_course import course
from driftbot.detectors.limits.daily_scale import DailyScale, daily_scale, positive
from driftbot.detectors.limits.first_passage import MOST_DAYS, first_passage
from driftbot.detectors.limits.limit_fault import limit_faults
from driftbot.detectors.panel import Panel
from driftbot.detectors.usual.sample_faults import faults
from driftbot.detectors.week_grid import DAY, WeekGrid

LOOK_BACK_DAYS = 90
"""Days looked back on; what was before has no say in where it heads now."""

IMMEASURABLE = 1e300
"""Size from which on a sample is taken as lost; what is smaller than its inverse is zero."""

INTERVAL = (0.1, 0.9)
_NORMAL_TENTH = 1.2816
"""A normal variable exceeds its mean by so many standard deviations with a probability of one in ten."""

_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Breaches:
    """Of each series how likely its limit is exceeded within the horizon and when; NaN where something lacks.

    Times are seconds from the panel's end (its last column), whole days, infinite beyond the horizon. ``lower``,
    ``middle`` and ``upper`` (series, days) are the forecast for charts: a run of that day lies between the outer two
    four times in five; in the unit of the series.
    """

    probability: FloatArray
    median_in: FloatArray
    earliest_in: FloatArray
    latest_in: FloatArray
    lower: FloatArray
    middle: FloatArray
    upper: FloatArray
    passed: FloatArray
    """The probability (series, days) that the limit was exceeded by each day: the whole distribution."""
    lack: Lacks

    @property
    def enough(self) -> NDArray[np.bool_]:
        """Where there is an answer."""
        enough: NDArray[np.bool_] = self.lack == Lack.NOTHING_LACKS
        return enough


def breaches(panel: Panel, limits: FloatArray, horizon_days: int, *, rising: bool = True) -> Breaches:
    """How each series of a daily panel meets its limit (one a series, in its unit).

    ``rising`` asks for a limit above (a deadline), otherwise for one below (free space). Of values that come more often
    than daily take ``daily_panel.py`` first. The last ``LOOK_BACK_DAYS`` columns count.

    Raises:
        ValueError: the panel is not daily, there is not one limit a series, or the horizon is not 1 to 366 days.
    """
    _check(panel, limits, horizon_days)
    columns = panel.values.shape[1]
    first = max(0, columns - LOOK_BACK_DAYS)
    values = panel.values[:, first:]
    values = np.where(np.abs(values) < IMMEASURABLE, values, np.nan)
    values[np.abs(values) < 1.0 / IMMEASURABLE] = 0.0
    recent = Panel(panel.start + first * panel.step, panel.step, values if rising else -values)
    out = _empty(len(values), horizon_days)
    for begin in range(0, len(values) if columns else 0, _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        block = Panel(recent.start, recent.step, recent.values[rows])
        _fill(out, rows, block, limits[rows] if rising else -limits[rows], rising)
    return out


def _check(panel: Panel, limits: FloatArray, horizon_days: int) -> None:
    if panel.step != DAY:
        raise ValueError(
            f"breaches are forecast from daily values, not from steps of {panel.step:g} s; reduce them first"
        )
    if limits.shape != panel.values.shape[:1]:
        raise ValueError(f"{len(panel.values)} series need one limit each, not {limits.shape}")
    if not 1 <= horizon_days <= MOST_DAYS:
        raise ValueError(f"a horizon of {horizon_days} days is not 1 to {MOST_DAYS}")


def _empty(series: int, days: int) -> Breaches:
    probability, median_in, earliest_in, latest_in = np.full((4, series), np.nan)
    lower, middle, upper, passed = np.full((4, series, days), np.nan)
    lack = np.full(series, Lack.NO_SAMPLES, dtype=np.int8)
    return Breaches(probability, median_in, earliest_in, latest_in, lower, middle, upper, passed, lack)


def _fill(out: Breaches, rows: slice, block: Panel, limits: FloatArray, rising: bool) -> None:
    """Judge a block of series, turned so that limits lie above."""
    scale = daily_scale(block.values, rising=rising)
    lack = _sample_faults(block, scale, rising)
    emptied = (lack == Lack.COUNTER) & rising
    if emptied.any():
        peaks = block.values.copy()
        peaks[emptied] = cycle_peaks(peaks[emptied])
        scale = daily_scale(peaks, rising=rising)
        lack = _sample_faults(Panel(block.start, block.step, peaks), scale, rising)
    wrong = limit_faults(block.values, limits, scale.steady, rising=rising)
    lack = np.where(lack == Lack.NOTHING_LACKS, wrong, lack)
    out.lack[rows] = lack
    known = np.flatnonzero(lack == Lack.NOTHING_LACKS)
    if known.size:
        _forecast(out, known + rows.start, scale.of(known), limits[known], rising)


def _sample_faults(block: Panel, scale: DailyScale, rising: bool) -> Lacks:
    grid, plain = WeekGrid.of(block), block.values if rising else -block.values
    by_factors = positive(plain) & ~scale.steady
    logarithms = np.log(np.where(by_factors[:, None] & (plain > 0), plain, 1.0))
    days = np.where(np.isnan(plain), np.nan, logarithms)
    return faults(plain, grid.laid(days), by_factors, grid)


def _forecast(out: Breaches, rows: NDArray[np.int64], scale: DailyScale, limits: FloatArray, rising: bool) -> None:
    days = out.middle.shape[1]
    found = course(scale)
    weekday = found.weekday_ahead(days)
    room = scale.on_scale(limits)[:, None] - weekday
    passage = first_passage(found.lines, found.straying, room, found.runs_ahead(days))
    out.passed[rows], out.probability[rows] = passage.passed, passage.passed[:, -1]
    out.earliest_in[rows] = _first_day(passage.passed, INTERVAL[0])
    out.median_in[rows] = _first_day(passage.passed, 0.5)
    out.latest_in[rows] = _first_day(passage.passed, INTERVAL[1])
    middle, wide = passage.level + weekday, _NORMAL_TENTH * passage.deviation
    below, above = (found.straying.quantile(share)[:, None] for share in INTERVAL)
    edges = middle - np.hypot(wide, below), middle, middle + np.hypot(wide, above)
    lower, middle, upper = (scale.in_unit(edge) for edge in edges)
    out.lower[rows], out.middle[rows], out.upper[rows] = (lower, middle, upper) if rising else (-upper, -middle, -lower)


def _first_day(passed: FloatArray, chance: float) -> FloatArray:
    """Seconds until the end of the first day by which the chance is reached; infinite where it is not."""
    reached = passed >= chance
    return np.where(reached.any(axis=1), (reached.argmax(axis=1) + 1) * DAY, np.inf)
