"""Found places held against true ones: matches within a margin, F1, and bootstrap intervals over series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from driftbot.core.series import FloatArray

MARGIN = 5
DRAWS = 1000


def matched(found: Sequence[int], true: Sequence[int], margin: int = MARGIN) -> tuple[int, int, int]:
    """How many were found, found falsely, and missed; nearest pairs first, each place in one pair."""
    pairs = sorted((abs(one - other), one, other) for one in found for other in true if abs(one - other) <= margin)
    used: set[int] = set()
    met: set[int] = set()
    for _, one, other in pairs:
        if one not in used and other not in met:
            used.add(one)
            met.add(other)
    return len(met), len(found) - len(used), len(true) - len(met)


def f1(counts: FloatArray) -> float:
    """F1 of all series together; ``counts`` (series, 3) are what ``matched`` gives."""
    hit, false, missed = counts.sum(axis=0)
    return float(2 * hit / max(2 * hit + false + missed, 1))


def f1_interval(counts: FloatArray, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of F1, series drawn anew."""
    return _interval(_drawn_f1(counts, _draws(len(counts), seed)))


def f1_lead(ours: FloatArray, theirs: FloatArray, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of our F1 minus theirs on the same series."""
    draws = _draws(len(ours), seed)
    return _interval(_drawn_f1(ours, draws) - _drawn_f1(theirs, draws))


def mean_interval(counts: FloatArray, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean over series."""
    return _interval(_draws(len(counts), seed) @ counts / len(counts))


def _draws(series: int, seed: int) -> FloatArray:
    """How often each series is drawn, draw by draw."""
    share = np.full(series, 1.0 / series)
    drawn: FloatArray = np.random.default_rng(seed).multinomial(series, share, DRAWS).astype(np.float64)
    return drawn


def _drawn_f1(counts: FloatArray, draws: FloatArray) -> FloatArray:
    hit, false, missed = (draws @ counts).T
    found: FloatArray = 2 * hit / np.maximum(2 * hit + false + missed, 1)
    return found


def _interval(drawn: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)
