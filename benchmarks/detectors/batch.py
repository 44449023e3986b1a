"""The simulated batch: daily durations of jobs that grow or do not, and the day a run first exceeds its limit.

Readings of the recipe, so that figures mean the same to everybody. All parts multiply. Every second job grows, from the
first day and by compound interest, at a rate drawn evenly from 0.1 to 1 % a day. Each weekday has a factor of its own,
drawn evenly from 0.9 to 1.1. A run strays by exp(0.04 t) with t of Student's distribution with three degrees of
freedom, as in the fleet (a standard deviation of 7 %; cut at ±1). One run in a hundred was retried and took 1.2 to 2
times as long; it succeeded in the end, so it counts. On three days in a hundred the level shifts for good by 3 to 8 %,
up or down alike. Three runs in a hundred are missing. The limit is 1.2 to 2 times the level of the first day. A
``Recipe`` says what is read otherwise: growth by as much of the start each day, another noise, events without the
retried runs. No figure may hang on one reading.

The event: a run of the 30 days after the known ones exceeds the limit. ``first`` is the number of the first such day
(1: the day after the last known one), infinite where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

Flags = NDArray[np.bool_]

DAY = 86400.0
START = 1_704_067_200.0
"""Monday, 2024-01-01, 00:00 UTC."""

KNOWN, HORIZON = 60, 30
NOISE, DEGREES, CUT = 0.04, 3, 1.0
RETRIED, MISSING, SHIFTED = 0.01, 0.03, 0.03
RETRY, SHIFT = (1.2, 2.0), (0.03, 0.08)
TABLE = 200_000
FUTURES = 256


class Growth(StrEnum):
    """How a growing job grows: by a share of what it is, or of what it was at the start."""

    COMPOUND = "compound"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """What may be read in more than one way."""

    growth: Growth = Growth.COMPOUND
    noise: float = NOISE
    known: int = KNOWN
    retried_count: bool = True


@dataclass(frozen=True, eq=False)
class Batch:
    """Jobs: ``values`` (N, known days + ``HORIZON``) with NaN where no run was, ``limits`` (N,), and the truth.

    ``level`` is each day's without weekday and noise, ``rate`` the growth a day, ``weekday`` the factors (N, 7), and
    ``retried`` says which runs were.
    """

    values: FloatArray
    limits: FloatArray
    level: FloatArray
    rate: FloatArray
    weekday: FloatArray
    retried: Flags
    recipe: Recipe
    seed: int

    @property
    def known(self) -> FloatArray:
        """What is known: the days up to the forecast."""
        return self.values[:, : self.recipe.known]

    @cached_property
    def first(self) -> FloatArray:
        """The first day, from 1, on which a run exceeds the limit; infinite where none does within the horizon."""
        beyond = self.values[:, self.recipe.known :] > self.limits[:, None]
        if not self.recipe.retried_count:
            beyond &= ~self.retried[:, self.recipe.known :]
        return np.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1.0, np.inf)

    @cached_property
    def open(self) -> Flags:
        """Where the true level is below the limit on the last known day: there is still something to foresee."""
        return self.level[:, self.recipe.known - 1] < self.limits

    @cached_property
    def oracle(self) -> FloatArray:
        """The probability (N, ``HORIZON``) that the event has happened by each day, for one who knows the level and
        the slope of the last known day, the weekdays, and the laws of noise, retries, missing runs and shifts; only
        what the future draws is not known. Of ``FUTURES`` futures of shifts; the runs' part is exact."""
        rng = np.random.default_rng([self.seed, 1])
        shifts = np.cumsum(_shifts(rng, (FUTURES, HORIZON)), axis=1)
        days = np.arange(1, HORIZON + 1)
        last = self.level[:, self.recipe.known - 1]
        weekday = self.weekday[:, (self.recipe.known + days - 1) % 7]
        growth = days * np.log1p(self.rate)[:, None]
        if self.recipe.growth is Growth.LINEAR:
            growth = np.log1p(days * (self.rate * self._start / last)[:, None])
        room = np.log(self.limits / last)[:, None] - growth - np.log(weekday)
        retried = RETRIED if self.recipe.retried_count else 0.0
        noise, _ = _noise(np.random.default_rng(7), (TABLE,), self.recipe.noise, retried)
        table, runs = np.sort(noise), (1.0 - MISSING) * (1.0 if self.recipe.retried_count else 1.0 - RETRIED)
        chance = np.empty((len(last), HORIZON))
        for row in range(len(last)):
            above = 1.0 - np.searchsorted(table, room[row] - shifts, "right") / TABLE
            chance[row] = 1.0 - np.cumprod(1.0 - runs * above, axis=1).mean(axis=0)
        return chance

    @property
    def _start(self) -> FloatArray:
        return self.level[:, 0]


def batch(jobs: int, seed: int, recipe: Recipe | None = None) -> Batch:
    """So many jobs; equal arguments give equal jobs."""
    recipe = recipe or Recipe()
    rng = np.random.default_rng([seed, 0])
    shape = (jobs, recipe.known + HORIZON)
    day = np.arange(shape[1])
    start = rng.uniform(60.0, 7200.0, jobs)
    rate = np.where(np.arange(jobs) % 2 == 0, rng.uniform(0.001, 0.01, jobs), 0.0)
    grown = (1.0 + rate[:, None]) ** day if recipe.growth is Growth.COMPOUND else 1.0 + rate[:, None] * day
    shifts = _shifts(rng, shape)
    shifts[:, 0] = 0.0
    level = start[:, None] * grown * np.exp(np.cumsum(shifts, axis=1))
    weekday = rng.uniform(0.9, 1.1, (jobs, 7))
    noise, retried = _noise(rng, shape, recipe.noise, RETRIED)
    values = level * weekday[:, day % 7] * np.exp(noise)
    values[rng.random(shape) < MISSING] = np.nan
    return Batch(values, start * rng.uniform(1.2, 2.0, jobs), level, rate, weekday, retried, recipe, seed)


def _shifts(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Of each day the logarithm of the factor by which the level shifts."""
    factor = 1.0 + rng.uniform(*SHIFT, shape) * rng.choice([-1.0, 1.0], shape)
    return np.where(rng.random(shape) < SHIFTED, np.log(factor), 0.0)


def _noise(rng: np.random.Generator, shape: tuple[int, ...], scale: float, share: float) -> tuple[FloatArray, Flags]:
    """Of each run the logarithm of the factor by which it strays, and whether it was retried, as this share is."""
    noise = np.clip(scale * rng.standard_t(DEGREES, shape), -CUT, CUT)
    retried = rng.random(shape) < share
    return noise + np.where(retried, np.log(rng.uniform(*RETRY, shape)), 0.0), retried
