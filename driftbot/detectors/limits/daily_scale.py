"""The scale on which daily series move: by factors, or by amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.limits.weekday_effect import WEEK
from driftbot.detectors.medians import medians
from driftbot.detectors.theil_sen import theil_sen
from driftbot.detectors.usual.baseline import POSITIVE

Flags = NDArray[np.bool_]

STEADY = 0.95
"""Share of changes in one direction that makes a series one that hardly ever turns back (disk space, ids). Ours."""


LIKELIER = 2.5
"""Logarithm of how much likelier growth by amounts has to be than growth by interest. Ours."""

LEAST_WEEKS = 5
_ELSEWHERE = 1.0
"""Days that the middle of a week's days may lie off that of the other weeks'."""
_ROUNDING, _FAR_OFF = 1e-12, 1e3


@dataclass(frozen=True, slots=True, eq=False)
class DailyScale:
    """``values`` (series, days) on the scale of each series: the natural logarithm where ``logarithmic``, else divided
    by ``size``, the largest of them; NaN where nothing is, or nothing that can be there. ``steady`` series hardly ever
    turn back."""

    values: FloatArray
    logarithmic: Flags
    steady: Flags
    size: FloatArray

    def of(self, rows: NDArray[np.int64]) -> DailyScale:
        """These series alone."""
        return DailyScale(self.values[rows], self.logarithmic[rows], self.steady[rows], self.size[rows])

    def on_scale(self, limits: FloatArray) -> FloatArray:
        """Limits (series,) on the scale; -infinite where a logarithm has none."""
        positive = np.where(self.logarithmic & (limits > 0), limits, 1.0)
        logarithms = np.where(limits > 0, np.log(positive), -np.inf)
        with np.errstate(over="ignore"):
            return np.where(self.logarithmic, logarithms, np.clip(limits / self.size, -_FAR, _FAR))

    def in_unit(self, values: FloatArray) -> FloatArray:
        """Values (series, …) of the scale in the unit of the series."""
        raised = np.exp(np.where(self.logarithmic[:, None], np.minimum(values, _LARGEST), 0.0))
        return np.where(self.logarithmic[:, None], raised, values * self.size[:, None])


_FAR = 1e9
"""Sizes of a series from which on a limit is as far as any."""
_LARGEST = float(np.log(np.finfo(np.float64).max))


def daily_scale(values: FloatArray, *, rising: bool) -> DailyScale:
    """The scale of (series, days) values that a limit lies above of; ``rising`` is False where they were negated.

    What may grow by interest is taken by its logarithm: positive series, if their limit lies above, unless they clearly
    grow by amounts. Free space falls by what is written a day, not by a share of itself, and neither does a disk fill
    or a sequence count by interest.
    """
    steady = _steady(values)
    logarithmic = positive(values) & ~steady & rising
    if logarithmic.any():
        logarithmic[logarithmic] = ~_grows_by_amounts(values[logarithmic])
    usable = logarithmic[:, None] & (values > 0)
    logarithms = np.where(usable, np.log(np.where(usable, values, 1.0)), np.nan)
    largest = np.fmax.reduce(np.abs(values), axis=1, initial=0.0)
    size = np.where(largest > 0, largest, 1.0)
    on_scale = np.where(logarithmic[:, None], logarithms, values / size[:, None])
    return DailyScale(on_scale, logarithmic, steady, size)


def weekly(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places (days before the last column's week) and medians (series, weeks) of weeks up to the last column.

    A week whose days lie elsewhere in it than those of the others (a series that begins in its middle, some days lost)
    is left out: its median is that of another place.
    """
    series, columns = values.shape
    weeks = -(-columns // WEEK)
    padded = np.full((series, weeks * WEEK), np.nan)
    padded[:, weeks * WEEK - columns :] = values
    days = padded.reshape(series, weeks, WEEK)
    there = np.isfinite(days)
    middle = (there * np.arange(WEEK)).sum(axis=2) / np.where(there.any(axis=2), there.sum(axis=2), np.nan)
    elsewhere = np.abs(middle - medians(middle)[:, None]) > _ELSEWHERE
    return np.arange(1.0 - weeks, 1.0) * WEEK, np.where(elsewhere, np.nan, medians(days))


def _grows_by_amounts(values: FloatArray) -> Flags:
    """Where the weeks lie much closer to a line than to a curve of compound interest (both of Theil and Sen)."""
    places, weeks = weekly(np.where(values > 0, values, np.nan))
    level, slope = theil_sen(places, weeks)
    line = level[:, None] + slope[:, None] * places
    with np.errstate(over="ignore"):
        off_line = np.clip(weeks / np.where(line > 0, line, np.nan) - 1.0, -_FAR_OFF, _FAR_OFF)
    logarithms = np.log(weeks)
    level, slope = theil_sen(places, logarithms)
    off_curve = logarithms - level[:, None] - slope[:, None] * places
    count = np.isfinite(off_line).sum(axis=1)
    line_square, curve_square = (np.nansum(off**2, axis=1) + _ROUNDING for off in (off_line, off_curve))
    closer: Flags = (count >= LEAST_WEEKS) & (0.5 * count * np.log(curve_square / line_square) > LIKELIER)
    return closer


def positive(values: FloatArray) -> Flags:
    """Which series are positive, but for a few zeros: lost samples that were written as such."""
    seen = np.isfinite(values).sum(axis=1)
    found: Flags = ((values > 0).sum(axis=1) >= POSITIVE * seen) & (seen > 0) & ~(values < 0).any(axis=1)
    return found


def _steady(values: FloatArray) -> Flags:
    change = np.diff(values, axis=1)
    rises, falls = (change > 0).sum(axis=1), (change < 0).sum(axis=1)
    steady: Flags = np.maximum(rises, falls) >= np.maximum(STEADY * (rises + falls), 1)
    return steady
