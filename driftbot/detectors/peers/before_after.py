"""Before and after: the level since the last release against the level before it, at equal hours of the week.

Each hour since the release is held against the same hour of the one or two weeks before it, so that neither the time of
the day nor a weekend makes a difference. What lies before an earlier release is left out where a week remains. An
effect that went away again within the window is not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.lack import Lack, Lacks
from driftbot.detectors.medians import medians
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.group_block import MOST_VALUES, Rows
from driftbot.detectors.peers.matched_week import PARTS_A_DAY, MatchedWeek, matched_week
from driftbot.detectors.peers.score_tail import ScoreTail
from driftbot.detectors.usual.baseline import Baselines

DAY = 86400.0

LEAST_AFTER = DAY
"""Seconds since a release without which nothing is said of it."""

LEAST_EFFECT = 0.02
"""What is never told, on log scale: a change below 2 %. Ours."""

ALIKE = 1.05
"""By how much the variance of a mean of parts grows because neighbours are a little alike; measured on the simulated
fleet, whose hours are alike by 0.6."""

LASTING = 0.5
"""Share of the effect that has to be there on the last day, else it went away."""

ALREADY = 0.5
"""Share of the effect that was there in the two days before the release, with which it did not begin with it."""

FAULTS = (Lack.NO_SAMPLES, Lack.COUNTER, Lack.UNIT_CHANGED)
"""Of a baseline, with which nothing is said of a release either."""

TAIL = ScoreTail(at=3.0, rate=0.019, decay=0.50)
"""Fitted to the simulated fleet (``benchmarks/detectors/bench_peers.py --calibrate``)."""

LARGEST = 700.0
"""The logarithm beyond which a ratio is not told larger, so that it stays a number."""

Z80 = 1.2816
"""Standard errors to either side that an 80 % interval spans (Φ⁻¹(0.9))."""


@dataclass(frozen=True, slots=True, eq=False)
class AfterRelease:
    """What the last release changed, one value a row of the panel.

    ``release`` (Unix seconds) is the one judged, ``ratio`` the factor by which the level changed with it, with an 80 %
    interval ``low`` to ``high``; of series that are not positive it is 1 plus the change in their mean absolute value.
    ``lasts``: the effect is still there on the last day. ``told``: it lasts, did not begin before the release, and is
    worth a notice; ``cost`` is how many false notices a week a series would give at which it is just told. NaN, and
    never told, where ``lack`` says why.
    """

    told: Flags
    release: FloatArray
    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    lasts: Flags
    cost: FloatArray
    lack: Lacks


def after_release(panel: Panel, usual: Baselines, releases: Sequence[FloatArray], allowance: float) -> AfterRelease:
    """What the last release of each series of a panel changed, whose columns are at most six hours apart.

    ``releases`` are each series' own (Unix seconds, rising; may be empty). Before is what lies up to two weeks before
    the last one, but not before an earlier one at least six days back; after is what lies since. ``allowance`` is how
    many false notices a week one series may cost when asked every night; that the level moved with a release is no
    false notice, whoever wanted it. ``usual`` tells of series whose values are no level (counters, another unit).
    """
    found = _lacking(len(panel.values))
    last, earlier = _last_two(panel, releases)
    found.release[:] = np.where(np.isnan(last), np.nan, last)
    young = panel.end + panel.step - last < LEAST_AFTER
    found.lack[young] = Lack.RELEASE_TOO_YOUNG
    faulty = np.isin(usual.lack, FAULTS)
    found.lack[faulty] = usual.lack[faulty]
    asked = np.flatnonzero(~np.isnan(last) & ~young & ~faulty)
    size = max(1, MOST_VALUES // max(panel.values.shape[1], 1))
    for first in range(0, len(asked), size):
        rows = asked[first : first + size]
        _judge(found, rows, matched_week(panel, rows, last[rows], earlier[rows]), allowance)
    return found


def _lacking(series: int) -> AfterRelease:
    release, ratio, low, high, cost = (np.full(series, np.nan) for _ in range(5))
    told, lasts = (np.zeros(series, dtype=bool) for _ in range(2))
    return AfterRelease(told, release, ratio, low, high, lasts, cost, np.full(series, Lack.NO_RELEASE, dtype=np.int8))


def _last_two(panel: Panel, releases: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """The last release of each series inside the panel, and the one before it; NaN where there is none."""
    last, earlier = np.full(len(releases), np.nan), np.full(len(releases), np.nan)
    for row, times in enumerate(releases):
        known = np.unique(times[(times <= panel.end + panel.step) & np.isfinite(times)])
        if len(known) and known[-1] > panel.start:
            last[row] = known[-1]
            earlier[row] = known[-2] if len(known) > 1 else np.nan
    return last, earlier


def _judge(found: AfterRelease, rows: Rows, of: MatchedWeek, allowance: float) -> None:
    parts = np.sum(~np.isnan(of.effect), axis=1)
    known = (parts >= PARTS_A_DAY) & ~np.isnan(of.noise)
    effect, error = _middle_mean(of.effect), np.sqrt(ALIKE) * of.noise * np.sqrt(_share(of, parts))
    cost = np.where(np.abs(effect) < LEAST_EFFECT, 1.0, TAIL.cost(effect / error))
    today = medians(_last(of.effect, PARTS_A_DAY))
    gone = np.sign(effect) * today < LASTING * np.abs(effect) - of.noise * np.sqrt(ALIKE / PARTS_A_DAY)
    found.lack[rows] = np.where(known, Lack.NOTHING_LACKS, Lack.RELEASE_TOO_YOUNG)
    already = np.sign(effect) * of.eve >= ALREADY * np.abs(effect)
    found.lasts[rows] = known & ~gone
    found.told[rows] = known & ~gone & ~already & (cost <= allowance)
    found.cost[rows] = np.where(known, cost, np.nan)
    for name, change in (("low", -Z80), ("ratio", 0.0), ("high", Z80)):
        getattr(found, name)[rows] = _ratio(effect + change * error, of.logarithmic, known)


def _share(of: MatchedWeek, parts: Rows) -> FloatArray:
    """The variance of the effect in that of a part: of the parts after, and of those that they were held against."""
    weeks = np.sum(of.weeks, axis=1, where=~np.isnan(of.effect)) / np.maximum(parts, 1)
    distinct = np.minimum(parts, 7 * PARTS_A_DAY)
    share: FloatArray = 1.0 / np.maximum(parts, 1) + 1.0 / np.maximum(distinct * weeks, 1.0)
    return share


def _middle_mean(values: FloatArray) -> FloatArray:
    """The mean of the middle half of each row: neither one bad day nor a few move it."""
    ordered = np.sort(values, axis=1)
    count = np.sum(~np.isnan(values), axis=1)[:, None]
    place = np.arange(values.shape[1])[None, :]
    inside = (place >= count // 4) & (place < count - count // 4)
    mean = np.sum(ordered, axis=1, where=inside) / np.maximum(inside.sum(axis=1), 1)
    return np.where(count[:, 0] > 0, mean, np.nan)


def _last(values: FloatArray, count: int) -> FloatArray:
    """The last so many of each row that are there."""
    there = ~np.isnan(values)
    behind = np.cumsum(there[:, ::-1], axis=1)[:, ::-1]
    return np.where(there & (behind <= count), values, np.nan)


def _ratio(change: FloatArray, logarithmic: Flags, known: Flags) -> FloatArray:
    ratio: FloatArray = np.where(
        known, np.where(logarithmic, np.exp(np.clip(change, -LARGEST, LARGEST)), 1.0 + change), np.nan
    )
    return ratio
