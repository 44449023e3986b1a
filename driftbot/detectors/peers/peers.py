"""Peers: the member that differs from its group (zone, shard, pod version) in level, trend or spread.

A member is judged by how its relation to the group changed: its last days (one to seven, whichever says most) against
the days before these seven. One that has always been larger, or noisier, is not told. One without earlier days, a
canary, is judged by its level against how far the levels of the others lie apart, and in large groups by its noise
against that of members of its level. The group's course is a median over
members, so that a few odd members never make others odd; where half of a group differs from the other half, nobody
is told and ``lack`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.lack import Lack, Lacks
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.departure import LEAST_BEFORE, RECENT, Departure, Usual, departure, divided
from driftbot.detectors.peers.group_block import Rows, group_blocks, members
from driftbot.detectors.peers.newcomer import newcomers
from driftbot.detectors.peers.newcomer_spread import newcomer_spread
from driftbot.detectors.peers.relation import Relation, relation
from driftbot.detectors.peers.score_tail import ScoreTail

LEVEL_USUAL = Usual(noise=0.015, restless=0.05)
SPREAD_USUAL = Usual(noise=0.25, restless=0.30)
NEWCOMER_USUAL = Usual(noise=0.015, restless=0.10)
"""Priors, on log scale: in a group that nothing is known of a level moves by 5 % and a noise by a third in a week, and
levels lie 10 % apart. Ours."""

LEAST_CHANGE, LEAST_SPREAD = 0.03, 0.40
"""What is never told, on log scale: levels 3 % apart, and noise less than one and a half times the usual one. Ours."""

LEVEL_SHARE, SPREAD_SHARE = 0.75, 0.25
"""How the cost of a notice is shared between the two questions."""

LEVEL_TAIL = ScoreTail(at=4.5, rate=0.020, decay=0.60)
SPREAD_TAIL = ScoreTail(at=3.5, rate=0.0125, decay=0.55)
NEWCOMER_TAIL = ScoreTail(at=3.5, rate=0.037, decay=0.50)
NEWCOMER_SPREAD_TAIL = ScoreTail(at=3.0, rate=0.0115, decay=0.60)
"""Fitted to the simulated fleets, still and with shifts, whichever costs more (``benchmarks/detectors/bench_peers.py
--calibrate``)."""

LARGEST = 700.0
"""The logarithm beyond which a ratio is not told larger, so that it stays a number."""

Z80 = 1.2816
"""Standard errors to either side that an 80 % interval spans (Φ⁻¹(0.9))."""


class Differs(IntEnum):
    """In what a member differs."""

    NOTHING = 0
    LEVEL = 1
    TREND = 2
    SPREAD = 3


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """What sets each series apart from its group, one value a row of the panel.

    ``told``: it is worth a notice; ``differs`` (a ``Differs``): in what it differs most, told or not. ``ratio`` is the
    factor by which its relation to the group changed (of a newcomer: its level over the group's; of spread: its noise
    over the usual one, of a newcomer over that of members of its level), with an 80 % interval ``low`` to ``high``; in
    groups that are not positive throughout it is 1 plus the change in the group's mean absolute value. ``days`` is how
    many of the last days 'now' is. ``cost`` is how many false notices a week a series would give at which this one is
    just told. NaN, and never told, where ``lack`` says why.
    """

    told: Flags
    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    differs: NDArray[np.int8]
    days: FloatArray
    newcomer: Flags
    cost: FloatArray
    lack: Lacks


def apart(panel: Panel, groups: Rows, allowance: float) -> Apart:
    """Hold each series of a panel (hourly or daily, at least 12 days) against its group.

    ``groups`` (series,) numbers each row's group; negative is none. ``allowance`` is how many false notices a week one
    series may cost when asked every night. Groups may have any size; below three known members nothing is said.
    """
    found = _lacking(np.full(len(panel.values), Lack.NO_PEERS, dtype=np.int8))
    for rows in group_blocks(np.asarray(groups, dtype=np.int64), panel.values.shape[1]):
        block = _block(relation(members(panel.values, rows), panel.step), allowance)
        inside = rows >= 0
        for name in Apart.__dataclass_fields__:
            getattr(found, name)[rows[inside]] = getattr(block, name)[inside]
    found.lack[(np.asarray(groups) >= 0) & ~np.isfinite(panel.values).any(axis=1)] = Lack.NO_SAMPLES
    return found


def _block(of: Relation, allowance: float) -> Apart:
    """The answers about one block, arrays of (groups, members)."""
    shape = of.level.shape
    if shape[2] < RECENT + LEAST_BEFORE:
        return _lacking(np.full(shape[:2], Lack.TOO_SHORT, dtype=np.int8))
    level, young = departure(of.level, LEVEL_USUAL), newcomers(of.level, NEWCOMER_USUAL)
    spread = departure(of.spread, SPREAD_USUAL)
    newcomer = ~np.isnan(young.score)
    level_cost = _cost(level, LEVEL_TAIL, LEVEL_SHARE, LEAST_CHANGE)
    level_cost = np.where(newcomer, _cost(young, NEWCOMER_TAIL, LEVEL_SHARE, LEAST_CHANGE), level_cost)
    young_spread = newcomer_spread(of, SPREAD_USUAL)
    spread_cost = _cost(spread, SPREAD_TAIL, SPREAD_SHARE, LEAST_SPREAD)
    young_cost = _cost(young_spread, NEWCOMER_SPREAD_TAIL, SPREAD_SHARE, LEAST_SPREAD)
    spread, spread_cost = _chosen(newcomer, young_spread, spread), np.where(newcomer, young_cost, spread_cost)
    strays = spread_cost < np.nan_to_num(level_cost, nan=1.0)
    moved = _chosen(newcomer, young, level)
    lack = _lacks(of, level, newcomer)
    known = lack == Lack.NOTHING_LACKS
    cost = np.where(known, np.where(strays, spread_cost, level_cost), np.nan)
    kind = np.where(strays, Differs.SPREAD, np.where(level.line & ~newcomer, Differs.TREND, Differs.LEVEL))
    best = _chosen(strays, spread, moved)
    linear = ~(of.logarithmic[:, None] | strays)
    return Apart(
        told=known & (cost <= allowance),
        ratio=_ratio(best.change, linear, known),
        low=_ratio(best.change - Z80 * best.error, linear, known),
        high=_ratio(best.change + Z80 * best.error, linear, known),
        differs=np.where(known, kind, Differs.NOTHING).astype(np.int8),
        days=np.where(known, best.days, np.nan),
        newcomer=newcomer & known,
        cost=cost,
        lack=lack,
    )


def _cost(of: Departure, tail: ScoreTail, share: float, least: float) -> FloatArray:
    """False notices a week; 1, which nobody allows, where the change is too small to be told."""
    cost: FloatArray = np.where(np.abs(of.change) < least, 1.0, np.minimum(tail.cost(of.score) / share, 1.0))
    return cost


def _chosen(first: Flags, one: Departure, other: Departure) -> Departure:
    names = Departure.__dataclass_fields__
    return Departure(**{name: np.where(first, getattr(one, name), getattr(other, name)) for name in names})


def _ratio(change: FloatArray, linear: Flags, known: Flags) -> FloatArray:
    ratio: FloatArray = np.where(
        known, np.where(linear, 1.0 + change, np.exp(np.clip(change, -LARGEST, LARGEST))), np.nan
    )
    return ratio


def _lacks(of: Relation, level: Departure, newcomer: Flags) -> Lacks:
    judged = ~np.isnan(level.score)
    lack = np.where(of.present, Lack.NO_PEERS, Lack.TOO_SPARSE)
    lack = np.where(
        judged, np.where(divided(level, LEVEL_USUAL)[:, None], Lack.GROUP_DIVIDED, Lack.NOTHING_LACKS), lack
    )
    return np.where(newcomer, Lack.NOTHING_LACKS, lack).astype(np.int8)


def _lacking(lack: Lacks) -> Apart:
    ratio, low, high, days, cost = (np.full(lack.shape, np.nan) for _ in range(5))
    told, newcomer = (np.zeros(lack.shape, dtype=bool) for _ in range(2))
    return Apart(told, ratio, low, high, np.zeros(lack.shape, dtype=np.int8), days, newcomer, cost, lack)
