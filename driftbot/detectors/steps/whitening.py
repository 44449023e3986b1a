"""Whitening: points that remember the last one, rewritten so that what is left of each is independent of the others.

Of an AR(1) with coefficient r around a level, each point minus r times the one before is independent of what was
before; its level counts 1 - r times. A point without a predecessor stands alone and weighs 1 - r² (generalised least
squares; Prais and Winsten, Cowles Commission Discussion Paper 383 (1954)). A fit to whitened points is the best one,
where a plain mean and its error would be the best only for long pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """Whitened points (rows, columns): ``y`` the values, ``level`` and ``time`` what a level of one and a slope of one
    give there. All are zero where a point is missing. ``alone`` is the same for points without regard to the one before
    them, as the first of a piece is; ``there`` says which points are there."""

    there: FloatArray
    y: FloatArray
    level: FloatArray
    time: FloatArray
    alone: tuple[FloatArray, FloatArray, FloatArray]

    def rows(self, rows: slice) -> Whitened:
        """Some of the rows."""
        y, level, time = self.alone
        return Whitened(
            self.there[rows],
            self.y[rows],
            self.level[rows],
            self.time[rows],
            (y[rows], level[rows], time[rows]),
        )


def whitened(values: FloatArray, weights: FloatArray, memory: FloatArray, noise: FloatArray) -> Whitened:
    """Points with AR(1) coefficients ``memory`` (rows,), in units of the long-run standard deviation ``noise`` (rows,).

    ``weights`` (rows, columns) are inverse relative variances of the points, zero where they are missing.
    """
    columns = values.shape[1]
    there = weights > 0
    y = np.where(there, values, 0.0) / noise[:, None]
    time = np.broadcast_to(np.arange(columns, dtype=np.float64) - (columns - 1) / 2, values.shape)
    scale = np.sqrt(weights) / (1.0 - memory[:, None])
    single = scale * np.sqrt(1.0 - memory[:, None] ** 2)
    alone = (single * y, single.copy(), single * time)
    joined = np.zeros_like(there)
    joined[:, 1:] = there[:, 1:] & there[:, :-1]
    linked = np.where(joined, memory[:, None], 0.0)
    factor = np.where(joined, scale, single)
    return Whitened(
        there.astype(np.float64),
        factor * (y - linked * _before(y)),
        factor * (1.0 - linked),
        factor * (time - linked * _before(time)),
        alone,
    )


def _before(values: FloatArray) -> FloatArray:
    out = np.zeros_like(values)
    out[:, 1:] = values[:, :-1]
    return out
