"""The simulated fleet: hourly series with season, weekends, heavy tails, outliers and gaps; releases that shift.

Readings of the recipe, so that figures mean the same to everybody: all parts multiply; the noise is 0.04 times a
Student t with three degrees of freedom (its standard deviation is 6.9 %), and the AR(1) part has innovations of 0.02; a
release is on day 3, 10, 17 … at a random hour; a shift is a factor of 1 ± 5 to 10 % (uniform), and towards the start
once the level has left it by more than 15 %; the ramp is linear (0.5 % of the start a day).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from driftbot.core.series import FloatArray

HOUR, DAY = 3600.0, 86400.0
START = 1_704_067_200.0
"""Monday, 2024-01-01, 00:00 UTC."""


class Story(StrEnum):
    """What happens to a series."""

    STILL = "still"
    SHIFTS = "shifts"
    RAMP = "ramp"
    RAMP_WITH_SHIFTS = "ramp with shifts"
    CREEP = "creep"


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """``values`` (series, hours), NaN where missing; when (Unix seconds) each series' releases were, and from when it
    drifts (NaN: never)."""

    values: FloatArray
    releases: tuple[FloatArray, ...]
    drifts_from: FloatArray


def fleet(series: int, days: int, story: Story, seed: int, noise: float = 1.0) -> Fleet:
    """So many series of a story; equal arguments give equal fleets. ``noise`` multiplies both kinds of noise."""
    rng = np.random.default_rng([seed, list(Story).index(story)])
    hours = days * 24
    releases = _releases(rng, series, days)
    began = np.where(story in {Story.STILL, Story.SHIFTS}, np.nan, rng.integers(35, 43, series) * DAY)
    level = _level(rng, story, releases, began, hours)
    values = 100.0 * level * _season(hours) * _noise(rng, series, hours, noise)
    return Fleet(_with_holes(rng, values), tuple(START + row for row in releases), START + began)


def _releases(rng: np.random.Generator, series: int, days: int) -> FloatArray:
    weeks = np.arange(3, days, 7)
    found: FloatArray = weeks * DAY + rng.integers(0, 24, (series, len(weeks))) * HOUR
    return found


def _level(rng: np.random.Generator, story: Story, releases: FloatArray, began: FloatArray, hours: int) -> FloatArray:
    hour = np.arange(hours) * HOUR
    level = np.ones((len(releases), hours))
    if story in {Story.SHIFTS, Story.RAMP_WITH_SHIFTS}:
        level *= _shifts(rng, releases, hour)
    if story in {Story.RAMP, Story.RAMP_WITH_SHIFTS}:
        level *= 1.0 + 0.005 * np.maximum(hour[None, :] - began[:, None], 0.0) / DAY
    if story is Story.CREEP:
        creeping = (releases >= began[:, None]).astype(float)
        for row, (times, crept) in enumerate(zip(releases, creeping, strict=True)):
            done = np.searchsorted(times, hour, "right")
            level[row] *= np.concatenate(([1.0], 1.015 ** np.cumsum(crept)))[done]
    return level


def _shifts(rng: np.random.Generator, releases: FloatArray, hour: FloatArray) -> FloatArray:
    series, count = releases.shape
    moved = rng.random((series, count)) < 0.5
    size, sign = rng.uniform(0.05, 0.10, (series, count)), rng.choice([-1.0, 1.0], (series, count))
    level = np.ones((series, count + 1))
    for number in range(count):
        away = level[:, number] - 1.0
        direction = np.where(np.abs(away) > 0.15, -np.sign(away), sign[:, number])
        level[:, number + 1] = level[:, number] * np.where(moved[:, number], 1.0 + direction * size[:, number], 1.0)
    done = np.stack([np.searchsorted(times, hour, "right") for times in releases])
    return np.take_along_axis(level, done, axis=1)


def _season(hours: int) -> FloatArray:
    hour = np.arange(hours)
    daily = 1.0 + 0.10 * np.sin(2 * np.pi * (hour % 24) / 24)
    return daily * np.where(hour // 24 % 7 >= 5, 0.95, 1.0)


def _noise(rng: np.random.Generator, series: int, hours: int, scale: float) -> FloatArray:
    slow = rng.normal(0.0, 0.02, (series, hours))
    slow[:, 0] /= np.sqrt(1 - 0.6**2)
    for hour in range(1, hours):
        slow[:, hour] += 0.6 * slow[:, hour - 1]
    noise = 1.0 + scale * (0.04 * rng.standard_t(3, (series, hours)) + slow)
    outliers = np.where(rng.random((series, hours)) < 0.01, rng.uniform(1.2, 2.0, (series, hours)), 1.0)
    # A t with three degrees of freedom now and then goes below -25; a duration does not.
    found: FloatArray = np.maximum(noise, 0.01) * outliers
    return found


def _with_holes(rng: np.random.Generator, values: FloatArray) -> FloatArray:
    series, hours = values.shape
    missing = rng.random(values.shape) < 0.03
    for row in range(series):
        for first in range(0, hours, 20 * 24):
            begin = first + int(rng.integers(0, 20 * 24 - 24))
            missing[row, begin : begin + int(rng.integers(6, 25))] = True
    return np.where(missing, np.nan, values)
