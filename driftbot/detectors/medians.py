"""Medians of many short rows at once, missing samples left out."""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray


def medians(values: FloatArray) -> FloatArray:
    """The median along the last axis without NaN; NaN where there is nothing else.

    Sorting puts NaN last, so that one sort serves rows of unequal counts; ``numpy.nanmedian`` goes row by row.
    """
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    ordered = np.sort(values, axis=-1)
    counts = values.shape[-1] - np.isnan(values).sum(axis=-1)
    lower = np.maximum(counts - 1, 0) // 2
    upper = np.minimum(counts // 2, values.shape[-1] - 1)
    return _at(ordered, lower) / 2.0 + _at(ordered, upper) / 2.0


def _at(ordered: FloatArray, places: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> FloatArray:
    return np.take_along_axis(ordered, places[..., None], axis=-1)[..., 0]
