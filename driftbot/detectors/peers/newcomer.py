"""Newcomers: members without an earlier relation to their group (a canary, a new pod), judged by their level alone."""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.peers.departure import LEAST_BEFORE, OF_MEDIANS, RECENT, Departure, Usual, shrunk_variance
from driftbot.detectors.peers.group_block import median, there
from driftbot.detectors.peers.relation import FEWEST


def newcomers(daily: FloatArray, usual: Usual) -> Departure:
    """How far members without history (groups, members, days) are from the level of those that have one.

    The scale is how far the levels of the others lie apart, who may be larger by nature: where they do, a newcomer may
    as well. NaN for members with history, and in groups where fewer than three have one.
    """
    old = there(daily[:, :, :-RECENT], 2) >= LEAST_BEFORE
    recent = daily[:, :, -RECENT:]
    level, seen = median(recent, 2), there(recent, 2)
    of_old = np.where(old, level, np.nan)
    middle, known = median(of_old, 1), there(of_old, 1)
    between = shrunk_variance((of_old - middle[:, None]) ** 2, usual)
    young = ~old & ~np.isnan(daily[:, :, -1]) & (known >= FEWEST)[:, None]
    change = np.where(young, level - middle[:, None], np.nan)
    of_noise = OF_MEDIANS * usual.noise**2 / np.maximum(seen, 1.0)
    apart = between * (1.0 + 1.0 / np.maximum(known, 1.0))
    error = np.sqrt(of_noise + apart[:, None])
    none = np.zeros(change.shape, dtype=bool)
    return Departure(change, np.where(young, np.sqrt(of_noise), np.nan), change / error, seen, none)
