"""When an alert fires: `for` and `keep_firing_for` over a matrix of samples, as Prometheus applies them.

Prometheus (rules/alerting.go, ``Eval``) starts a series as pending at the first evaluation that gives it, and lets it
fire at the first evaluation at least ``for`` later if every evaluation between gave it as well; one that does not (too
low, or no sample at all) resolves it. So with ``n`` the evaluations that span ``for``, a series fires above a threshold
exactly where the minimum of its last ``n`` samples lies above it: one rolling minimum answers for every threshold.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

Flags = NDArray[np.bool_]

LOOKBACK = 300.0
"""Seconds that Prometheus looks back for a sample (``--query.lookback-delta``): a shorter hole is none to it."""


def evaluations(hold: float, step: float) -> int:
    """How many evaluations in a row have to hold, a step (seconds) apart, until a ``hold`` (seconds) is over."""
    return math.ceil(round(hold / step, 9)) + 1


def sustained(levels: FloatArray, count: int) -> FloatArray:
    """The lowest of the last ``count`` samples of each row; NaN where one of them is missing or not in the matrix."""
    out = levels
    width = 1
    while width < count:
        shift = min(width, count - width)
        lower = np.full_like(out, np.nan)
        if shift < out.shape[1]:
            np.minimum(out[:, shift:], out[:, :-shift], out=lower[:, shift:])
        out, width = lower, width + shift
    return out


def bridged(levels: FloatArray, step: float) -> FloatArray:
    """The matrix with holes up to ``LOOKBACK`` (at least one sample) filled by what came before them.

    For verdicts, which shall not turn on single lost samples; how often an alert fires is counted without it.
    """
    missing = np.isnan(levels)
    if not missing.any():
        return levels
    places = np.arange(levels.shape[1], dtype=np.int64)
    last = np.where(missing, -1, places)
    np.maximum.accumulate(last, axis=1, out=last)
    near = missing & (last >= 0) & (places - last <= max(1, int(LOOKBACK // step)))
    return np.where(near, np.take_along_axis(levels, np.maximum(last, 0), axis=1), levels)


def firing_starts(firing: Flags, holds: Flags, kept: int) -> Flags:
    """Where a firing begins: ``firing`` says where ``for`` is over, ``holds`` where the comparison is true.

    ``kept`` is for how many evaluations in a row that do not hold a firing alert goes on (``keep_firing_for``).
    """
    if not kept:
        return _edges(firing)
    merged = _closed(holds, kept)
    opened = _edges(merged)
    run = np.cumsum(opened, axis=1) * merged
    first = np.zeros_like(firing)
    for row in range(len(firing)):
        at = np.flatnonzero(firing[row] & merged[row])
        first[row, at[np.unique(run[row, at], return_index=True)[1]]] = True
    return first


def kept_evaluations(keep_firing: float, step: float) -> int:
    """For how many evaluations in a row without a sample above the threshold a firing alert is kept.

    It is kept while less than ``keep_firing`` (seconds) has passed since the first of them.
    """
    return math.ceil(round(keep_firing / step, 9))


def _edges(flags: Flags) -> Flags:
    starts = flags.copy()
    starts[:, 1:] &= ~flags[:, :-1]
    return starts


def _closed(holds: Flags, kept: int) -> Flags:
    """``holds`` with holes of up to ``kept`` samples between two places that hold closed."""
    places = np.arange(holds.shape[1], dtype=np.int64)
    last = np.maximum.accumulate(np.where(holds, places, -(kept + 2)), axis=1)
    following = np.where(holds, places, holds.shape[1] + 2 * kept + 4)[:, ::-1]
    following = np.minimum.accumulate(following, axis=1)[:, ::-1]
    return holds | ((last >= 0) & (following - last - 1 <= kept))
