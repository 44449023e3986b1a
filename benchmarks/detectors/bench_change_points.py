"""Change points: false ones in stationary series, F1 on steps and on Otava's generator suite, and speed; peers beside.

Run by ``make peers`` it has the peers; in the environment of ``make bench`` it measures driftbot alone and says so.
``--full`` takes the whole sizes. One default setting for everything; seeds from 1,000 on, which nothing was tuned on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from time import process_time

import numpy as np

from benchmarks.detectors.change_point_peers import OTAVA, Finder, peers
from benchmarks.detectors.fleet import HOUR, START, Story, fleet
from benchmarks.detectors.found_places import f1, f1_interval, f1_lead, matched, mean_interval
from benchmarks.detectors.otava_suite import CLEAR, Generated, suite
from benchmarks.detectors.stationary import POINTS, Kind, stationary
from benchmarks.detectors.steps import Noise, stepped
from driftbot.core.series import FloatArray
from driftbot.detectors.notice_budget import LOOSEST
from driftbot.detectors.panel import Panel
from driftbot.detectors.steps.change_points import change_points, segments
from driftbot.detectors.steps.step import Places
from driftbot.detectors.usual.baseline import baselines

SEED = 1000
SCALES = (0.01, 0.005, 0.02, 0.03)
OURS = "driftbot"
SLOW = {"BinSeg": 5, "PELT": 50}
"""Peers that take a tenth of a second or seconds a series get one of so many, drawn at random."""


def driftbot(values: FloatArray) -> list[int]:
    """What driftbot finds in one series."""
    return segments(values[None, :]).first.tolist()


def finders() -> dict[str, Finder]:
    """driftbot and the peers that are installed."""
    try:
        return {OURS: driftbot, **peers()}
    except ImportError as error:
        print(f"no peers here ({error}); `make peers` runs this beside otava, ruptures and river")
        return {OURS: driftbot}


def false_points(found: dict[str, Finder], series: int, compared: int) -> None:
    """False change points per 365 stationary points."""
    print(f"\nFalse change points per {POINTS} stationary points; driftbot {series} series, peers the first {compared}")
    for kind in Kind:
        values = stationary(kind, series, SEED)
        counts = np.bincount(segments(values).series, minlength=series).astype(np.float64)
        _line(f"{kind.value:9}{OURS}", f"{counts.mean():.4f}", mean_interval(counts))
        for name, finder in _others(found):
            rows = values[: compared : SLOW.get(name, 1)]
            theirs = np.asarray([len(finder(row)) for row in rows], dtype=np.float64)
            note = f"{theirs.mean():.4f} of {len(rows)}"
            _line(f"{'':9}{name}", note, mean_interval(theirs))


def step_scores(found: dict[str, Finder], series: int) -> None:
    """F1 on steps, at the stated noise of one per cent and at others."""
    for scale in SCALES:
        made = stepped(series, scale, SEED)
        print(f"\nSteps, {series} series, noise {scale:.1%}, margin 5: F1")
        counts = _counts(found, [one.values for one in made], [one.steps for one in made])
        _print_scores(counts)
        noises = np.asarray([one.noise for one in made])
        for name, (at, rows) in counts.items():
            print(f"  {name} by noise:", *(f"{noise.value} {f1(rows[noises[at] == noise]):.4f}" for noise in Noise))


def suite_scores(found: dict[str, Finder], seeds: int) -> None:
    """F1 on Otava's generator suite, whole and where the steps are clear."""
    made = list(suite(range(SEED, SEED + seeds)))
    parts: dict[str, Callable[[Generated], bool]] = {
        f"blocks, noise up to {CLEAR:g}": lambda one: one.group == "blocks" and one.noise <= CLEAR,
        "blocks, noise 5": lambda one: one.group == "blocks" and one.noise == 5,
        "blocks, noise 10": lambda one: one.group == "blocks" and one.noise == 10,
        "pairs, noise 5": lambda one: one.group == "pairs",
        "all of it": lambda _: True,
    }
    counts = _counts(found, [one.values for one in made], [one.steps for one in made])
    for title, belongs in parts.items():
        chosen = np.asarray([belongs(one) for one in made])
        print(f"\nOtava's generator suite, {seeds} seeds, {title} ({chosen.sum()} series): F1")
        _print_scores({name: (at[chosen[at]], rows[chosen[at]]) for name, (at, rows) in counts.items()})


def speed(found: dict[str, Finder], series: int) -> None:
    """Series a CPU second; driftbot gets them all at once, as it does in use."""
    values = stationary(Kind.HEAVY, series, SEED)
    began = process_time()
    segments(values)
    _speeds(found, f"{series} stationary series (t3) of {POINTS} points", series, process_time() - began, values)
    hourly = fleet(series, 90, Story.STILL, SEED).values
    panel = Panel(START, HOUR, hourly)
    began = process_time()
    usual = baselines(panel)
    between = process_time()
    change_points(panel, usual, LOOSEST)
    title = f"{series} series of the still fleet, 90 days hourly (their baselines {between - began:.1f} s beside it)"
    _speeds(found, title, series, process_time() - between, hourly)


def _speeds(found: dict[str, Finder], title: str, series: int, seconds: float, values: FloatArray) -> None:
    print(f"\nSpeed, {title}: driftbot {seconds:.2f} CPU seconds, {series / seconds:,.0f} a second")
    if OTAVA in found:
        rows = [row[~np.isnan(row)] for row in values[:20]]
        began = process_time()
        for row in rows:
            found[OTAVA](row)
        theirs = len(rows) / (process_time() - began)
        print(
            f"  otava {theirs:,.0f} a second (on {len(rows)}); driftbot {series / seconds / theirs:,.0f} times as fast"
        )


Counts = dict[str, tuple[Places, FloatArray]]
"""By finder which series it got, and what was matched in each."""


def _counts(found: dict[str, Finder], values: Sequence[FloatArray], steps: Sequence[tuple[int, ...]]) -> Counts:
    counts = {}
    for name, finder in found.items():
        at = np.sort(np.random.default_rng(SEED).permutation(len(values))[: -(-len(values) // SLOW.get(name, 1))])
        rows = [matched(finder(values[place]), steps[place]) for place in at]
        counts[name] = at, np.asarray(rows, dtype=np.float64)
    return counts


def _print_scores(counts: Counts) -> None:
    all_of_ours, ours = counts[OURS]
    _line(OURS, f"{f1(ours):.4f}", f1_interval(ours))
    for name, (at, theirs) in counts.items():
        if name != OURS and len(at):
            low, high = f1_lead(ours[np.isin(all_of_ours, at)], theirs)
            note = f"{f1(theirs):.4f} of {len(theirs)}"
            _line(name, note, f1_interval(theirs), f"driftbot's lead {low:+.4f} to {high:+.4f}")


def _others(found: dict[str, Finder]) -> list[tuple[str, Finder]]:
    return [(name, finder) for name, finder in found.items() if name != OURS]


def _line(name: str, figure: str, interval: tuple[float, float], note: str = "") -> None:
    print(f"  {name:28}{figure:16} ({interval[0]:.4f} to {interval[1]:.4f}) {note}", flush=True)


def main() -> None:
    """All of it."""
    full = "--full" in sys.argv[1:]
    found = finders()
    print(f"seeds from {SEED}; 95 % bootstrap intervals over series")
    false_points(found, *((4000, 1000) if full else (1000, 50)))
    step_scores(found, 600 if full else 60)
    if len(found) > 1:
        suite_scores(found, 10 if full else 1)
    speed(found, 10_000 if full else 2000)


if __name__ == "__main__":
    main()
