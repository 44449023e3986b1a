"""Jumps: which of the places where a division cut a series are steps, and how surely."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.bend import jump_gain
from driftbot.detectors.steps.long_run_variance import spread_of
from driftbot.detectors.steps.segmentation import Piece
from driftbot.detectors.steps.step import Step
from driftbot.detectors.steps.whitening import Whitened

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
    """The steps between pieces, ``own`` being the excess of each; levels in the unit that ``noise`` is given in.

    A short piece that is not surely apart from a neighbour is given to it, and what lies around it is compared.
    """
    kept = list(zip(pieces, own, strict=True))
    found = [_step(points, row, left, right, noise) for left, right in itertools.pairwise(kept)]
    while True:
        unsure = [
            (step.strength, place)
            for place, step in enumerate(found)
            if step.strength < strength and min(_length(kept[place]), _length(kept[place + 1])) < SHORT
        ]
        if not unsure:
            yield from (step for step in found if step.strength >= strength)
            return
        _, place = min(unsure)
        kept[place : place + 2] = [_joined(kept[place], kept[place + 1])]
        beside = slice(max(place - 1, 0), place + 2)
        found[beside] = [_step(points, row, left, right, noise) for left, right in itertools.pairwise(kept[beside])]


def _length(piece: tuple[Piece, float]) -> int:
    return piece[0].last - piece[0].first


def _joined(left: tuple[Piece, float], right: tuple[Piece, float]) -> tuple[Piece, float]:
    longer = max(left, right, key=_length)
    return dataclasses.replace(longer[0], first=left[0].first, last=right[0].last), longer[1]


def _step(points: Whitened, row: int, before: tuple[Piece, float], after: tuple[Piece, float], noise: float) -> Step:
    (left, left_own), (right, right_own) = before, after
    at = right.first - 0.5
    low, high = noise * left.at(at), noise * right.at(at)
    error = noise * (left_own * left.variance_at(at) + right_own * right.variance_at(at)) ** 0.5
    told = ((high - low) / error) ** 2
    if left.sloped or right.sloped:
        told = min(told, jump_gain(points, row, left, right))
    shorter = min(left.last - left.first, right.last - right.first)
    return Step(right.first, low, high, error, told * shorter / (shorter + FEW))
