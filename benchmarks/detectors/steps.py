"""Steps: series of 150 to 400 points with up to three steps of 5 to 15 %, noise with memory or heavy tails, outliers.

Readings of the recipe, so that figures mean the same to everybody: the number of steps (0 to 3), their sizes and signs
are uniform, each a factor on the level before it; steps lie at least ``APART`` points from each other and from both
ends; the noise is a factor of one plus ``scale`` times a Student t with three degrees of freedom (its standard
deviation is 1.73 × ``scale``), or an AR(1) of 0.5 with standard deviation ``scale``, or the sum of both, a third of
the series each; 1 % of the points are outliers × 1.2 to 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from driftbot.core.series import FloatArray

APART = 20
MEMORY = 0.5


class Noise(StrEnum):
    """What the points stray by."""

    HEAVY = "t3"
    REMEMBERING = "AR(0.5)"
    BOTH = "t3 + AR(0.5)"


@dataclass(frozen=True, slots=True, eq=False)
class Stepped:
    """A series, and the index of the first point after each of its steps."""

    values: FloatArray
    steps: tuple[int, ...]
    noise: Noise


def stepped(count: int, scale: float, seed: int) -> list[Stepped]:
    """So many series; equal arguments give equal ones, and those of one seed have the same steps at all scales."""
    return [_one(np.random.default_rng([seed, number]), scale, list(Noise)[number % 3]) for number in range(count)]


def remembering(rng: np.random.Generator, points: int, memory: float = MEMORY) -> FloatArray:
    """A Gaussian AR(1) series with standard deviation one."""
    found: FloatArray = rng.normal(0.0, np.sqrt(1 - memory**2), points)
    found[0] = rng.normal()
    for point in range(1, points):
        found[point] += memory * found[point - 1]
    return found


def _one(rng: np.random.Generator, scale: float, noise: Noise) -> Stepped:
    points = int(rng.integers(150, 401))
    steps = _places(rng, points, int(rng.integers(0, 4)))
    level = np.full(points, 100.0)
    for step in steps:
        level[step:] *= 1.0 + rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.15)
    heavy, slow = rng.standard_t(3, points), remembering(rng, points)
    strays = {Noise.HEAVY: heavy, Noise.REMEMBERING: slow, Noise.BOTH: heavy + slow}[noise]
    outliers = np.where(rng.random(points) < 0.01, rng.uniform(1.2, 2.0, points), 1.0)
    return Stepped(np.maximum(level * (1.0 + scale * strays), 1.0) * outliers, steps, noise)


def _places(rng: np.random.Generator, points: int, count: int) -> tuple[int, ...]:
    slack = np.sort(rng.integers(0, points - APART * (count + 1) + 1, count))
    return tuple(int(place) for place in slack + APART * np.arange(1, count + 1))
