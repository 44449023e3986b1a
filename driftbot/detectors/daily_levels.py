"""Daily levels: one robust level a day of each series, cut at its releases, and how far such levels stray by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians
from driftbot.detectors.panel import Panel
from driftbot.detectors.season import day_levels
from driftbot.detectors.spread import NORMAL
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

    def of(self, rows: Counts) -> DailyLevels:
        """Those of some of the series."""
        return DailyLevels(self.values[rows], self.share[rows], self.passed[rows], self.noise[rows])


def daily_levels(panel: Panel, adjusted: FloatArray, releases: Sequence[FloatArray]) -> DailyLevels:
    """The daily levels of the adjusted values of a panel; ``releases`` (Unix seconds, rising) of each series."""
    grid = WeekGrid.of(panel)
    days = grid.laid(adjusted)
    if any(len(each) for each in releases):
        days, passed = _cut(days, _laid_counts(_passed(panel, releases), grid))
    else:
        passed = np.zeros(days.shape[:2], dtype=np.int64)
    values, _ = day_levels(days)
    share = (~np.isnan(days)).sum(axis=2) / grid.per_day
    return DailyLevels(values, share, passed, _noise(values, passed))


def _passed(panel: Panel, releases: Sequence[FloatArray]) -> Counts:
    """For each column how many releases came before its middle; those before the panel do not count."""
    middles = panel.start + panel.step * (np.arange(panel.values.shape[1]) + 0.5)
    out = np.zeros(panel.values.shape, dtype=np.int64)
    for row, times in zip(out, releases, strict=True):
        inside = times[(times > panel.start) & (times <= middles[-1])]
        np.add.at(row, np.searchsorted(middles, inside), 1)
    return np.cumsum(out, axis=1)


def _laid_counts(passed: Counts, grid: WeekGrid) -> Counts:
    edges = (grid.lead, grid.days * grid.per_day - grid.lead - grid.columns)
    return np.pad(passed, ((0, 0), edges), mode="edge").reshape(len(passed), grid.days, grid.per_day)


def _cut(days: FloatArray, passed: Counts) -> tuple[FloatArray, Counts]:
    """The samples without the shorter parts of days with a release, and the releases before what is kept of each."""
    kept = passed[:, :, 0].copy()
    series, day = np.nonzero(kept != passed[:, :, -1])
    slots, seen = passed[series, day], ~np.isnan(days[series, day])
    alike = np.stack([((slots == slots[:, [slot]]) & seen).sum(axis=1) for slot in range(slots.shape[1])], axis=1)
    kept[series, day] = slots[np.arange(len(slots)), alike.argmax(axis=1)]
    out = days.copy()
    out[series, day] = np.where(slots == kept[series, day][:, None], out[series, day], np.nan)
    return out, kept


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
