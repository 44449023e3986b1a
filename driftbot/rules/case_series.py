"""Series of cases: from a shape in a rule file to times and values, the same every time."""

from __future__ import annotations

import numpy as np

from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity
from driftbot.core.series import FloatArray
from driftbot.rules.document import Rhythm, SeriesShape

MOST_SAMPLES = 100_000
MOST_RELEASES = 1_000
DAY = 86400.0

HEAVINESS = 3
"""Degrees of freedom of the noise: durations and latencies have such tails."""

LEAST_FACTOR = 0.01
"""The least that noise leaves of a value: a duration is never negative."""


def samples(
    shape: SeriesShape, unit: Unit, as_of: float, releases: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Times and values of a case's series; the last sample lies ``ago`` before ``as_of``.

    ``releases`` are when the case's subject was released (Unix seconds).

    Raises:
        NotAQuantity: a duration or value is none.
        ValueError: it would have no sample, or too many.
    """
    every = _seconds(shape.every)
    over, ago = _seconds(shape.over), _seconds(shape.ago)
    if every <= 0 or over < 0:
        raise NotAQuantity("a series goes over a positive time in positive steps")
    number = len(shape.values) if shape.values is not None else int(over // every) + 1
    if not 0 < number <= MOST_SAMPLES:
        raise ValueError(f"the series would have {number} samples; 1 to {MOST_SAMPLES} are made")
    times = as_of - ago - every * np.arange(number - 1, -1, -1, dtype=np.float64)
    if shape.values is not None:
        return times, np.array([parse_quantity(value, unit).value for value in shape.values])
    first, last = (shape.level, shape.level) if shape.level is not None else (shape.start, shape.end)
    assert first is not None and last is not None
    line = np.linspace(parse_quantity(first, unit).value, parse_quantity(last, unit).value, number)
    if not shape.lively:
        return times, line
    with np.errstate(over="ignore", invalid="ignore"):
        values = line * _moved(shape, times, as_of, np.empty(0) if releases is None else releases)
        values *= _noise(shape, times)
    if not np.isfinite(values).all():
        raise ValueError("the series grows beyond all numbers")
    return times, values


def release_times(written: list[str] | Rhythm, as_of: float) -> FloatArray:
    """When the releases of a case were (Unix seconds, rising).

    Raises:
        NotAQuantity: a duration is none, or not above zero where it has to be.
    """
    if not isinstance(written, Rhythm):
        return np.sort(as_of - np.array([_seconds(text) for text in written], np.float64))
    every, over, ago = _seconds(written.every), _seconds(written.over), _seconds(written.ago)
    if every <= 0 or not over / every <= MOST_RELEASES:
        raise NotAQuantity(f"releases come in positive steps, at most {MOST_RELEASES} of them")
    return np.sort(as_of - np.arange(ago, over + 1e-9, every))


def _moved(shape: SeriesShape, times: FloatArray, as_of: float, releases: FloatArray) -> FloatArray:
    """The factor of growth, steps and season at each time."""
    since = as_of - _seconds(shape.since) if shape.since is not None else float(times[0])
    factor = np.ones(len(times))
    for ago, part in shape.steps.items():
        factor *= np.where(times >= as_of - _seconds(ago), 1.0 + _share(part), 1.0)
    factor *= 1.0 + _share(shape.growth) * np.maximum(times - since, 0.0) / DAY
    counted = releases[releases >= since]
    factor *= (1.0 + _share(shape.per_release)) ** np.searchsorted(counted, times, "right")
    factor *= 1.0 + _share(shape.season) * np.sin(2.0 * np.pi * times / DAY)
    return factor


def _noise(shape: SeriesShape, times: FloatArray) -> FloatArray:
    if shape.noise is None:
        return np.ones(len(times))
    # The newest first: a series that reaches back further has the same last days.
    drawn = np.random.default_rng(shape.seed).standard_t(HEAVINESS, len(times))[::-1]
    noise: FloatArray = np.maximum(1.0 + _share(shape.noise) * drawn, LEAST_FACTOR)
    return noise


def _seconds(text: str) -> float:
    return parse_quantity(text, Unit.SECONDS).value


def _share(written: str | float | None) -> float:
    return 0.0 if written is None else parse_quantity(written, Unit.RATIO).value
