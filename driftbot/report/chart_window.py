"""What of a chart is seen: the stretch of time and of values that is shown, so that nothing odd squeezes the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from driftbot.core.chart import Band, Chart
from driftbot.core.series import FloatArray

EARLIEST, LATEST = -62135596800.0, 253402300799.0
"""The years 1 and 9999, between which times have a calendar date (Unix seconds)."""

_LARGEST, _SMALLEST = 1e300, 1e-100
"""Values beyond are shown as these, nearer to zero as zero: differences of them are finite and not denormal."""

_OUTLIERS = (1.0, 99.0)
"""Percentiles between which a series lies apart from its outliers."""
_FEWEST = 40
_TOLERATED = 3.0
"""A series is shown whole where its outliers make it at most so many times as high (ours)."""
_FORECAST = 2.0
"""A forecast's band is shown up to so many heights of the series away from it (ours)."""
_LIMIT = 7.0
"""A limit is in the picture where the series keeps an eighth of its height then (ours)."""
_FLAT = 0.05
_PADDING = 0.06
_HALF_A_DAY = 43200.0


@dataclass(frozen=True, slots=True)
class Window:
    """The part that is shown: from ``left`` to ``right`` (Unix seconds) and from ``bottom`` to ``top`` (the unit)."""

    left: float
    right: float
    bottom: float
    top: float

    def across(self, times: FloatArray) -> FloatArray:
        """Times as parts of the width: 0 is the left edge, 1 the right one."""
        shares: FloatArray = (times - self.left) / (self.right - self.left)
        return shares

    def up(self, values: FloatArray) -> FloatArray:
        """Values as parts of the height: 0 is the bottom, 1 the top; what lies beyond is near it. NaN stays."""
        shares = (clean(values) - self.bottom) / (self.top - self.bottom)
        return np.clip(shares, -1.0, 2.0)


def clean(values: Sequence[float] | FloatArray) -> FloatArray:
    """Values as they can be drawn: finite or NaN."""
    told = np.asarray(values, dtype=np.float64)
    told = np.where(np.isfinite(told), np.clip(told, -_LARGEST, _LARGEST), np.nan)
    return np.where(np.abs(told) < _SMALLEST, 0.0, told)


def dated(times: Sequence[float] | FloatArray) -> FloatArray:
    """Times as they can be drawn: those without a calendar date are NaN."""
    told = np.asarray(times, dtype=np.float64)
    return np.where((told >= EARLIEST) & (told <= LATEST), told, np.nan)


def window(chart: Chart) -> Window | None:
    """The window in which a chart is seen best; None where there is nothing to draw."""
    times = np.concatenate(
        [_seen(chart.times, chart.values), *(_seen(band.times, band.middle) for band in _bands(chart))]
    )
    if not times.size:
        return None
    left, right = float(times.min()), float(times.max())
    if right - left < 1.0:
        left, right = max(EARLIEST, left - _HALF_A_DAY), min(LATEST, right + _HALF_A_DAY)
    bottom, top = _heights(chart)
    return Window(left, right, bottom, top)


def is_beyond(limit: float, seen: Window) -> bool:
    """Whether a limit lies so far away that it is told, not drawn."""
    return not seen.bottom <= float(clean([limit])[0]) <= seen.top


def _bands(chart: Chart) -> Iterator[Band]:
    yield from (band for band in (chart.baseline, chart.trend, chart.forecast) if band is not None)


def _seen(times: Sequence[float], values: Sequence[float]) -> FloatArray:
    """The times at which there is something to draw."""
    told = dated(times)
    return told[~np.isnan(told) & ~np.isnan(clean(values))]


def _heights(chart: Chart) -> tuple[float, float]:
    """The lowest and the highest value that are shown."""
    low, high = _usual(clean(chart.values))
    for band in (chart.baseline, chart.trend):
        if band is not None:
            low, high = _widened(low, high, clean([*band.lower, *band.middle, *band.upper]), _TOLERATED)
    if chart.forecast is not None:
        low, high = _widened(low, high, clean(chart.forecast.middle), _LIMIT)
        low, high = _widened(low, high, clean([*chart.forecast.lower, *chart.forecast.upper]), _FORECAST)
    if not math.isfinite(low):
        low = high = 0.0
    above_zero = low >= 0.0
    low, high = _with_limit(low, high, chart.limit)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        flat = _FLAT * max(abs(low), abs(high)) or 1.0
        low, high = low - flat, high + flat
    padding = _PADDING * (high - low)
    return max(0.0, low - padding) if above_zero else low - padding, high + padding


def _usual(values: FloatArray) -> tuple[float, float]:
    """Between what a series lies: whole, but for outliers that would squeeze it; infinite where it is empty."""
    known = values[~np.isnan(values)]
    if not known.size:
        return np.inf, -np.inf
    low, high = float(known.min()), float(known.max())
    if known.size < _FEWEST:
        return low, high
    usual_low, usual_high = (float(edge) for edge in np.percentile(known, _OUTLIERS))
    height = usual_high - usual_low
    if height <= 0.0 or high - low <= _TOLERATED * height:
        return low, high
    return max(low, usual_low - height / 2), min(high, usual_high + height / 2)


def _widened(low: float, high: float, values: FloatArray, heights: float) -> tuple[float, float]:
    """The range with these values in it, but no more than so many of its heights away."""
    known = values[~np.isnan(values)]
    if not known.size:
        return low, high
    if low > high:
        return float(known.min()), float(known.max())
    reach = heights * (high - low) if high > low else np.inf
    return min(low, max(float(known.min()), low - reach)), max(high, min(float(known.max()), high + reach))


def _with_limit(low: float, high: float, limit: float | None) -> tuple[float, float]:
    if limit is None or not math.isfinite(limit):
        return low, high
    level = float(clean([limit])[0])
    reach = max(_LIMIT * (high - low), 2.0 * _FLAT * max(abs(low), abs(high)))
    flat = high - low <= 1e-9 * max(abs(low), abs(high))
    near = flat and abs(level) <= _LIMIT * max(abs(low), abs(high))
    if near or low - reach <= level <= high + reach:
        return min(low, level), max(high, level)
    return low, high
