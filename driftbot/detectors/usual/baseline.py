"""Baselines: what is usual for each of many series: level, spread, and profile over the week.

Positive series are taken on log scale, on which a season and a release multiply and a drift is a straight line; others
as they are, divided by their own size. The profile is estimated on samples whose day's level is taken out, so that no
slow movement is ever taken for a season (``season.py``). Nothing is filled, and nothing is guessed: where too little is
there, ``lack`` says what.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.lack import Lack, Lacks
from driftbot.detectors.medians import medians
from driftbot.detectors.panel import Panel
from driftbot.detectors.spread import NORMAL
from driftbot.detectors.usual.sample_faults import faults
from driftbot.detectors.usual.season import day_levels, season
from driftbot.detectors.week_grid import DAYS_A_WEEK, HOURS_A_WEEK, WeekGrid

Flags = NDArray[np.bool_]

POSITIVE = 0.98
"""Share of samples above zero that makes a series one for log scale; the others are then taken as lost. Ours."""

RECENT_DAYS = 7
"""Days of samples that the level now is the median of: a whole week, so that no weekday is missing."""

_MOST_EXPONENT = float(np.log(np.finfo(np.float64).max))
_LARGEST, _FARTHEST = 1e150, 1e100
"""Samples beyond the first, and multiples of a series' own size beyond the second, are no measurements; squares of what
is left can be summed."""

_BLOCK = 64
_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Baselines:
    """What is usual, one row a series; NaN where ``lack`` says that it is not known.

    ``level`` is the level now, season taken out, in the unit of the series; ``spread`` the usual deviation of a sample
    from it, as a share of it. ``profile`` (series, 168) is by hour of the week (UTC, Monday 00:00 first): a factor
    where ``logarithmic``, else 1 plus what the hour adds, in ``scale``. ``adjusted`` (series, columns) is the series
    without its profile: the natural logarithm of its value where ``logarithmic``, else its value divided by ``scale``;
    a sample that cannot be there (zero on log scale) is NaN.
    """

    level: FloatArray
    spread: FloatArray
    profile: FloatArray
    adjusted: FloatArray
    logarithmic: Flags
    scale: FloatArray
    lack: Lacks

    @property
    def enough(self) -> Flags:
        """Where there is a baseline."""
        enough: Flags = self.lack == Lack.NOTHING_LACKS
        return enough

    def usual(self, row: int, times: FloatArray) -> FloatArray:
        """What one series usually is at these times (Unix seconds), at its level now, in its unit."""
        hours = np.floor(times / 3600.0).astype(np.int64) + _EPOCH_HOUR
        factor: FloatArray = self.profile[row, hours % HOURS_A_WEEK]
        if self.logarithmic[row]:
            return factor * float(self.level[row])
        return float(self.level[row]) + float(self.scale[row]) * (factor - 1.0)


_EPOCH_HOUR = 72
"""1970-01-01 was a Thursday, 72 hours into its week."""


def baselines(panel: Panel) -> Baselines:
    """The baselines of all series of a panel (hourly or daily).

    Work is done in blocks of series by two threads (NumPy lets go of the interpreter); a block is a few megabytes.

    Raises:
        ValueError: the panel's step is not a whole number of hours that divides a day.
    """
    grid = WeekGrid.of(panel)
    out = _empty(panel)
    if out.adjusted.size:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda rows: _fill(out, rows, panel.values[rows], grid), _blocks(len(panel.values))))
    return out


def _blocks(series: int) -> Iterator[slice]:
    return (slice(first, min(first + _BLOCK, series)) for first in range(0, series, _BLOCK))


def _empty(panel: Panel) -> Baselines:
    series, columns = panel.values.shape
    return Baselines(
        level=np.full(series, np.nan),
        spread=np.full(series, np.nan),
        profile=np.full((series, HOURS_A_WEEK), np.nan),
        adjusted=np.full((series, columns), np.nan),
        logarithmic=np.zeros(series, dtype=np.bool_),
        scale=np.ones(series),
        lack=np.full(series, Lack.NO_SAMPLES, dtype=np.int8),
    )


def _fill(out: Baselines, rows: slice, values: FloatArray, grid: WeekGrid) -> None:
    plain = _finite(values)
    logarithmic, scale = _scales(plain)
    working = _on_scale(plain, logarithmic, scale)
    profile = season(grid.laid(working), grid)
    working -= profile[:, grid.slots]
    days = grid.laid(working)
    lack = faults(plain, days, logarithmic, grid)
    level, spread = _level_and_spread(days)
    known = lack == Lack.NOTHING_LACKS
    natural = np.where(logarithmic, np.exp(_bounded(np.where(logarithmic, level, 0.0))), level * scale)
    out.level[rows] = np.where(known, natural, np.nan)
    size = np.where(logarithmic, 1.0, np.maximum(np.abs(level), 1.0))
    out.spread[rows] = np.where(known, spread / size, np.nan)
    hourly = np.repeat(profile, HOURS_A_WEEK // profile.shape[1], axis=1)
    logarithms = _bounded(np.where(logarithmic[:, None], hourly, 0.0))
    factor = np.where(logarithmic[:, None], np.exp(logarithms), 1.0 + hourly)
    out.profile[rows] = np.where(known[:, None], factor, np.nan)
    out.adjusted[rows] = working
    out.logarithmic[rows], out.scale[rows], out.lack[rows] = logarithmic, scale, lack


def _bounded(exponents: FloatArray) -> FloatArray:
    """Exponents whose power is a number: samples of all sizes at once have a profile beyond the largest one."""
    bounded: FloatArray = np.clip(exponents, -_MOST_EXPONENT, _MOST_EXPONENT)
    return bounded


def _finite(values: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        usable = np.abs(values) <= _LARGEST
    return values if usable.all() else np.where(usable, values, np.nan)


def _scales(plain: FloatArray) -> tuple[Flags, FloatArray]:
    """Which series are for log scale, and by what the others are divided: the median size of their samples.

    Where more than half of the samples are zero it is the largest one's size, and 1 where all are zero.
    """
    seen = (~np.isnan(plain)).sum(axis=1)
    logarithmic = ((plain > 0).sum(axis=1) >= POSITIVE * seen) & (seen > 0) & ~(plain < 0).any(axis=1)
    scale = np.ones(len(plain))
    linear = np.flatnonzero(~logarithmic & (seen > 0))
    if linear.size:
        sizes = np.abs(plain[linear])
        middle, largest = medians(sizes), np.fmax.reduce(sizes, axis=1)
        scale[linear] = np.where(middle > 0, middle, np.where(largest > 0, largest, 1.0))
    return logarithmic, scale


def _on_scale(plain: FloatArray, logarithmic: Flags, scale: FloatArray) -> FloatArray:
    if logarithmic.all():
        with np.errstate(divide="ignore"):
            out = np.log(plain)
    else:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            out = np.where(logarithmic[:, None], np.log(plain), plain / scale[:, None])
    out[np.abs(out) > _FARTHEST] = np.nan
    return out


def _level_and_spread(days: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The level of the last seven days with samples, and how far samples stray from that of the week around them."""
    levels, _ = day_levels(days)
    place = np.where(np.isnan(levels), -1, np.arange(levels.shape[1]))
    last = np.maximum(place.max(axis=1), RECENT_DAYS - 1)
    columns = np.clip(last[:, None] + np.arange(1 - RECENT_DAYS, 1), 0, levels.shape[1] - 1)
    recent = np.take_along_axis(days, columns[:, :, None], axis=1).reshape(len(days), -1)
    around = _week_medians(levels)
    off = np.abs(days - around[:, :, None]).reshape(len(days), -1)
    return medians(recent), NORMAL * medians(off)


def _week_medians(levels: FloatArray) -> FloatArray:
    """The running median of seven days; at both ends that of the days there are."""
    half = DAYS_A_WEEK // 2
    padded = np.pad(levels, ((0, 0), (half, half)), constant_values=np.nan)
    return medians(np.lib.stride_tricks.sliding_window_view(padded, DAYS_A_WEEK, axis=1))
