"""Excursions: steps that were taken back. What returned to where it was is an event, not a change."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians
from driftbot.detectors.steps.long_run_variance import spread_of
from driftbot.detectors.steps.step import Places, Steps

RETURNED = 0.5
"""Share of a step within which a level counts as back where it was: nearer to the old level than to the new. Ours."""

LATEST = 4
"""Points at the end that say whether a level is leaving again before that is sure. Ours."""

CLEARLY = 2.5
"""Spreads of single points by which the median of the latest has to be off: four times its own error. Ours."""

Flags = NDArray[np.bool_]


def lasting(found: Steps, values: FloatArray) -> Flags:
    """Which steps last; ``values`` (series, columns) are what they were found in.

    The last step of a series does not last either if the median of its latest points lies back beyond the middle.
    """
    stays = np.ones(len(found.series), dtype=np.bool_)
    edges = np.flatnonzero(np.diff(found.series)) + 1
    for rows in np.split(np.arange(len(stays)), edges):
        stays[rows] = _lasting(found.first[rows], found.before[rows], found.after[rows])
    return stays & ~_leaving(found, values)


def _lasting(first: Places, before: FloatArray, after: FloatArray) -> Flags:
    """Of one series: the shortest stretch whose surroundings are alike is taken out first, with both of its steps.

    That is done until none is left; so of a level that went up, down for a day and up again one step stays.
    """
    stays = np.ones(len(first), dtype=np.bool_)
    kept = list(range(len(first)))
    while returned := [
        (first[later] - first[earlier], place)
        for place, (earlier, later) in enumerate(itertools.pairwise(kept))
        if abs(after[later] - before[earlier])
        <= RETURNED * min(abs(after[earlier] - before[earlier]), abs(after[later] - before[later]))
    ]:
        place = min(returned)[1]
        stays[kept[place : place + 2]] = False
        del kept[place : place + 2]
    return stays


def _leaving(found: Steps, values: FloatArray) -> Flags:
    if not len(found.series):
        return np.zeros(0, dtype=np.bool_)
    last = np.append(np.diff(found.series) != 0, True)
    rows = values[found.series]
    order = np.where(np.isnan(rows), -1, np.arange(values.shape[1]))
    latest = np.sort(order, axis=1)[:, -LATEST:]
    now = medians(np.take_along_axis(rows, np.maximum(latest, 0), axis=1))
    back = (found.after - now) * np.sign(found.height)
    usual = spread_of(np.diff(rows, axis=1)) / np.sqrt(2.0)
    leaving: Flags = last & (back > RETURNED * np.abs(found.height)) & (back > CLEARLY * usual)
    return leaving
