"""Slow drift: whether a series gets slower or larger a little every day or with every release, how fast, since when.

The evidence is a Bayes factor over all onsets (``drift_filter.py``), and a drift is told where chance alone would give
as much at most as often as the allowance says (``drift_cost.py``). Both directions are told alike. A single step, at a
release or not, is no drift: it belongs to the change points; so does a campaign of some days, and one odd day counts
for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.drift.daily_levels import DailyLevels, daily_levels
from driftbot.detectors.drift.drift_cost import cost
from driftbot.detectors.drift.drift_evidence import evidence, gains
from driftbot.detectors.drift.drift_filter import Weighed, weigh
from driftbot.detectors.drift.drift_hypothesis import Growth
from driftbot.detectors.panel import Panel
from driftbot.detectors.usual.baseline import Baselines
from driftbot.detectors.week_grid import DAY, WeekGrid

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

LEAST_DAYS = 21
"""Days with samples before a drift can be told: two weeks of before and one of after. Ours."""

LEAST_TOTAL = 0.01
"""The least that a drift has to come to so far (relative) to be worth telling. Ours."""

EIGHTY_RELEASED, EIGHTY_UNANNOUNCED = 1.2816, 1.2816 * 1.45
"""Standard deviations about the pace that hold the true one in 80 of 100 cases: what a normal distribution has, and
where no release is known as much more as choosing the onset by the same days takes (both from simulated drifts a week
after they were told)."""

_BLOCK = 512
_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Drifts:
    """One row a series; what is not known (``enough`` is false) is NaN, and nothing is told of it.

    Changes are relative: 0.05 is five per cent more, -0.05 five per cent less. ``since`` (Unix seconds) is the
    likeliest onset and ``total`` what it came to since; ``per_day`` is the pace with an interval that holds it in 80 of
    100 cases, ``by_release`` whether the series moves at releases rather than between them. ``releases`` counts those
    since the onset, ``moved`` those of them after which the series was further in the drift's direction;
    ``per_release`` is NaN where there was none. ``cost`` is how many false notices a week one would have to allow a
    series to be told this.
    """

    told: Flags
    enough: Flags
    since: FloatArray
    total: FloatArray
    per_day: FloatArray
    per_day_low: FloatArray
    per_day_high: FloatArray
    per_release: FloatArray
    releases: Counts
    moved: Counts
    by_release: Flags
    cost: FloatArray


def drifts(panel: Panel, baselines: Baselines, releases: Sequence[FloatArray], allowance: float) -> Drifts:
    """The drifts of all series of a panel as of its end, which is its last column.

    ``releases`` are those of each series (Unix seconds, rising); an empty array where none is known. Late ones and
    missing ones cost days, not false notices. ``allowance`` is how many false notices a week one series may cost
    (``notice_budget.allowance``).

    Raises:
        ValueError: there are not as many releases as series.
    """
    if len(releases) != len(panel.values):
        raise ValueError(f"releases of {len(releases)} series are given for a panel of {len(panel.values)}")
    out = _empty(len(panel.values))
    if panel.values.size:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(
                pool.map(lambda rows: _fill(out, rows, panel, baselines, releases, allowance), _blocks(panel, releases))
            )
    return out


def _blocks(panel: Panel, releases: Sequence[FloatArray]) -> Iterator[NDArray[np.int64]]:
    """Blocks of series with releases in the window, and of series without: other hypotheses are open for them."""
    released = np.array([((each > panel.start) & (each <= panel.end)).any() for each in releases], dtype=np.bool_)
    for kind in (released, ~released):
        rows = np.flatnonzero(kind)
        yield from (rows[first : first + _BLOCK] for first in range(0, len(rows), _BLOCK))


def _empty(series: int) -> Drifts:
    numbers = [np.full(series, np.nan) for _ in range(7)]
    since, total, per_day, low, high, per_release, price = numbers
    flags, counts = [np.zeros(series, dtype=np.bool_) for _ in range(3)], [np.zeros(series, np.int64) for _ in range(2)]
    return Drifts(
        flags[0], flags[1], since, total, per_day, low, high, per_release, counts[0], counts[1], flags[2], price
    )


def _fill(
    out: Drifts,
    rows: NDArray[np.int64],
    panel: Panel,
    baselines: Baselines,
    releases: Sequence[FloatArray],
    allowance: float,
) -> None:
    chosen = [releases[row] for row in rows]
    part = Panel(panel.start, panel.step, panel.values[rows])
    levels = daily_levels(part, baselines.adjusted[rows], chosen)
    enough = baselines.enough[rows] & ((~np.isnan(levels.values)).sum(axis=1) >= LEAST_DAYS)
    out.enough[rows] = enough
    known = np.flatnonzero(enough)
    if not known.size:
        return
    rows, levels = rows[known], levels.of(known)
    weighed = weigh(levels)
    logarithmic, size = baselines.logarithmic[rows], _sizes(baselines, rows)
    out.cost[rows] = cost(evidence(weighed, levels.watched), released=bool(levels.passed.any()))
    _describe(out, rows, levels, weighed, WeekGrid.of(panel), logarithmic, size)
    out.told[rows] = (out.cost[rows] <= allowance) & (np.abs(out.total[rows]) >= LEAST_TOTAL)


def _sizes(baselines: Baselines, rows: NDArray[np.int64]) -> FloatArray:
    """What a change on the adjusted scale is divided by to be relative; 1 on log scale."""
    linear = np.maximum(np.abs(baselines.level[rows]) / baselines.scale[rows], 1.0)
    return np.where(baselines.logarithmic[rows], 1.0, linear)


def _describe(
    out: Drifts,
    rows: NDArray[np.int64],
    levels: DailyLevels,
    weighed: Weighed,
    grid: WeekGrid,
    logarithmic: Flags,
    size: FloatArray,
) -> None:
    """Onset, pace and total of the likeliest hypothesis of each series."""
    best = gains(weighed, levels.watched).argmax(axis=0)
    series, days = np.arange(len(rows)), levels.values.shape[1]
    back = np.minimum(np.array([each.days for each in weighed.hypotheses[1:]])[best], days)
    by_release = np.array([each.growth is Growth.BY_RELEASE for each in weighed.hypotheses[1:]])[best]
    before = levels.passed[series, np.maximum(days - back - 1, 0)]
    number = levels.passed[:, -1] - before
    rate, deviation = weighed.rate[best + 1, series], weighed.deviation[best + 1, series]
    wide = deviation * (EIGHTY_RELEASED if levels.passed.any() else EIGHTY_UNANNOUNCED)
    steps = np.where(by_release, number, back)
    pace = steps / back
    out.since[rows] = (grid.first_day + days - back) * DAY
    out.total[rows] = _relative(rate * steps, logarithmic, size)
    out.per_day[rows] = _relative(rate * pace, logarithmic, size)
    out.per_day_low[rows] = _relative((rate - wide) * pace, logarithmic, size)
    out.per_day_high[rows] = _relative((rate + wide) * pace, logarithmic, size)
    each = np.where(number > 0, rate * steps / np.maximum(number, 1), np.nan)
    out.per_release[rows] = _relative(each, logarithmic, size)
    out.releases[rows], out.by_release[rows] = number, by_release
    out.moved[rows] = _moved(levels, back, np.sign(rate))


def _relative(change: FloatArray, logarithmic: Flags, size: FloatArray) -> FloatArray:
    return np.where(logarithmic, np.expm1(np.where(logarithmic, change, 0.0)), change / size)


def _moved(levels: DailyLevels, back: Counts, sign: FloatArray) -> Counts:
    """After how many releases since the onset the median level lay further in the drift's direction than before."""
    series, days = levels.values.shape
    starts = np.ones((series, days), dtype=np.bool_)
    starts[:, 1:] = levels.passed[:, 1:] != levels.passed[:, :-1]
    row, first = np.nonzero(starts)
    passed = levels.passed[row, first]
    middle = _run_medians(levels.values, starts)
    onset = levels.passed[np.arange(series), np.maximum(days - back - 1, 0)]
    next_to = (row[1:] == row[:-1]) & (passed[1:] == passed[:-1] + 1) & (passed[:-1] >= onset[row[:-1]])
    further = next_to & (np.diff(middle) * sign[row[:-1]] > 0)
    return np.bincount(row[:-1][further], minlength=series)


def _run_medians(values: FloatArray, starts: Flags) -> FloatArray:
    """The median of each run of columns, in order, without NaN; NaN where there is nothing else."""
    run = np.cumsum(starts.ravel()) - 1
    ordered = values.ravel()[np.lexsort((values.ravel(), run))]
    first = np.flatnonzero(starts)
    counts = np.add.reduceat(~np.isnan(values.ravel()), first, dtype=np.int64)
    lower, upper = first + np.maximum(counts - 1, 0) // 2, first + np.minimum(counts // 2, np.maximum(counts - 1, 0))
    middle: FloatArray = (ordered[lower] + ordered[upper]) / 2.0
    return middle
