"""Hampel's filter: single points that lie far from their neighbours are moved to where they could ordinarily be.

A step keeps its place, as the running median does; a lone outlier and a short burst lose their weight.
Pearson, IEEE Trans. Control Syst. Technol. 10 (2002), 55-63.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.long_run_variance import spread_of

NEIGHBOURS = 3
"""Points on either side that the running median is taken from: bursts of up to three points are outliers."""

REACH = 2.5
"""Spreads about the running median that are kept . Ours: of heavy tails a little more than the usual 3 is lost."""

_SHRINK = 1.1
"""What the spread about a running median of seven lacks to that of the points, for normal noise (simulated)."""

_CHUNK = 64


def hampel(values: FloatArray) -> FloatArray:
    """Rows with far points clipped; missing ones stay missing."""
    out = np.empty_like(values)
    for first in range(0, len(values), _CHUNK):
        rows = slice(first, first + _CHUNK)
        out[rows] = _clipped(values[rows])
    return out


def running_median(values: FloatArray, neighbours: int = NEIGHBOURS) -> FloatArray:
    """The median of each point and so many on either side, without missing ones; the lower one of two."""
    out = np.empty_like(values)
    for first in range(0, len(values), _CHUNK):
        rows = slice(first, first + _CHUNK)
        out[rows] = _middle(values[rows], neighbours)
    return out


def _middle(values: FloatArray, neighbours: int) -> FloatArray:
    width, columns = 2 * neighbours + 1, values.shape[1]
    filled = np.full((len(values), columns + 2 * neighbours), np.inf)
    there = np.isfinite(values)
    filled[:, neighbours : neighbours + columns] = np.where(there, values, np.inf)
    seen = np.zeros(filled.shape, dtype=np.int8)
    seen[:, neighbours : neighbours + columns] = ~np.isnan(values)
    lines = [filled[:, shift : shift + columns] for shift in range(width)]
    _sort(lines)
    counts = np.zeros(values.shape, dtype=np.int8)
    for shift in range(width):
        counts += seen[:, shift : shift + columns]
    out = lines[neighbours].copy()
    fewer = np.nonzero(counts < width)
    places = (counts[fewer] - 1) // 2
    for place in range(neighbours):
        chosen = fewer[0][places == place], fewer[1][places == place]
        out[chosen] = lines[place][chosen]
    out[counts == 0] = np.nan
    return out


def _clipped(values: FloatArray) -> FloatArray:
    middle = running_median(values)
    off = values - middle
    reach = (REACH * _SHRINK * spread_of(off))[:, None]
    found: FloatArray = middle + np.clip(off, -reach, reach)
    return found


def _sort(lines: list[FloatArray]) -> None:
    """Batcher's odd-even merge sort: equal positions of the lines are put in order, whole arrays at a time."""
    count, width = len(lines), 1
    while width < count:
        step = width
        while step >= 1:
            for first in range(step % width, count - step, 2 * step):
                for place in range(first, min(first + step, count - step)):
                    if place // (2 * width) == (place + step) // (2 * width):
                        low, high = lines[place], lines[place + step]
                        lines[place], lines[place + step] = np.minimum(low, high), np.maximum(low, high)
            step //= 2
        width *= 2
