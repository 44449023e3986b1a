"""Step time: at which sample a step happened that was found among medians of several samples."""

from __future__ import annotations

import dataclasses

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.step import Places, Steps

_CHUNK = 4096


def refined(found: Steps, values: FloatArray, width: int) -> Steps:
    """The steps with ``first`` as a column of ``values``, of which the search saw medians of ``width`` columns.

    Within a median on either side each sample is given to the nearer of the two levels; what it is off counts at most
    as the whole step, so that no outlier decides. A step inside a gap is told at the first sample after it.
    """
    if not len(found.first):
        return found
    places = found.first
    if width > 1:
        chunks = (slice(at, at + _CHUNK) for at in range(0, len(found.first), _CHUNK))
        places = np.concatenate([_places(found, values, width, some) for some in chunks])
    return dataclasses.replace(found, first=_next_samples(values, found.series, places))


def _next_samples(values: FloatArray, series: Places, places: Places) -> Places:
    there = ~np.isnan(values)
    gaps = np.flatnonzero(~there[series, places])
    moved = places.copy()
    for at in gaps.tolist():
        moved[at] += int(np.argmax(there[series[at], places[at] :]))
    return moved


def _places(found: Steps, values: FloatArray, width: int, some: slice) -> Places:
    columns = found.first[some, None] * width + np.arange(-width, width)
    inside = (columns >= 0) & (columns < values.shape[1])
    samples = values[found.series[some, None], np.clip(columns, 0, values.shape[1] - 1)]
    before, after = found.before[some, None], found.after[some, None]
    most = np.square(after - before)
    closer = np.minimum(np.square(samples - after), most) - np.minimum(np.square(samples - before), most)
    closer = np.where(inside & ~np.isnan(samples), closer, 0.0)
    evidence = np.concatenate((np.zeros((len(closer), 1)), np.cumsum(closer, axis=1)), axis=1)
    places: Places = found.first[some] * width - width + np.argmax(evidence, axis=1)
    return places
