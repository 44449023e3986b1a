"""The days that the drift filter goes through, in units of each series' noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.drift.daily_levels import DailyLevels
from driftbot.detectors.medians import medians

Flags = NDArray[np.bool_]

BOUNDLESS = 1e6
"""The variance of a level that is not there, or not known yet."""

_LEAST_SHARE = 0.15
_MOST_RELEASES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """One day of all series, in units of their noise.

    ``left`` are the days of the window from this one on, ``level`` is zero and ``variance`` boundless where there is
    none; ``releases`` and ``waited`` count releases and days since the last level, zero where none is now or before.
    """

    left: int
    level: FloatArray
    variance: FloatArray
    releases: FloatArray
    waited: FloatArray

    @property
    def seen(self) -> Flags:
        """Which series have a level."""
        seen: Flags = self.variance < BOUNDLESS
        return seen


def days(levels: DailyLevels) -> Iterator[Day]:
    """The days in order; what a day without a level hid is due on the next one that has one."""
    columns = levels.values.shape[1]
    seen = ~np.isnan(levels.values)
    centre = medians(levels.values)[:, None]
    scaled = np.where(seen, (levels.values - centre) / levels.noise[:, None], 0.0)
    variance = np.where(seen, 1.0 / np.maximum(levels.share, _LEAST_SHARE), BOUNDLESS)
    place = np.where(seen, np.arange(columns), -1)
    before = np.pad(np.maximum.accumulate(place, axis=1), ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
    due = seen & (before >= 0)
    passed = levels.passed - np.take_along_axis(levels.passed, np.maximum(before, 0), axis=1)
    releases = np.where(due, np.minimum(passed, _MOST_RELEASES), 0).astype(np.float64)
    waited = np.where(due, np.arange(columns) - before, 0).astype(np.float64)
    for day in range(columns):
        yield Day(columns - day, *(array[:, day] for array in (scaled, variance, releases, waited)))
