"""Breaches on the simulated batch (``batch.py``): odds, days and intervals against an oracle, and peers beside them.

What the figures mean. A forecast is a distribution over the days of the horizon and "none of them". *Brier* is the mean
squared difference of the probability of the event from what happened, over that of the oracle. *Covers*: the share of
jobs whose day lies between the tenth and the nine tenths of the forecast. A day is a lump of probability, and so is
"none of them"; an edge cuts through a lump, which is then shared out by chance (the randomised probability integral
transform; Czado, Gneiting and Held, Biometrics 2009): counted whole, even the oracle's intervals would cover 0.92.
*Whole* is that count all the same, *band* the share of future runs within the forecast band of their day.

*Error* is the absolute log2 of forecast median day to day of the event. An error exists where a day was foretold and
one came; an event foretold too late, or a day foretold for nothing, is charged by Brier. *Error, 31*: over all jobs
with an event, where none foretold counts as day 31. *Error, open*: as the first, without the jobs whose true level was
over the limit on the last known day already. The oracle's own error says what is possible.

Peers: ``predict_linear`` (least squares of the last 7 days, as in PromQL, held against the limit 30 days on), Gaussian
OLS (the logarithms of all known days; line and noise as normal theory has them, once with the noise and once the line
alone), and the line of Theil and Sen (its crossing as the day, no odds). ``--full`` takes 6,000 jobs of each reading.
"""

from __future__ import annotations

import resource
import sys
import warnings
from dataclasses import dataclass
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectors.batch import DAY, HORIZON, START, Batch, Growth, Recipe, batch
from driftbot.core.series import FloatArray
from driftbot.detectors.limits.breach import breaches
from driftbot.detectors.panel import Panel
from driftbot.detectors.theil_sen import theil_sen

SEED = 2000
SMALL, FULL = 1_000, 6_000
RESAMPLES = 400
NONE = HORIZON + 1
READINGS = {
    "as in batch.py": Recipe(),
    "calm (noise 0.02)": Recipe(noise=0.02),
    "noise 0.05": Recipe(noise=0.05),
    "wild (noise 0.08)": Recipe(noise=0.08),
    "linear growth": Recipe(growth=Growth.LINEAR),
    "retried runs not counted": Recipe(retried_count=False),
    "90 days known": Recipe(known=90),
}


@dataclass(frozen=True, eq=False)
class Forecast:
    """``passed`` (jobs, horizon): the probability that the event has happened by each day; a band if there is one."""

    name: str
    passed: FloatArray
    band: tuple[FloatArray, FloatArray] | None = None

    def day(self, chance: float) -> FloatArray:
        """The first day by which the chance is reached; infinite where it is not."""
        reached = self.passed >= chance
        return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, np.inf)


@dataclass(frozen=True, eq=False)
class Score:
    """What each job says of a forecast; NaN where it says nothing."""

    brier: FloatArray
    covers: FloatArray
    whole: FloatArray
    error: FloatArray
    error_of_all: FloatArray
    error_open: FloatArray
    band: FloatArray


def scored(forecast: Forecast, jobs: Batch) -> Score:
    """Hold a forecast against what happened."""
    happened, median = np.isfinite(jobs.first), forecast.day(0.5)
    lump = np.where(happened, jobs.first, NONE).astype(np.int64)
    row = np.arange(len(lump))
    sums = np.concatenate([np.zeros((len(row), 1)), forecast.passed, np.ones((len(row), 1))], axis=1)
    before, until = sums[row, lump - 1], sums[row, lump]
    place = before + np.random.default_rng(jobs.seed).random(len(row)) * (until - before)
    error = np.abs(np.log2(np.minimum(median, NONE) / np.minimum(jobs.first, NONE)))
    both = happened & np.isfinite(median)
    return Score(
        brier=(forecast.passed[:, -1] - happened) ** 2,
        covers=((place > 0.1) & (place < 0.9)).astype(np.float64),
        whole=((jobs.first >= forecast.day(0.1)) & (jobs.first <= forecast.day(0.9))).astype(np.float64),
        error=np.where(both, error, np.nan),
        error_of_all=np.where(happened, error, np.nan),
        error_open=np.where(both & jobs.open, error, np.nan),
        band=_banded(forecast, jobs),
    )


def _banded(forecast: Forecast, jobs: Batch) -> FloatArray:
    runs = jobs.values[:, jobs.recipe.known :]
    if forecast.band is None:
        return np.full(len(runs), np.nan)
    lower, upper = forecast.band
    return np.where(np.isnan(runs), np.nan, (runs >= lower) & (runs <= upper)).mean(axis=1, where=~np.isnan(runs))


def ours(jobs: Batch) -> Forecast:
    """driftbot's; where it says unknown the oracle's stands, so that nothing is won or lost, and it is printed."""
    found = breaches(Panel(START, DAY, jobs.known), jobs.limits, HORIZON)
    if not found.enough.all():
        print(f"  {(~found.enough).sum()} of {len(found.lack)} unknown: left to the oracle")
    passed = np.where(found.enough[:, None], found.passed, jobs.oracle)
    return Forecast("driftbot", passed, (found.lower, found.upper))


def predict_linear(jobs: Batch, days: int = 7) -> Forecast:
    """The line through the last days, held against the limit on each day ahead: yes or no."""
    return _line("predict_linear, 7 days", *_least_squares(jobs.known[:, -days:])[:2], jobs.limits)


def sen(jobs: Batch) -> Forecast:
    """The line of Theil and Sen through all logarithms."""
    places = np.arange(1.0 - jobs.recipe.known, 1.0)
    parts = [theil_sen(places, np.log(part)) for part in np.array_split(jobs.known, 60)]
    level, slope = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    return _line("Theil–Sen, logarithms", level, slope, np.log(jobs.limits))


def _line(name: str, level: FloatArray, slope: FloatArray, limits: FloatArray) -> Forecast:
    ahead = level[:, None] + slope[:, None] * np.arange(1, HORIZON + 1)
    return Forecast(name, np.maximum.accumulate((ahead > limits[:, None]).astype(np.float64), axis=1))


def least_squares(jobs: Batch, *, noise: bool) -> Forecast:
    """Normal theory: line and scale as estimated, their uncertainty drawn; each run strays normally, or not at all."""
    level, slope, scale, spread = _least_squares(np.log(jobs.known))
    draws = np.random.default_rng(3).standard_normal((2, 1, 200))
    ahead = np.arange(1, HORIZON + 1)
    none = np.ones((len(level), HORIZON))
    for row in range(len(level)):
        levels = level[row] + spread[0][row] * draws[0]
        slopes = slope[row] + spread[1][row] * (0.87 * draws[0] + 0.5 * draws[1])
        room = np.log(jobs.limits[row]) - levels.T - slopes.T * ahead
        within = _normal(room / scale[row]) if noise else (room >= 0).astype(np.float64)
        none[row] = np.cumprod(within, axis=1).mean(axis=0)
    return Forecast("Gaussian OLS" if noise else "Gaussian OLS, line alone", 1.0 - none)


def _least_squares(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, tuple[FloatArray, FloatArray]]:
    """Level at the last day, slope, scale of the residuals, and the standard errors of the first two.

    The two errors correlate by √3/2 = 0.87 on a long equal grid.
    """
    there = np.isfinite(values)
    place = np.where(there, np.arange(1.0 - values.shape[1], 1.0), np.nan)
    count = there.sum(axis=1)
    centre, mean = np.nanmean(place, axis=1), np.nanmean(values, axis=1)
    away = place - centre[:, None]
    square = np.nansum(away**2, axis=1)
    slope = np.nansum(away * values, axis=1) / square
    level = mean - slope * centre
    scale = np.sqrt(np.nansum((values - level[:, None] - slope[:, None] * place) ** 2, axis=1) / (count - 2))
    return level, slope, scale, (scale * np.sqrt(1.0 / count + centre**2 / square), scale / np.sqrt(square))


_PLACES = np.linspace(-8.0, 8.0, 4001)
_INTEGRAL = np.cumsum(np.exp(-0.5 * _PLACES**2))


def _normal(places: FloatArray) -> FloatArray:
    return np.interp(places, _PLACES, _INTEGRAL / _INTEGRAL[-1])


def interval(values: FloatArray, middle: bool, below: FloatArray | None = None) -> str:
    """The mean (of both and their quotient) or median of what is there, with the 95 % interval of the bootstrap."""
    there = ~np.isnan(values)
    if not there.any():
        return "–"
    values, below = values[there], None if below is None else below[there]

    def statistic(rows: NDArray[np.int64]) -> float:
        if middle:
            return float(np.median(values[rows]))
        return float(values[rows].mean() / (1.0 if below is None else below[rows].mean()))

    random = np.random.default_rng(1)
    every = [statistic(random.integers(0, len(values), len(values))) for _ in range(RESAMPLES)]
    low, high = np.quantile(every, (0.025, 0.975))
    return f"{statistic(np.arange(len(values))):.3f} ({low:.3f}–{high:.3f})"


def report(name: str, recipe: Recipe, jobs: int, seed: int) -> None:
    """Print what one reading of the recipe gives."""
    world = batch(jobs, seed, recipe)
    happened = np.isfinite(world.first)
    print(f"{name}: {jobs:,} jobs, seed {seed}; event {happened.mean():.2f}; open {world.open.mean():.2f}")
    oracle = Forecast("oracle", world.oracle)
    best = scored(oracle, world)
    forecasts = [ours(world), oracle, predict_linear(world), sen(world)]
    forecasts += [least_squares(world, noise=noise) for noise in (True, False)]
    for forecast in forecasts:
        score = scored(forecast, world)
        figures = (
            ("Brier", interval(score.brier, False, best.brier)),
            ("covers", interval(score.covers, False)),
            ("whole", f"{score.whole.mean():.3f}"),
            ("error", interval(score.error, True)),
            ("error, 31", interval(score.error_of_all, True)),
            ("error, open", interval(score.error_open, True)),
            ("band", interval(score.band, False)),
        )
        print(f"  {forecast.name:25s} " + "; ".join(f"{label} {figure}" for label, figure in figures))


def band_by_quantile_regression(jobs: int, seed: int) -> None:
    """The forecast band against scikit-learn's quantile regression (a line and weekdays), by pinball loss."""
    from sklearn.linear_model import QuantileRegressor

    world = batch(jobs, seed)
    before = process_time()
    found = breaches(Panel(START, DAY, world.known), world.limits, HORIZON)
    own = process_time() - before
    days = np.arange(world.values.shape[1])
    features = np.column_stack([days / 30.0, np.eye(7)[days % 7]])
    bands = np.empty((3, jobs, HORIZON))
    before = process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in range(jobs):
            there = np.flatnonzero(~np.isnan(world.known[row]))
            for place, share in enumerate((0.1, 0.5, 0.9)):
                model = QuantileRegressor(quantile=share, alpha=1e-4, solver="highs")
                model.fit(features[there], np.log(world.known[row, there]))
                bands[place, row] = np.exp(model.predict(features[world.recipe.known :]))
    theirs = process_time() - before
    runs = world.values[:, world.recipe.known :]
    for name, (lower, middle, upper), took in (
        ("driftbot", (found.lower, found.middle, found.upper), own),
        ("QuantileRegressor", tuple(bands), theirs),
    ):
        loss = sum(_pinball(runs, edge, share) for edge, share in ((lower, 0.1), (middle, 0.5), (upper, 0.9)))
        within = ((runs >= lower) & (runs <= upper))[~np.isnan(runs)].mean()
        print(f"  band by {name:18s} pinball {loss:.4f}, covers {within:.3f}, {1000 * took / jobs:.2f} ms of CPU each")


def _pinball(runs: FloatArray, edge: FloatArray, share: float) -> float:
    away = np.log(runs) - np.log(edge)
    return float(np.nanmean(np.maximum(share * away, (share - 1.0) * away)))


def speed(series: int) -> None:
    """CPU of 90 daily values each, over that of sorting their pairwise slopes once (Theil–Sen at its plainest)."""
    world = batch(series, SEED, Recipe(known=90))
    panel = Panel(START, DAY, world.known)
    before = process_time()
    breaches(panel, world.limits, HORIZON)
    took = process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    part = np.log(world.known[:200])
    before = process_time()
    theil_sen(np.arange(90.0), part)
    plain = (process_time() - before) * series / len(part)
    ratio = took / plain
    print(f"{series:,} series × 90 days: {took:.2f} s of CPU, {ratio:.1f} times that of sorting all pairs' slopes")
    print(f"  peak memory of the process {peak:.0f} MB, the world itself included")


def main() -> None:
    """All readings, the band, and the speed (first, as memory is counted from the start)."""
    full = "--full" in sys.argv
    speed(10_000)
    for number, (name, recipe) in enumerate(READINGS.items()):
        report(name, recipe, FULL if full else SMALL, SEED + number)
    band_by_quantile_regression(300 if full else 60, SEED + 50)


if __name__ == "__main__":
    main()
