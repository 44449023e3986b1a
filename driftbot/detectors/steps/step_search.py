"""Step search: where the level of many series changed for longer than a burst, and how surely.

All series are filtered and screened together; those that may hold a step are divided exactly, the noise is measured
anew on what the division leaves, and they are divided again with it. What then joins two pieces without a jump is a
bend, no step.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians
from driftbot.detectors.steps import step_screen
from driftbot.detectors.steps.hampel import hampel
from driftbot.detectors.steps.jump import excess, jumps
from driftbot.detectors.steps.local_noise import local_weights
from driftbot.detectors.steps.long_run_variance import (
    from_differences,
    from_residuals,
    half_variance,
    innovation_variance,
    spread_of,
)
from driftbot.detectors.steps.segmentation import SLOPE_PRICE, Piece, fitted, partition
from driftbot.detectors.steps.step import Places, Step, Steps
from driftbot.detectors.steps.step_time import refined
from driftbot.detectors.steps.whitening import whitened

CLIP = 2.5
"""Spreads beyond which what a division leaves counts as that far (Huber's estimator by pseudo-values)."""

LEAST_SPREADS = 0.5
"""Spreads of single points that a step has at least: a smaller one may be sure, but nobody sees it. Ours."""

FIRST_SHARE = 0.75
"""The price of a change in the first division, as a share of that in the second. Ours: the noise is less known then."""

LIKELY, LIKELY_FROM = 3, 160
"""Series of that length on are cut at the likeliest columns only, one of so many: the same steps were found by all."""

LONGEST = 720
"""Columns that are divided exactly; of longer series, medians of neighbouring columns are."""

_BLOCK = 256
_TINY = 1e-12


def steps(values: FloatArray, strength: float, floor: float) -> Steps:
    """The steps of each row (series, columns) that are at least so strong; NaN is missing.

    ``floor`` is the least standard deviation that noise is taken to have, in the unit of the values: without it a step
    in a series without noise would be infinitely sure.
    """
    if not values.size:
        return Steps.of([])
    width = max(1, -(-values.shape[1] // LONGEST))
    coarse = thinned(values, width)
    found = Steps.of(list(_of_rows(coarse, strength, floor)))
    return refined(found, values, width)


def thinned(values: FloatArray, width: int) -> FloatArray:
    """Medians of so many columns each; of the last ones together if they are fewer."""
    if width == 1:
        return values
    out = np.empty((len(values), -(-values.shape[1] // width)))
    rest = -values.shape[1] % width
    for first in range(0, len(values), _BLOCK):
        block = values[first : first + _BLOCK]
        padded = np.pad(block, ((0, 0), (0, rest)), constant_values=np.nan) if rest else block
        out[first : first + _BLOCK] = medians(padded.reshape(len(block), -1, width))
    return out


def _of_rows(values: FloatArray, strength: float, floor: float) -> Iterator[list[Step]]:
    for first in range(0, len(values), _BLOCK):
        yield from _in_block(values[first : first + _BLOCK], strength, floor)


def _in_block(values: FloatArray, strength: float, floor: float) -> list[list[Step]]:
    centre = medians(values)
    centred = values - centre[:, None]
    clipped = hampel(centred)
    variance, memory = from_differences(clipped)
    noise = np.sqrt(np.maximum(variance, floor**2))
    weights = local_weights(clipped, clipped, floor)
    seen = step_screen.strengths(clipped / noise[:, None], weights)
    found: list[list[Step]] = [[] for _ in values]
    flagged = np.flatnonzero(seen >= step_screen.SHARE * strength)
    if flagged.size:
        first = _first(clipped[flagged], weights[flagged], memory[flagged], noise[flagged], strength)
        divided = np.asarray([len(pieces) > 1 for pieces in first])
        flagged, first = flagged[divided], [pieces for pieces in first if len(pieces) > 1]
    if flagged.size:
        for row, told in zip(flagged, _again(centred[flagged], noise[flagged], first, strength, floor), strict=True):
            found[row] = [step.moved(float(centre[row])) for step in told]
    return found


def _first(
    values: FloatArray, weights: FloatArray, memory: FloatArray, noise: FloatArray, strength: float
) -> list[list[Piece]]:
    """A first division, in units of ``noise``, to measure the noise by.

    Of short series differences say too little of the memory; a division as if there were none is tried as well.
    """
    price = FIRST_SHARE * strength
    cuts = _cuts(values, weights, noise)
    rough = partition(whitened(values, weights, memory, noise), price, cuts)
    if cuts is not None:
        return rough
    plain = np.clip(np.sqrt(half_variance(values, 1)), 1e-3 * noise, None)
    fine = [
        [piece.scaled(by) for piece in pieces]
        for pieces, by in zip(
            partition(whitened(values, weights, np.zeros(len(values)), plain), price), plain / noise, strict=True
        )
    ]
    better = _criterion(values, noise, fine, strength) < _criterion(values, noise, rough, strength)
    return [second if chosen else first for first, second, chosen in zip(rough, fine, better, strict=True)]


def _cuts(values: FloatArray, weights: FloatArray, noise: FloatArray) -> Places | None:
    columns = values.shape[1]
    if columns < LIKELY_FROM:
        return None
    return step_screen.likeliest(values / noise[:, None], weights, columns // LIKELY)


def _criterion(values: FloatArray, noise: FloatArray, pieces: list[list[Piece]], strength: float) -> FloatArray:
    """What a division costs when the noise is an AR(1) of whatever size and memory it leaves: twice the negative
    logarithm of its likelihood, and the price of its pieces."""
    left = values - noise[:, None] * np.stack([fitted(found, values.shape[1]) for found in pieces])
    points = np.maximum((~np.isnan(left)).sum(axis=1), 1)
    slopes = np.asarray([sum(piece.sloped for piece in found) for found in pieces])
    changes = np.asarray([len(found) for found in pieces])
    found: FloatArray = points * np.log(innovation_variance(left, changes + slopes) + _TINY)
    return found + strength * changes + SLOPE_PRICE * slopes


def _again(
    values: FloatArray, noise: FloatArray, pieces: list[list[Piece]], strength: float, floor: float
) -> list[list[Step]]:
    """The steps of each row, by a second division with the noise that a first one left."""
    fits = noise[:, None] * np.stack([fitted(found, values.shape[1]) for found in pieces])
    left = values - fits
    weights = local_weights(left, left, floor)
    root = np.sqrt(np.maximum(weights, _TINY))
    spread = np.maximum(spread_of(left * root), floor)
    even = np.clip(left * root, -CLIP * spread[:, None], CLIP * spread[:, None])
    parameters = np.asarray([len(found) + sum(piece.sloped for piece in found) for found in pieces], dtype=np.float64)
    variance, memory = from_residuals(even, parameters)
    noise = np.sqrt(np.maximum(variance, floor**2))
    pseudo = fits + even / root
    points = whitened(pseudo, weights, memory, noise)
    cuts = _cuts(pseudo, weights, noise)
    out = []
    for row, found in enumerate(partition(points, strength, cuts)):
        own = [excess(piece, values[row] / noise[row], root[row] * noise[row] / spread[row]) for piece in found]
        told = jumps(points, row, found, own, float(noise[row]), strength)
        out.append([step for step in told if abs(step.height) >= LEAST_SPREADS * spread[row]])
    return out
