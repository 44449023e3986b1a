"""Blocks of groups: groups of about one size as one array, so that many groups are judged by a few NumPy calls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians

Rows = NDArray[np.int64]

MOST_VALUES = 2_000_000
"""Samples in one block: 16 MB, of which a few copies live at a time."""

EXACT_SIZE = 8
"""Up to this size groups share a block only with groups of the same size; above, at most a fifth is padding."""


def group_blocks(groups: Rows, columns: int) -> Iterator[Rows]:
    """The rows of each block's groups, shape (groups, members), -1 where a group has fewer members.

    ``groups`` names each row's group; a negative one is none. ``columns`` is how many samples a row has.
    """
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    widths = np.array([_width(int(size)) for size in sizes], dtype=np.int64)
    for width in np.unique(widths):
        most = max(1, MOST_VALUES // (int(width) * max(columns, 1)))
        alike = np.flatnonzero(widths == width)
        for first in range(0, len(alike), most):
            chosen = alike[first : first + most]
            place = np.arange(width)[None, :]
            inside = place < sizes[chosen, None]
            at = np.minimum(starts[chosen, None] + place, len(order) - 1)
            yield np.where(inside, order[at], -1)


def members(values: FloatArray, rows: Rows) -> FloatArray:
    """The samples of a block: shape (groups, members, columns), NaN where a group has fewer members."""
    taken: FloatArray = np.where(rows[:, :, None] >= 0, values[np.maximum(rows, 0)], np.nan)
    return taken


def median(values: FloatArray, axis: int) -> FloatArray:
    """The median of what is there along any axis; NaN where nothing is."""
    return medians(np.moveaxis(values, axis, -1))


def there(values: FloatArray, axis: int) -> FloatArray:
    """How many samples are there along an axis."""
    counted: FloatArray = np.sum(~np.isnan(values), axis=axis, dtype=np.float64)
    return counted


def _width(size: int) -> int:
    if size <= EXACT_SIZE:
        return size
    unit = 1 << (size.bit_length() - 3)
    return -(-size // unit) * unit
