"""Bends: two pieces of a series, of which one at least has a slope, may meet without a jump where the slope changes.

The division lets every piece begin anywhere, so a bend too shows some jump where it was cut. It is a step only if two
pieces apart explain so much more than two that meet, wherever they meet.
"""

from __future__ import annotations

import numpy as np

from driftbot.detectors.segmentation import LEAST_POINTS, Piece
from driftbot.detectors.whitening import Whitened

KNOTS = 24
"""Places at which the pieces are tried to meet. Ours."""


def jump_gain(points: Whitened, row: int, left: Piece, right: Piece) -> float:
    """What a jump between two neighbouring pieces explains beyond the best bend, in squared units of the noise."""
    columns = slice(left.first, right.last)
    y, level, time = points.y[row, columns], points.level[row, columns], points.time[row, columns]
    knots = np.linspace(left.first + LEAST_POINTS, right.last - LEAST_POINTS, KNOTS) - (points.y.shape[1] - 1) / 2
    hinge = _hinges(points, row, columns, knots)
    design = np.stack(np.broadcast_arrays(level[None], time[None], hinge), axis=2)
    left_over = [_left_over(one, y) for one in design]
    return min(left_over) - left.left_over - right.left_over


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


def _left_over(design: np.ndarray, y: np.ndarray) -> float:
    solved, *_ = np.linalg.lstsq(design, y, rcond=None)
    return float(np.square(y - design @ solved).sum())
