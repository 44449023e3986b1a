"""Jumps: which of the places where a division cut a series are steps, and how surely."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.bend import jump_gain
from driftbot.detectors.long_run_variance import spread_of
from driftbot.detectors.segmentation import Piece
from driftbot.detectors.step import Step
from driftbot.detectors.whitening import Whitened

SHORT = 25
"""Points below which a piece is held against its own spread as well. Ours."""

FEW = 6
"""Points that the shorter piece counts as short of: the mean of few points is not as normal as that of many. Ours."""


def excess(piece: Piece, values: FloatArray, scale: FloatArray) -> float:
    """How many times the variance of all points that of a short piece's own is, if more.

    A burst of far points strays about its own level, too. ``values`` are in units of the noise; times ``scale`` what
    strays has a standard deviation of one.
    """
    if piece.last - piece.first >= SHORT:
        return 1.0
    columns = np.arange(piece.first, piece.last)
    off = (values[columns] - piece.level - piece.slope * (columns - piece.middle)) * scale[columns]
    return max(1.0, float(spread_of(off[None, :])[0]) ** 2)


def jumps(
    points: Whitened, row: int, pieces: list[Piece], own: list[float], noise: float, strength: float
) -> Iterator[Step]:
    """The steps between pieces, ``own`` being the excess of each; levels in the unit that ``noise`` is given in."""
    for (left, left_own), (right, right_own) in itertools.pairwise(zip(pieces, own, strict=True)):
        at = right.first - 0.5
        before, after = noise * left.at(at), noise * right.at(at)
        error = noise * (left_own * left.variance_at(at) + right_own * right.variance_at(at)) ** 0.5
        told = ((after - before) / error) ** 2
        if told >= strength and (left.sloped or right.sloped):
            told = min(told, jump_gain(points, row, left, right))
        shorter = min(left.last - left.first, right.last - right.first)
        told *= shorter / (shorter + FEW)
        if told >= strength:
            yield Step(right.first, before, after, error, told)
