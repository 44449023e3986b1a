"""Thresholds against a month of samples: the pure part, over conditions of ten series each.

The peer is the least that anybody would do: NumPy's sorting of the same samples, from which one distribution can be
read and no firing counted. ``--full`` takes 5,000 conditions at each of two steps.
"""

from __future__ import annotations

import resource
import sys
from collections import Counter
from time import process_time

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.threshold import Samples, Threshold
from driftbot.detectors.fit.threshold_fit import fit
from driftbot.promql.condition import Comparison

MONTH, SERIES, START = 30 * 86400.0, 10, 1_790_985_600.0
SMALL, FULL = 100, 5_000
STEPS = (300.0, 60.0)
LOST = 0.01
LIMITS = (0.9, 0.6, 0.35, 90.0, 0.01)
"""Thresholds that fit, lie near the peak, flap, are in another unit, and are always true."""


def measured(number: int, step: float) -> FloatArray:
    """Ten series with a day's rhythm and noise; every fourth condition has lost samples."""
    random = np.random.default_rng(number)
    times = np.arange(int(MONTH / step)) * step
    values = 0.35 + 0.2 * np.sin(2 * np.pi * times / 86400.0) + 0.02 * random.normal(size=(SERIES, len(times)))
    if number % 4 == 0:
        values[random.random(values.shape) < LOST] = np.nan
    return values


def run(conditions: int, step: float) -> None:
    """Judge so many conditions and print what it took."""
    judging = sorting = 0.0
    verdicts: Counter[str] = Counter()
    for number in range(conditions):
        values = measured(number, step)
        threshold = Threshold(Comparison.ABOVE, LIMITS[number % len(LIMITS)], hold=900.0, high=1.0, factors=(100.0,))
        before = process_time()
        verdicts[fit(threshold, Samples(values, START, step, 60.0)).verdict] += 1
        after = process_time()
        np.sort(values, axis=None)
        judging, sorting = judging + after - before, sorting + process_time() - after
    size = conditions * SERIES * int(MONTH / step)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{conditions:,} conditions × {SERIES} series × 30 days every {step:.0f} s = {size:,} samples")
    each, ratio = 1000 * judging / conditions, judging / sorting
    print(f"  judged in {judging:.1f} s of CPU, {each:.1f} ms each, {ratio:.2f} of sorting them")
    print(f"  peak memory {peak:.0f} MB; " + ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items())))


def main() -> None:
    """Both steps, at the small size or the whole one."""
    for step in STEPS:
        run(FULL if "--full" in sys.argv else SMALL, step)


if __name__ == "__main__":
    main()
