"""Daily levels: one robust level a day of each series, cut at its releases, and how far such levels stray by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians
from driftbot.detectors.panel import Panel
from driftbot.detectors.spread import NORMAL
from driftbot.detectors.usual.season import day_levels
from driftbot.detectors.week_grid import WeekGrid

Counts = NDArray[np.int64]

LEAST_NOISE = 0.002
"""The least that a day's level is taken to stray (relative): what moves by less is no matter for anybody. Ours."""

_CLIP = 2.0
_CLIPPED_VARIANCE = 0.92054
"""The mean of min(x², 4) of a standard normal x."""
_LAGS = (1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class DailyLevels:
    """Levels (series, days) on the baseline's scale, NaN where a day has no sample.

    ``share`` is how much of the day each rests on, ``passed`` how many releases came before it since the first day. Of
    a day with a release only the longer part counts: each level lies wholly before or after every release.
    ``noise`` (series,) is the standard deviation of a whole day's level.
    """

    values: FloatArray
    share: FloatArray
    passed: Counts
    noise: FloatArray

    @property
    def watched(self) -> FloatArray:
        """Days since the first level of each series (series,), that day included; 0 where there is none."""
        seen = ~np.isnan(self.values)
        return np.where(seen.any(axis=1), seen.shape[1] - seen.argmax(axis=1), 0).astype(np.float64)

    def of(self, rows: Counts) -> DailyLevels:
        """Those of some of the series."""
        return DailyLevels(self.values[rows], self.share[rows], self.passed[rows], self.noise[rows])


def daily_levels(panel: Panel, adjusted: FloatArray, releases: Sequence[FloatArray]) -> DailyLevels:
    """The daily levels of the adjusted values of a panel; ``releases`` (Unix seconds, rising) of each series."""
    grid = WeekGrid.of(panel)
    days, passed = _cut(grid.laid(adjusted), *_placed(panel, grid, releases))
    values, _ = day_levels(days)
    share = (~np.isnan(days)).sum(axis=2) / grid.per_day
    return DailyLevels(values, share, passed, _noise(values, passed))


def _placed(panel: Panel, grid: WeekGrid, releases: Sequence[FloatArray]) -> tuple[Counts, Counts]:
    """Of each release in the panel its series, and the slot (since the first day) with the first middle after it."""
    series = np.repeat(np.arange(len(releases)), [len(times) for times in releases])
    times = np.concatenate([*releases, np.empty(0)])
    column = np.ceil((times - panel.start) / panel.step - 0.5)
    inside = (times > panel.start) & (column < grid.columns)
    return series[inside], column[inside].astype(np.int64) + grid.lead


def _cut(days: FloatArray, series: Counts, places: Counts) -> tuple[FloatArray, Counts]:
    """The samples without the shorter parts of days with a release, and the releases before what is kept of each."""
    number, columns, slots = days.shape
    day, slot = places // slots, places % slots
    today = np.zeros((number, columns), dtype=np.int64)
    np.add.at(today, (series, day), 1)
    passed = np.cumsum(today, axis=1)
    key = series * columns + day
    parted = np.unique(key[slot > 0])
    if not parted.size:
        return days, passed
    among = np.isin(key, parted)
    within = np.zeros((len(parted), slots), dtype=np.int64)
    np.add.at(within, (np.searchsorted(parted, key[among]), slot[among]), 1)
    rows, columns_of = np.divmod(parted, columns)
    before = np.cumsum(within, axis=1) + (passed - today)[rows, columns_of][:, None]
    seen = ~np.isnan(days[rows, columns_of])
    alike = np.stack([((before == before[:, [each]]) & seen).sum(axis=1) for each in range(slots)], axis=1)
    kept = before[np.arange(len(before)), alike.argmax(axis=1)]
    passed[rows, columns_of] = kept
    out = days.copy()
    out[rows, columns_of] = np.where(before == kept[:, None], days[rows, columns_of], np.nan)
    return out, passed


def _noise(values: FloatArray, passed: Counts) -> FloatArray:
    """From differences of near days that no release parts: a slow movement hardly shows in them, a step in few."""
    parts = []
    for lag in _LAGS:
        change = values[:, lag:] - values[:, :-lag]
        change = np.where(passed[:, lag:] == passed[:, :-lag], change, np.nan)
        parts.append(np.abs(change - medians(change)[:, None]))
    off = np.concatenate(parts, axis=1)
    spread = NORMAL * medians(off)
    spread = np.where(spread > 0, spread, np.sqrt(_mean(np.square(off))))
    clipped = np.square(np.minimum(off, _CLIP * spread[:, None]))
    noise: FloatArray = np.sqrt(_mean(clipped) / _CLIPPED_VARIANCE / 2.0)
    return np.fmax(noise, LEAST_NOISE)


def _mean(values: FloatArray) -> FloatArray:
    mean: FloatArray = np.nansum(values, axis=1) / np.maximum((~np.isnan(values)).sum(axis=1), 1)
    return mean
