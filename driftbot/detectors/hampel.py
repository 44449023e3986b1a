"""Hampel's filter: single points that lie far from their neighbours are moved to where they could ordinarily be.

A step keeps its place, as the running median does; a lone outlier and a short burst lose their weight.
Pearson, IEEE Trans. Control Syst. Technol. 10 (2002), 55-63.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.long_run_variance import spread_of

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
    padded = np.pad(values, ((0, 0), (neighbours, neighbours)), constant_values=np.nan)
    width = 2 * neighbours + 1
    lines = [padded[:, shift : shift + values.shape[1]].copy() for shift in range(width)]
    missing = np.isnan(padded)
    complete = not missing[:, neighbours:-neighbours].any()
    for line in lines:
        np.nan_to_num(line, copy=False, nan=np.inf, posinf=np.inf, neginf=-np.inf)
    _sort(lines)
    if complete and values.shape[1] > 2 * neighbours:
        out = lines[neighbours].copy()
        edges = [*range(neighbours), *range(values.shape[1] - neighbours, values.shape[1])]
        for edge in edges:
            count = min(edge, neighbours) + min(values.shape[1] - 1 - edge, neighbours) + 1
            out[:, edge] = lines[(count - 1) // 2][:, edge]
        return out
    counts = width - sum(missing[:, shift : shift + values.shape[1]].astype(np.int64) for shift in range(width))
    middle = np.choose(np.maximum(counts - 1, 0) // 2, lines)
    found: FloatArray = np.where(counts > 0, middle, np.nan)
    return found


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
                        low = np.minimum(lines[place], lines[place + step])
                        np.maximum(lines[place], lines[place + step], out=lines[place + step])
                        lines[place] = low
            step //= 2
        width *= 2
