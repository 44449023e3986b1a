"""Step notices: how often series in which nothing happens would tell a step, looked at every night.

The window is 90 days of six-hour medians and moves by a day a night; a notice is a step told tonight that was not told
last night. The numbers behind ``driftbot/detectors/steps/step_cost.py``.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.detectors.fleet import HOUR, START, Story, fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.panel import Panel
from driftbot.detectors.steps.change_points import LEAST_NOISE
from driftbot.detectors.steps.step_search import steps, thinned
from driftbot.detectors.usual.baseline import baselines

WINDOW, NIGHT = 360, 4
NEAR = 8
"""Points within which a step of last night is the same one."""

LEVELS = (15, 18, 21, 24, 27)
KINDS = ("Gaussian", "t3", "AR(0.5)", "fleet")


def still(kind: str, series: int, nights: int, seed: int) -> FloatArray:
    """Six-hour medians on log scale, of so many nights after the first window."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    points = WINDOW + NIGHT * nights
    if kind == "fleet":
        simulated = fleet(series, points // NIGHT, Story.STILL, seed).values
        return thinned(baselines(Panel(START, HOUR, simulated)).adjusted, 6)
    if kind == "t3":
        heavy: FloatArray = 0.03 * rng.standard_t(3, (series, points))
        return heavy
    noise = rng.normal(size=(series, points))
    if kind == "AR(0.5)":
        noise[:, 1:] *= np.sqrt(0.75)
        for point in range(1, points):
            noise[:, point] += 0.5 * noise[:, point - 1]
    found: FloatArray = 0.03 * noise
    return found


def notices(values: FloatArray, nights: int, strength: float) -> int:
    """How many notices there are if steps of such a strength are told."""
    told: set[tuple[int, int]] = set()
    count = 0
    for night in range(nights + 1):
        first = night * NIGHT
        seen = steps(values[:, first : first + WINDOW], strength, LEAST_NOISE)
        tonight = set(zip(seen.series.tolist(), (first + seen.first).tolist(), strict=True))
        fresh = (
            step for step in tonight if not any((step[0], step[1] + off) in told for off in range(-NEAR, NEAR + 1))
        )
        count += sum(1 for _ in fresh) if night else 0
        told = tonight
    return count


def main() -> None:
    """Print the false notices a week of one series by strength."""
    series, nights, seed = (int(given) for given in (*sys.argv[1:], *("500", "60", "7")[len(sys.argv) - 1 :]))
    print(f"{series} series, {nights} nights, seed {seed}; false notices a week and series at strength", *LEVELS)
    for kind in KINDS:
        values = still(kind, series, nights, seed)
        weeks = series * nights / 7
        print(f"{kind:9}", *(f"{notices(values, nights, level) / weeks:.2g}" for level in LEVELS), flush=True)


if __name__ == "__main__":
    main()
