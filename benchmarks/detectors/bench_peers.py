"""Peers and releases: false notices on the simulated fleets, and how soon members that moved are told.

Groups are neighbours of the simulated fleet, still and with shifts; each is asked every night with a window of 14 days.
A notice is a member told tonight that was not told last night. The odd member is the first of each group. ``--full``
takes the whole size; ``--calibrate`` prints the notices at each score, to which the tails are fitted, from other seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from time import process_time

import numpy as np

from benchmarks.detectors.fleet import DAY, HOUR, START, Story, fleet
from benchmarks.detectors.peer_methods import compare, newcomer_noise
from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.notice_budget import LOOSEST, allowance
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.before_after import after_release
from driftbot.detectors.peers.departure import departure
from driftbot.detectors.peers.group_block import group_blocks, members
from driftbot.detectors.peers.peers import LEAST_CHANGE, LEAST_SPREAD, LEVEL_USUAL, SPREAD_USUAL, apart
from driftbot.detectors.peers.relation import relation
from driftbot.detectors.usual.baseline import baselines

SIZES = (5, 30, 200)
STORIES = (Story.STILL, Story.SHIFTS)
ESTATE = allowance(1.0, 2_000)
ALLOWANCES = {"one series": LOOSEST, "estate of 2,000": ESTATE}
WINDOW = 14
REPORTED, FRESH, TUNED = 1_000, 2_000, 0
"""Seeds; the tails of newcomers and releases were settled when seeds from 1,002 to 1,004 had been seen."""
Change = Callable[[FloatArray, int], FloatArray]
"""What is done to the samples of the window that ends with a day."""


def windows(values: FloatArray, first: int, window: int = WINDOW) -> Iterator[tuple[int, Panel]]:
    """The panel of each night from a day on."""
    for day in range(first, values.shape[1] // 24 + 1):
        start = START + (day - window) * DAY
        yield day, Panel(start, HOUR, values[:, (day - window) * 24 : day * 24])


def notices(told: Flags) -> float:
    """Notices a week of one series, from (nights, series)."""
    return float(7 * (told[1:] & ~told[:-1]).sum() / (told.shape[1] * (len(told) - 1)))


def null_peers(series: int, days: int) -> None:
    """False notices of peers."""
    print(
        f"peers, nothing planted: {series:,} series, {days - WINDOW} nights, seed {REPORTED}; notices a week and series"
    )
    for story in STORIES:
        values = fleet(series, days, story, REPORTED).values
        for size in SIZES:
            groups = np.arange(series) // size
            costs = np.array([apart(panel, groups, LOOSEST).cost for _, panel in windows(values, WINDOW)])
            rates = [notices(np.nan_to_num(costs, nan=1.0) <= allowed) for allowed in ALLOWANCES.values()]
            told = ", ".join(
                f"{name} {rate:.5f} (allowed {allowed:.5f})"
                for (name, allowed), rate in zip(ALLOWANCES.items(), rates, strict=True)
            )
            print(f"  {story}, groups of {size}: {told}")


def planted_peers(series: int) -> None:
    """How soon members that moved are told."""
    print(f"peers, the first of each group moved on day 22: {series:,} series, seed {REPORTED + 1}; median delay (p90)")
    began = 21 * 24 + np.random.default_rng(REPORTED).integers(0, 24, series)
    for story in STORIES:
        plain = fleet(series, 36, story, REPORTED + 1).values
        for size in SIZES:
            odd = np.arange(0, series, size)
            for factor in (1.1, 1.2, 1.5):
                values = plain.copy()
                values[odd] *= np.where(np.arange(values.shape[1])[None, :] >= began[odd, None], factor, 1.0)
                nights = [(day, apart(panel, np.arange(series) // size, 1.0)) for day, panel in windows(values, 22)]
                costs = np.array([found.cost[odd] for _, found in nights])
                ends = np.array([day for day, _ in nights]) * 24.0
                told = ", ".join(
                    f"{name} {_delay(costs <= allowed, ends, began[odd])}" for name, allowed in ALLOWANCES.items()
                )
                print(f"  {story}, groups of {size}, {factor - 1:+.0%}: {told}")


def _delay(told: Flags, ends: FloatArray, began: FloatArray) -> str:
    found = told.any(axis=0)
    delay = np.where(found, (ends[told.argmax(axis=0)] - began) / 24.0, np.inf)
    middle, late = np.quantile(delay, (0.5, 0.9), method="higher")
    days = f"{middle:.1f} d ({late:.1f})" if np.isfinite(middle) else "-"
    return f"{found.mean():.0%} {days}"


def newcomers(series: int) -> None:
    """Members without history, one to eleven days old, told by their level alone."""
    print(f"newcomers, the first of each group: {series:,} series, seed {FRESH + 2}; told at some age up to 11 days")
    for story in STORIES:
        plain = fleet(series, 200, story, FRESH + 2).values
        for size in SIZES:
            odd = np.arange(0, series, size)
            for factor in (1.0, 1.2, 1.5):
                costs = []
                for first in range(60, 189, 32):
                    values = plain[:, : (first + 11) * 24].copy()
                    values[odd, : first * 24] = np.nan
                    values[odd] *= factor
                    groups = np.arange(series) // size
                    found = [apart(panel, groups, LOOSEST).cost[odd] for _, panel in windows(values, first + 1)]
                    costs.append(np.nanmin(np.array(found), axis=0, initial=1.0))
                least = np.concatenate(costs)
                told = ", ".join(f"{name} {(least <= allowed).mean():.1%}" for name, allowed in ALLOWANCES.items())
                print(f"  {story}, groups of {size}, {factor - 1:+.0%}: {told} of {len(least)}")


def shifting(
    series: int, days: int, seed: int, sizes: tuple[float, float]
) -> tuple[FloatArray, list[FloatArray], Flags]:
    """A still fleet whose releases, every second one by chance, move the level by a factor of 1 ± a size, towards the
    start beyond 15 %; with its releases, and which of them moved it (series, releases)."""
    still = fleet(series, days, Story.STILL, seed)
    rng = np.random.default_rng([seed, 77])
    releases = np.array(still.releases)
    moved = rng.random(releases.shape) < 0.5
    level = np.ones(releases.shape[0])
    values = still.values.copy()
    hours = START + HOUR * np.arange(values.shape[1])
    for number in range(releases.shape[1]):
        sign = np.where(np.abs(level - 1.0) > 0.15, -np.sign(level - 1.0), rng.choice([-1.0, 1.0], series))
        factor = np.where(moved[:, number], 1.0 + sign * rng.uniform(*sizes, series), 1.0)
        values *= np.where(hours[None, :] >= releases[:, number, None], factor[:, None], 1.0)
        level *= factor
    return values, list(still.releases), moved


def null_releases(series: int, days: int) -> None:
    """False notices of releases: on a still fleet, and of releases that moved nothing where others did."""
    print(
        f"releases without effect: {series:,} series, {days - 28} nights, seed {FRESH + 3}; notices a week and series"
    )
    still = fleet(series, days, Story.STILL, FRESH + 3)
    moving, releases, moved = shifting(series, days, FRESH + 3, (0.05, 0.10))
    for name, values, of in (
        ("still", still.values, None),
        ("with shifts, releases that moved nothing", moving, moved),
    ):
        costs = np.array([_release_costs(panel, releases, of) for _, panel in windows(values, 28, 28)])
        told = ", ".join(f"{key} {notices(costs <= allowed):.5f}" for key, allowed in ALLOWANCES.items())
        print(f"  {name}: {told}")


def _release_costs(panel: Panel, releases: list[FloatArray], moved: Flags | None) -> FloatArray:
    known = [times[times < panel.end + HOUR] for times in releases]
    found = after_release(panel, baselines(panel), known, 1.0)
    cost = np.where(found.told, found.cost, 1.0)
    if moved is not None:
        last = np.array([len(times) - 1 for times in known])
        cost = np.where(moved[np.arange(len(last)), last], 1.0, cost)
    return cost


def planted_releases(series: int) -> None:
    """How soon the effect of a release is told, and whether the interval holds it."""
    print(f"releases with effect on day 24: {series:,} series, seed {FRESH + 4}; median delay (p90)")
    plain = fleet(series, 32, Story.STILL, FRESH + 4).values
    began = 23 * 24 + np.random.default_rng(FRESH).integers(0, 24, series)
    releases = [np.array([START + HOUR * hour]) for hour in began]
    for factor in (1.03, 1.05, 1.1, 1.2):
        values = plain * np.where(np.arange(plain.shape[1])[None, :] >= began[:, None], factor, 1.0)
        nights = []
        for day, panel in windows(values, 24, 24):
            nights.append((day, after_release(panel, baselines(panel), releases, 1.0)))
        costs = np.array([np.where(found.told, found.cost, 1.0) for _, found in nights])
        ends = np.array([day for day, _ in nights]) * 24.0
        last = nights[4][1]
        covered = ((last.low <= factor) & (factor <= last.high))[~np.isnan(last.ratio)].mean()
        told = ", ".join(f"{name} {_delay(costs <= allowed, ends, began)}" for name, allowed in ALLOWANCES.items())
        print(f"  {factor - 1:+.0%}: {told}; 80 % interval holds it in {covered:.0%}")


def speed(series: int) -> None:
    """CPU seconds for the whole estate."""
    values = np.tile(fleet(500, WINDOW, Story.STILL, 1).values, (series // 500, 1))
    before = process_time()
    apart(Panel(START, HOUR, values), np.arange(series) // 10, LOOSEST)
    print(f"{series:,} series × {WINDOW} days hourly in groups of 10: {process_time() - before:.2f} s of CPU")


def calibrate(series: int, days: int) -> None:
    """Notices a week and series at each score, of level and of spread; tails are fitted to the worst."""
    scores = np.arange(2.5, 8.1, 0.5)
    print("score     " + "".join(f"{score:9.1f}" for score in scores))
    for story in STORIES:
        values = fleet(series, days, story, TUNED).values
        for size in (3, *SIZES):
            found = np.array([_scores(panel, np.arange(series) // size) for _, panel in windows(values, WINDOW)])
            for name, part in zip(("level", "spread"), np.moveaxis(found, 1, 0), strict=True):
                rates = [notices(part > score) for score in scores]
                print(f"{story} {size} {name} " + "".join(f"{rate:9.5f}" for rate in rates))


def _scores(panel: Panel, groups: FloatArray) -> FloatArray:
    out = np.zeros((2, len(groups)))
    for rows in group_blocks(groups, panel.values.shape[1]):
        of, inside = relation(members(panel.values, rows), panel.step), rows >= 0
        parts = (departure(of.level, LEVEL_USUAL), LEAST_CHANGE), (departure(of.spread, SPREAD_USUAL), LEAST_SPREAD)
        for number, (found, least) in enumerate(parts):
            score = np.where(np.abs(found.change) >= least, np.abs(found.score), 0.0)
            out[number, rows[inside]] = np.nan_to_num(score[inside])
    return out


def main() -> None:
    """Everything at the small size or the whole one."""
    full = "--full" in sys.argv
    if "--calibrate" in sys.argv:
        calibrate(1_800, 170)
        return
    null_peers(1_800 if full else 600, 365 if full else 50)
    planted_peers(6_000 if full else 600)
    newcomers(1_800 if full else 600)
    null_releases(1_000 if full else 300, 365 if full else 60)
    planted_releases(2_000 if full else 300)
    compare(1_800 if full else 600, full=full)
    newcomer_noise(200 if full else 50)
    speed(10_000)


if __name__ == "__main__":
    main()
