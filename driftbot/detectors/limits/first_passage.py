"""First passage: the probability that a run has exceeded a limit by each day ahead, over what may come.

What may come is a fixed set of ``FUTURES`` futures: in each, level and slope take their place in what is known of them
(the models by their weights), and shifts come on few days and are large, as releases are. Given one future the runs are
independent, so that no run exceeds the limit by day h with the product of each day's probability: the dice of single
runs are not thrown but counted exactly. The futures are the same for every series and every night: equal input, equal
answer, and no series' answer depends on another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.limits.local_line import Lines
from driftbot.detectors.limits.straying import CELLS, Straying

FUTURES = 64
SHIFT_DAYS = 0.05
"""Share of days with a shift. Ours; how much the level wanders in all is learned from each series."""
MOST_DAYS = 366
"""The farthest that anybody looks ahead."""

_SEED = 20
_BLOCK = 128


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """``passed`` (series, days) is the probability that the limit was exceeded by each day ahead, the first is 1.

    ``level`` and ``deviation`` (series, days) are the level to come, without weekday and noise: its mean over the
    futures, and one standard deviation of it.
    """

    passed: FloatArray
    level: FloatArray
    deviation: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    """Where in its distribution each future is; ``wandered`` (futures, days) is in standard deviations of a day."""

    model: FloatArray
    level: FloatArray
    slope: FloatArray
    wandered: FloatArray


@lru_cache(maxsize=1)
def _draws() -> _Draws:
    """Stratified: a draw takes every ``FUTURES``-th part of its distribution once, in an order of its own.

    Of two paths one mirrors the other, and on each day ahead their variance is exactly that of so many days.
    """
    random = np.random.default_rng(_SEED)
    places = (np.arange(FUTURES) + 0.5) / FUTURES
    normal = np.array([NormalDist().inv_cdf(place) for place in places])
    model, level, slope = random.permutation(places), random.permutation(normal), random.permutation(normal)
    half = (FUTURES // 2, MOST_DAYS)
    shifts = np.where(random.random(half) < SHIFT_DAYS, random.standard_normal(half), 0.0) / np.sqrt(SHIFT_DAYS)
    paths = np.cumsum(shifts, axis=1)
    paths *= np.sqrt(np.arange(1, MOST_DAYS + 1) / (paths**2).mean(axis=0))
    return _Draws(model, level, slope, np.concatenate([paths, -paths]))


def first_passage(lines: Lines, straying: Straying, room: FloatArray, runs: FloatArray) -> Passage:
    """How the futures of each series meet its limit.

    ``room`` (series, days) is the limit of each day ahead, without the weekday's effect, on the scale of the lines;
    ``runs`` (series, days) the probability that there is a run on that day.
    """
    out = Passage(np.empty_like(room), np.empty_like(room), np.empty_like(room))
    for first in range(0, len(room), _BLOCK):
        rows = slice(first, min(first + _BLOCK, len(room)))
        _fill(out, rows, lines, straying, room[rows], runs[rows])
    return out


def _fill(out: Passage, rows: slice, lines: Lines, straying: Straying, room: FloatArray, runs: FloatArray) -> None:
    levels = _levels(lines, rows, room.shape[1])
    width = straying.width[rows, None]
    out.level[rows] = levels.mean(axis=1)
    out.deviation[rows] = levels.std(axis=1)
    cells = (room / width)[:, None, :] - levels / width[:, :, None]
    np.clip(cells + (straying.origin + 0.5), 0.0, CELLS - 1.0, out=cells)
    places = cells.astype(np.int32)
    places += (np.arange(len(room), dtype=np.int32) * CELLS)[:, None, None]
    beyond = np.take(straying.beyond[rows].astype(np.float32).ravel(), places)
    beyond *= runs.astype(np.float32)[:, None, :]
    with np.errstate(divide="ignore"):
        np.log1p(-beyond, out=beyond)
    np.cumsum(beyond, axis=2, out=beyond)
    out.passed[rows] = 1.0 - np.exp(beyond, out=beyond).mean(axis=1, dtype=np.float64)


def _levels(lines: Lines, rows: slice, days: int) -> FloatArray:
    """The level of each future on each day ahead (series, futures, days)."""
    draws = _draws()
    likely = np.cumsum(lines.weight[:, rows], axis=0)
    model = np.minimum((draws.model[:, None] > likely[:, None, :]).sum(axis=0).T, len(likely) - 1)
    series = np.arange(rows.start, rows.stop)[:, None]
    deviation = np.sqrt(lines.level_variance[model, series])
    shared = lines.covariance[model, series] / np.where(deviation > 0, deviation, 1.0)
    rest = np.sqrt(np.maximum(lines.slope_variance[model, series] - shared**2, 0.0))
    level = lines.level[model, series] + deviation * draws.level
    slope = lines.slope[model, series] + shared * draws.level + rest * draws.slope
    wander = np.sqrt(lines.shifts[model, series])
    ahead: FloatArray = level[:, :, None] + slope[:, :, None] * np.arange(1, days + 1)
    ahead += wander[:, :, None] * draws.wandered[:, :days]
    return ahead
