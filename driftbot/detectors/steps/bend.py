"""Bends: two pieces of a series, of which one at least has a slope, may meet without a jump where the slope changes.

The division lets every piece begin anywhere, so a bend too shows some jump where it was cut. It is a step only if two
pieces apart explain so much more than two that meet, wherever they meet.
"""

from __future__ import annotations

import numpy as np

from driftbot.detectors.steps.segmentation import LEAST_POINTS, Piece
from driftbot.detectors.steps.whitening import Whitened

KNOTS = 24
"""Places at which the pieces are tried to meet. Ours."""

_PLACES = np.linspace(0.0, 1.0, KNOTS)
_DEPENDENT = 1e-20
"""Share of a hinge's square beyond level and slope below which it is nothing but rounding."""


def jump_gain(points: Whitened, row: int, left: Piece, right: Piece) -> float:
    """What a jump between two neighbouring pieces explains beyond the best bend, in squared units of the noise."""
    columns = slice(left.first, right.last)
    y, level, time = points.y[row, columns], points.level[row, columns], points.time[row, columns]
    earliest, latest = left.first + LEAST_POINTS, right.last - LEAST_POINTS
    knots = earliest + _PLACES * (latest - earliest) - (points.y.shape[1] - 1) / 2
    hinge = _hinges(points, row, columns, knots)
    return _left_over(level, time, hinge, y) - left.left_over - right.left_over


def _hinges(points: Whitened, row: int, columns: slice, knots: np.ndarray) -> np.ndarray:
    """What a slope of one from each knot on gives at the whitened points.

    Each point is ``level`` × (its own time, less the linked share of the one before): with both times beyond the knot
    that is ``time`` - knot × ``level``, and with both before it nothing.
    """
    level, time = points.level[row, columns], points.time[row, columns]
    raw = np.arange(columns.start, columns.stop) - (points.y.shape[1] - 1) / 2
    beyond = raw[None, :] > knots[:, None]
    found: np.ndarray = np.where(beyond, time[None, :] - knots[:, None] * level[None, :], 0.0)
    return found


def _left_over(level: np.ndarray, time: np.ndarray, hinges: np.ndarray, y: np.ndarray) -> float:
    """The least sum of squares that ``level``, ``time`` and one of the hinges (one a row) leave of ``y``.

    What level and time explain is taken out of all of them first (Frisch and Waugh, Econometrica 1 (1933), 387-401).
    """
    along = level / np.sqrt(level @ level)
    across = time - (along @ time) * along
    across -= (along @ across) * along
    line = np.stack((along, across / np.sqrt(across @ across)))
    rest = y - (line @ y) @ line
    own = hinges - (hinges @ line.T) @ line
    size = np.einsum("ij,ij->i", own, own)
    beside = size > _DEPENDENT * np.einsum("ij,ij->i", hinges, hinges)
    explained = np.square(own @ rest) / np.where(beside, size, np.inf)
    return float(rest @ rest - explained.max())
