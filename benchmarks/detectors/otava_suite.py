"""Otava's own generator suite (PyPI ``otava-test-data``), whole: all blocks with all noise levels, and all pairs.

Readings, so that figures mean the same to everybody: a change point is a change of level (a step, the start and the
end of a regression); an outlier, a change of variance and a change of phase are none, as the suite's own notes say.
Lengths are the suite's 50 and 500. Not everything that was generated can be found: at noise 10 three steps of 10 within
50 points are 12 points of one standard deviation each. So besides the whole suite the part is told in which a perfect
detector has a chance: blocks with noise up to 2, where the smallest step has five standard deviations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from driftbot.core.series import FloatArray

NOISES = (0.0, 2.0, 5.0, 10.0)
PAIR_NOISE = 5.0
CLEAR = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """A series of the suite: ``group`` is ``blocks`` or ``pairs``."""

    group: str
    noise: float
    values: FloatArray
    steps: tuple[int, ...]


def suite(seeds: range) -> Iterator[Generated]:
    """The suite of each seed.

    Raises:
        ImportError: this is not the environment that ``make peers`` makes.
    """
    from otava_test_data.generators.combiner import CombinationGenerator

    for seed in seeds:
        generator = CombinationGenerator(lengths=[50, 500], seed=seed)
        for noise in NOISES:
            for made in generator.generate_with_noise_variants([noise]):
                yield Generated("blocks", noise, made.data, _levels(made.change_points))
        for made in generator.generate_pairwise_combinations(PAIR_NOISE):
            yield Generated("pairs", PAIR_NOISE, made.data, _levels(made.change_points))


def _levels(points: list) -> tuple[int, ...]:
    kinds = {"step", "regression_start", "regression_end"}
    return tuple(sorted({point.index for point in points if point.change_type in kinds}))
