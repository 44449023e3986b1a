"""The estate: false notices a week of a large fleet under one budget, and the drifting series among it to be found.

Half of the series stand still and half are shifted by their releases; every other one has four times the noise. Each
night asks the last 90 days, from the 28th on. The allowance is the budget over all series. Ramps (0.5 %/day) and creeps
(+1.5 % a release) are planted among the quiet and the loud ones. The delay of the quiet ones is printed beside that of
the same series with none of the loud ones there: a loud half that silenced others would show. ``--full`` takes 2,000
series for a year; less is run with the allowance of the whole estate. Nothing was chosen on its seed.
"""

from __future__ import annotations

import sys
from time import process_time

import numpy as np

from benchmarks.detectors.drift_nights import FIRST, Flags, Markers, delays, marked, night, notices
from benchmarks.detectors.fleet import DAY, START, Fleet, Story, fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.notice_budget import DEFAULT_BUDGET, allowance

SEED = 5000
ESTATE, PLANTED = 2_000, 20
SMALL, FULL = (120, 120), (2_000, 365)
LOUD = 4.0
PART = 500


def run(simulated: Fleet, first: int, last: int, allowed: float) -> Flags:
    """Which series are told on which night: (nights, series)."""
    releases = marked(simulated, Markers.KNOWN, SEED)
    return np.stack([night(simulated, releases, day, allowed).found.told for day in range(first, last + 1)])


def false_notices(series: int, days: int, allowed: float) -> None:
    """Print the false notices a week of series without a drift, in parts that fit into memory."""
    told_by = {}
    for story in (Story.STILL, Story.SHIFTS):
        for noise in (1.0, LOUD):
            number = series // 4
            parts = [min(PART, number - done) for done in range(0, number, PART)]
            counts = [
                int(notices(run(fleet(part, days, story, SEED + place, noise), FIRST, days, allowed)).sum())
                for place, part in enumerate(parts)
            ]
            told_by[f"{story}, noise × {noise:g}"] = sum(counts)
    weeks = (days - FIRST + 1) / 7
    for name, count in told_by.items():
        print(f"  {name:20} {count} notices of {series // 4} series in {weeks:.0f} weeks")
    whole = sum(told_by.values()) / weeks * ESTATE / series
    print(f"  false notices a week, of {ESTATE} series: {whole:.2f} (budget {DEFAULT_BUDGET:g})", flush=True)


def planted(allowed: float) -> None:
    """Print how soon planted drifts are told, quiet and loud ones, and quiet ones alone."""
    last = 160
    for story in (Story.RAMP, Story.RAMP_WITH_SHIFTS, Story.CREEP):
        quiet, loud = (fleet(PLANTED, last, story, SEED, noise) for noise in (1.0, LOUD))
        both = Fleet(
            np.concatenate([quiet.values, loud.values]),
            (*quiet.releases, *loud.releases),
            np.concatenate([quiet.drifts_from, loud.drifts_from]),
        )
        days = np.arange(FIRST, last + 1)
        together = took(run(both, FIRST, last, allowed), days, both)
        alone = took(run(quiet, FIRST, last, allowed), days, quiet)
        print(
            f"  {story}: quiet ones {said(together[:PLANTED])}, without the loud ones {said(alone)}; "
            f"loud ones {said(together[PLANTED:])}",
            flush=True,
        )


def took(told: Flags, days: np.ndarray, simulated: Fleet) -> FloatArray:
    """Days from each onset to the first night told."""
    return delays(told, days, (simulated.drifts_from - START) / DAY)


def said(delay: FloatArray) -> str:
    """How many were found, and after how many days in the middle."""
    found = delay[np.isfinite(delay)]
    middle = f", median {np.median(found):.0f} days" if found.size else ""
    return f"{len(found)} of {len(delay)} found{middle}"


def main() -> None:
    """The false notices, then the planted drifts."""
    series, days = FULL if "--full" in sys.argv else SMALL
    allowed = allowance(DEFAULT_BUDGET, ESTATE)
    print(f"seed {SEED}; {series} series × {days} days, allowance {allowed:g} a week (1 / {ESTATE})", flush=True)
    before = process_time()
    false_notices(series, days, allowed)
    planted(allowed)
    print(f"  {process_time() - before:.0f} s of CPU")


if __name__ == "__main__":
    main()
