"""Medians of many short rows at once, missing samples left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

_MOST_IN_A_BYTE = 127


def medians(values: FloatArray) -> FloatArray:
    """The median along the last axis without NaN; NaN where there is nothing else.

    Sorting puts NaN last, so that one sort serves rows of unequal counts; ``numpy.nanmedian`` goes row by row.
    """
    middle, _ = counted_medians(values)
    return middle


def counted_medians(values: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """The medians along the last axis, and of how many values each is one."""
    values, width = np.ascontiguousarray(values), values.shape[-1]
    counts = counted(~np.isnan(values))
    if not width:
        return np.full(values.shape[:-1], np.nan), counts
    ordered, number = np.sort(values, axis=-1).reshape(-1), counts.reshape(-1)
    first = np.arange(0, len(ordered), width)
    lower = first + np.maximum(number - 1, 0) // 2
    upper = first + np.minimum(number // 2, width - 1)
    middle: FloatArray = ordered[lower] / 2.0 + ordered[upper] / 2.0
    return middle.reshape(counts.shape), counts


def counted(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many flags are set along the last axis; of short rows several times as fast as their sum."""
    if flags.shape[-1] > _MOST_IN_A_BYTE:
        found: NDArray[np.int64] = flags.sum(axis=-1, dtype=np.int64)
    else:
        found = np.einsum("...i->...", flags.view(np.int8)).astype(np.int64)
    return found
