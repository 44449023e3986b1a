"""Robust trends: where a series heads, and how long until it reaches a limit.

The window is cut into equal parts of at least one day (at most 60 of them); the medians of the parts are fitted by the
line of Theil and Sen (``detectors/theil_sen.py``). Up to 29 % of the parts can be wild without moving it far, and
neither a day's rhythm nor one bad night counts for more than its part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.theil_sen import theil_sen
from driftbot.engine.block import Block
from driftbot.engine.column import Column, Flags, Rows

DAY = 86400.0
MOST_PARTS = 60
FEWEST_PARTS = 5
"""Medians needed for a trend (ours): with fewer, one bad day turns it."""


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """The fitted line of each row: its level at the window's end, its slope per second, and whether there is one."""

    level: FloatArray
    slope: FloatArray
    known: Flags


def trend(block: Block) -> Trend:
    """Fit the line of each row of a block."""
    centres, medians = _part_medians(block)
    level, slope = theil_sen(centres, medians)
    parts = np.isfinite(medians).sum(axis=1)
    known = block.enough & (parts >= FEWEST_PARTS) & np.isfinite(slope) & np.isfinite(level)
    return Trend(level, slope, known)


def time_until(level: Column, slope: Column, limit: Column, horizon: float, *, rising: bool) -> Column:
    """Seconds until the line reaches the limit: 0 where it already did, infinite where not within the horizon.

    The horizon is as long as the window looked back on: nobody sees further ahead than behind. ``rising`` asks for a
    limit above (a deadline), otherwise for one below (free space).
    """
    sign = 1.0 if rising else -1.0
    distance = sign * (limit.values.astype(np.float64) - level.values.astype(np.float64))
    speed = sign * slope.values.astype(np.float64)
    with np.errstate(all="ignore"):
        ahead = np.where(speed > 0, distance / speed, np.inf)
    ahead = np.where(distance <= 0, 0.0, np.where(ahead > horizon, np.inf, ahead))
    return Column(ahead, level.known & slope.known & limit.known)


def _part_medians(block: Block) -> tuple[FloatArray, FloatArray]:
    """Centres of the parts (seconds; the window ends at 0) and each row's median in each part (NaN: no sample)."""
    window = block.end - block.start
    parts = int(min(max(np.ceil(window / DAY), 1), MOST_PARTS))
    width = window / parts
    lines, columns = np.nonzero(block.valid)
    part = np.clip(((block.times[lines, columns] - block.start) / width).astype(np.int64), 0, parts - 1)
    # Times rise within a row, so the samples of one part of one row lie side by side.
    group = lines * parts + part
    starts: Rows = np.flatnonzero(np.diff(group, prepend=-1))
    sizes: Rows = np.diff(starts, append=len(group))
    medians = np.full(len(block.rows) * parts, np.nan)
    medians[group[starts]] = _group_medians(block.values[lines, columns], starts, sizes)
    centres: FloatArray = (np.arange(parts, dtype=np.float64) + 0.5) * width - window
    return centres, medians.reshape(len(block.rows), parts)


def _group_medians(values: FloatArray, starts: Rows, sizes: Rows) -> FloatArray:
    order = np.lexsort((values, np.repeat(np.arange(len(starts)), sizes)))
    ordered = values[order]
    middle: FloatArray = (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2.0
    return middle
