"""Straying: how likely a single run lies how far above its level, from what runs did and from what runs do in general.

Sixty runs tell the middle of a distribution and little of its tail, which decides when a limit is first exceeded. What
the series itself showed is therefore mixed with a tail that is ours: Student's t with three degrees of freedom, and one
run in a hundred, of what is on log scale, that was retried or held up and lies 3 to 16 spreads (or by a fifth to double
its time) above its level. The tail of ours weighs as much as ``TAIL_RUNS`` runs that were seen. (A normal tail for
series whose runs look normal gained nothing: what is held up decides, not how the others stray.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

TAIL_RUNS = 80.0
HELD_UP = 0.01
_HELD_UP_FROM, _HELD_UP_TO = 3.0, 16.0
_RETRY_FROM, _RETRY_TO = float(np.log(1.2)), float(np.log(2.0))
_T3_TO_SPREAD = 0.882
"""The scale of Student's t with three degrees of freedom whose median absolute deviation, made a normal standard
deviation (spread.py), is 1: 1 / (1.4826 · 0.7649)."""

CELLS = 512
_BELOW = 96
"""Cells of the table, and how many of them are below the level."""
_FINEST = 8.0
"""Cells a spread, where the wildest run lies within the table so."""
_NARROWEST = 1e-5
"""What is nearer to a limit than this share of a series' size does not exceed it."""


@dataclass(frozen=True, slots=True, eq=False)
class Straying:
    """Of each series a table of distances above its level; cell ``i`` stands for ``(i - origin) × width``.

    ``beyond`` (series, cells) is the probability that a run lies farther above the level than the cell's middle (than
    its end where cells are wider than a spread); 0 in the last cell, which stands for all that is farther than any run.
    """

    width: FloatArray
    beyond: FloatArray

    @property
    def origin(self) -> int:
        """The cell of the level itself."""
        return _BELOW

    def quantile(self, share: float) -> FloatArray:
        """How far above its level a run lies at this share (series,)."""
        cell = (self.beyond > 1.0 - share).sum(axis=1)
        far: FloatArray = (cell - _BELOW) * self.width
        return far


def straying(apart: FloatArray, spread: FloatArray, logarithmic: NDArray[np.bool_]) -> Straying:
    """The tables of series whose runs lay ``apart`` (series, days; NaN: missing) from the level around them.

    ``spread`` (series,) is above 0. What is ``logarithmic`` are runs, which may be held up. What never strayed at all
    (a pool with five of five) has no tail of ours.
    """
    there = np.isfinite(apart)
    highest = np.max(np.where(there, apart, 0.0), axis=1, initial=0.0)
    width = np.maximum(np.maximum(spread / _FINEST, _NARROWEST), 1.05 * highest / (CELLS - _BELOW - 2))
    cells = np.where(there, apart, 0.0) / width[:, None] + _BELOW
    cells = np.clip(np.ceil(cells), 0, CELLS - 1).astype(np.int64)
    flat = (np.arange(len(apart))[:, None] * CELLS + cells)[there]
    counts = np.bincount(flat, minlength=len(apart) * CELLS).reshape(len(apart), CELLS)
    seen = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1].astype(np.float64)
    seen[:, :-1], seen[:, -1] = seen[:, 1:].copy(), 0.0
    places = np.arange(CELLS) - _BELOW + np.where(width > spread, 0.5, 0.0)[:, None]
    tail = _tail(places * width[:, None], spread[:, None], logarithmic)
    weight = np.where((np.abs(np.where(there, apart, 0.0)) > 0).any(axis=1), TAIL_RUNS, 0.0)[:, None]
    beyond = (seen + weight * tail) / np.maximum(there.sum(axis=1)[:, None] + weight, 1.0)
    beyond[:, -1] = 0.0
    return Straying(width, beyond)


def _tail(distance: FloatArray, spread: FloatArray, logarithmic: NDArray[np.bool_]) -> FloatArray:
    ordinary = _t3_beyond(distance / (_T3_TO_SPREAD * spread))
    first, last = np.maximum(_HELD_UP_FROM * spread, _RETRY_FROM), np.maximum(_HELD_UP_TO * spread, _RETRY_TO)
    held_up = np.clip((last - distance) / (last - first), 0.0, 1.0)
    return np.where(logarithmic[:, None], (1.0 - HELD_UP) * ordinary + HELD_UP * held_up, ordinary)


def _t3_beyond(distance: FloatArray) -> FloatArray:
    """The upper tail of Student's t with three degrees of freedom (closed form)."""
    scaled = distance / np.sqrt(3.0)
    beyond: FloatArray = 0.5 - (np.arctan(scaled) + scaled / (1.0 + scaled**2)) / np.pi
    return beyond
