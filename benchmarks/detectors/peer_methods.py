"""Odd members by scikit-learn: its robust covariance and its local outlier factor on several features of each member,
beside ours, at one threshold for fleets that stand still and that shift."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.covariance import MinCovDet
from sklearn.neighbors import LocalOutlierFactor

from benchmarks.detectors.fleet import Story, fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.departure import RECENT
from driftbot.detectors.peers.group_block import group_blocks, median, members
from driftbot.detectors.peers.newcomer_spread import newcomer_spread
from driftbot.detectors.peers.peers import SPREAD_USUAL, apart
from driftbot.detectors.peers.relation import relation

HOUR = 3600.0
PLANTED = (
    ("level +10 % 3 d", 1.1, 3),
    ("level +20 % 1 d", 1.2, 1),
    ("level +50 % 1 d", 1.5, 1),
    ("noise × 4 5 d", 4.0, 5),
)
QUANTILE = 0.999
"""Of the scores where nothing is planted, on either fleet: the threshold of each method."""


def features(values: FloatArray, groups: FloatArray) -> FloatArray:
    """Of each member: change of level over 1, 3 and 7 days and before these, change of spread over 3 and 7 days."""
    out = np.zeros((len(values), 6))
    for rows in group_blocks(groups, values.shape[1]):
        of, inside = relation(members(values, rows), HOUR), rows >= 0
        level, spread = (_against_group(part) for part in (of.level, of.spread))
        parts = [median(level[:, :, -days:], 2) for days in (1, 3, 7)]
        parts.append(median(level[:, :, -10:-7], 2) - median(level[:, :, :-10], 2))
        parts.extend(median(spread[:, :, -days:], 2) for days in (3, 7))
        for number, part in enumerate(parts):
            out[rows[inside], number] = np.nan_to_num(part[inside])
    return out


def _against_group(daily: FloatArray) -> FloatArray:
    own = daily - median(daily[:, :, :-RECENT], 2)[:, :, None]
    return own - median(own, 1)[:, None]


def scores(values: FloatArray, size: int) -> dict[str, FloatArray]:
    """Of each method the score of each series."""
    groups = np.arange(len(values)) // size
    ours = -np.log(np.nan_to_num(apart(Panel(0.0, HOUR, values), groups, 1.0).cost, nan=1.0))
    covariance, neighbours = np.zeros(len(values)), np.zeros(len(values))
    found = features(values, groups)
    for first in range(0, len(values), size):
        part = found[first : first + size]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = MinCovDet(random_state=0).fit(part)
        covariance[first : first + size] = np.sqrt(fitted.mahalanobis(part))
        steps = 1.4826 * np.median(np.abs(part - np.median(part, axis=0)), axis=0) + 0.003
        factor = LocalOutlierFactor(n_neighbors=size // 3).fit(part / steps)
        neighbours[first : first + size] = -factor.negative_outlier_factor_
    return {"driftbot": ours, "MinCovDet": covariance, "LocalOutlierFactor": neighbours}


def compare(series: int, *, full: bool) -> None:
    """The share of planted members found by each method at its threshold."""
    print(f"methods, groups of 30 and 200: {series:,} series, found at the {QUANTILE:.1%} quantile of both fleets")
    nights = range(20, 70, 5 if full else 16)
    for size in (30, 200):
        fleets = {story: fleet(series, 70, story, 1_005).values for story in (Story.STILL, Story.SHIFTS)}
        plain = [_gathered(values, size, nights, None) for values in fleets.values()]
        limits = {name: max(float(np.quantile(part[name], QUANTILE)) for part in plain) for name in plain[0]}
        for story, values in fleets.items():
            for planted in PLANTED:
                found = _gathered(values, size, nights, planted)
                told = ", ".join(f"{name} {(found[name] > limits[name]).mean():.0%}" for name in limits)
                print(f"  {story}, groups of {size}, {planted[0]}: {told}")


def _gathered(
    values: FloatArray, size: int, nights: range, planted: tuple[str, float, int] | None
) -> dict[str, FloatArray]:
    odd = np.arange(len(values)) % size < 2
    gathered: dict[str, list[FloatArray]] = {}
    for night in nights:
        window = values[:, (night - 14) * 24 : night * 24].copy()
        if planted is not None:
            _plant(window, np.flatnonzero(odd), planted, night)
        for name, found in scores(window, size).items():
            gathered.setdefault(name, []).append(found if planted is None else found[odd])
    return {name: np.concatenate(parts) for name, parts in gathered.items()}


def _plant(window: FloatArray, odd: FloatArray, planted: tuple[str, float, int], seed: int) -> None:
    name, factor, days = planted
    if name.startswith("level"):
        window[odd, -24 * days :] *= factor
        return
    noise = np.random.default_rng(seed).standard_t(3, (len(odd), 24 * days))
    window[odd, -24 * days :] = 100.0 * np.maximum(1.0 + 0.04 * factor * noise, 0.01)


def newcomer_noise(groups: int) -> None:
    """A newcomer's noise in groups whose larger members stray less: the plain robust score of its noise, and its noise
    given its level by the robust covariance; each at the threshold that one of a hundred ordinary newcomers passes."""
    print(f"noise of newcomers three days old, seed 1006: {groups} groups each, found at the 99 % quantile of {groups}")
    for size in (31, 100):
        for odd in (0, 2):
            ordinary = _noise_scores(size, 1.0, odd, groups)
            limits = np.quantile(ordinary, 0.99, axis=0)
            for factor in (2.0, 3.0):
                plain, given = (_noise_scores(size, factor, odd, groups) > limits).mean(axis=0)
                print(f"  groups of {size}, {odd} odd, noise × {factor:g}: plain {plain:.0%}, MinCovDet {given:.0%}")


def _noise_scores(size: int, factor: float, odd: int, groups: int) -> FloatArray:
    """Both scores of the first member of each group: (groups, 2)."""
    rng = np.random.default_rng([1_006, size, round(factor), odd])
    found = []
    for _ in range(groups):
        of = relation(_of_all_sizes(rng, size, factor, odd)[None], HOUR)
        spread = median(of.spread[:, :, -RECENT:], 2)[0]
        middle = np.median(spread[1:])
        usual = 1.4826 * np.median(np.abs(spread[1:] - middle))
        plain = (spread[0] - middle) / np.hypot(usual, SPREAD_USUAL.noise / np.sqrt(3.0))
        found.append((abs(plain), abs(newcomer_spread(of, SPREAD_USUAL).score[0, 0])))
    return np.array(found)


def _of_all_sizes(rng: np.random.Generator, size: int, factor: float, odd: int) -> FloatArray:
    """Two weeks of a group whose members' noise falls with the root of their load; the first is three days old."""
    load = np.exp(0.5 * rng.normal(size=(size, 1)))
    stray = 0.04 / np.sqrt(load) * np.exp(0.08 * rng.normal(size=(size, 1)))
    stray[0] *= factor
    stray[1 : 1 + odd] *= 6.0
    daily = 1.0 + 0.1 * np.sin(2 * np.pi * np.arange(14 * 24) / 24)
    values = 100.0 * load * daily * np.maximum(1.0 + stray * rng.standard_t(3, (size, 14 * 24)), 0.05)
    values[0, : -3 * 24] = np.nan
    return values
