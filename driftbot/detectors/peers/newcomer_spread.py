"""The noise of newcomers in large groups: held against what members of their level have, by a robust covariance.

Larger members stray less, as a rule: a canary whose noise lies within that of all others may still have twice the noise
of those of its size. Level and noise are therefore judged together, by scikit-learn's minimum covariance determinant
(Rousseeuw and Van Driessen, A Fast Algorithm for the Minimum Covariance Determinant Estimator, Technometrics 41, 1999),
which a few odd members do not turn as they turn a least-squares line.
"""

from __future__ import annotations

import warnings

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.peers.departure import LEAST_BEFORE, OF_MEDIANS, RECENT, Departure, Usual
from driftbot.detectors.peers.group_block import median, there
from driftbot.detectors.peers.relation import Relation

LARGE = 30
"""Members with history from which on a covariance is worth its estimate."""

CORE = 0.9
"""Share of the members from which the covariance is taken: up to a tenth may be odd."""


def newcomer_spread(of: Relation, usual: Usual) -> Departure:
    """How far the noise of members without history is from that of old ones of their level (log scale); NaN for all
    others, and in groups with fewer than ``LARGE`` old ones or where all of these are alike."""
    old = there(of.level[:, :, :-RECENT], 2) >= LEAST_BEFORE
    level, spread = median(of.level[:, :, -RECENT:], 2), median(of.spread[:, :, -RECENT:], 2)
    known = ~np.isnan(level) & ~np.isnan(spread)
    young = ~old & known & ~np.isnan(of.level[:, :, -1])
    expected, variance = np.full(level.shape, np.nan), np.full(level.shape, np.nan)
    for group in np.flatnonzero(young.any(axis=1) & ((old & known).sum(axis=1) >= LARGE)):
        members = np.column_stack((level[group], spread[group]))
        found = _given_level(members, old[group] & known[group], young[group])
        expected[group], variance[group] = found
    change = np.where(young, spread - expected, np.nan)
    of_noise = OF_MEDIANS * usual.noise**2 / np.maximum(there(of.spread[:, :, -RECENT:], 2), 1.0)
    error = np.sqrt(np.where(young, of_noise, np.nan))
    score = change / np.sqrt(of_noise + variance)
    return Departure(change, error, score, there(of.level[:, :, -RECENT:], 2), np.zeros(level.shape, dtype=bool))


def _given_level(members: FloatArray, old: Flags, young: Flags) -> tuple[FloatArray, FloatArray]:
    """Expected noise at each young member's level, and its variance among the old ones; NaN where not known."""
    from sklearn.covariance import MinCovDet

    nothing = np.full(len(members), np.nan)
    known = members[old][np.lexsort(members[old].T)]
    if np.ptp(known, axis=0).min() <= 0.0 or len(np.unique(known, axis=0)) < LARGE:
        return nothing, nothing
    middle = np.median(known, axis=0)
    with warnings.catch_warnings():
        # Of samples in few steps it says that some covariance on its way was singular; the one it ends with is checked.
        warnings.simplefilter("ignore")
        fitted = MinCovDet(support_fraction=CORE, random_state=0).fit(known - middle)
    (of_level, both), (_, of_spread) = fitted.covariance_
    if not (of_level > 0.0 and np.isfinite(fitted.covariance_).all()):
        return nothing, nothing
    slope = both / of_level
    away = members[:, 0] - middle[0] - fitted.location_[0]
    expected = np.where(young, middle[1] + fitted.location_[1] + slope * away, np.nan)
    leverage = 1.0 + (1.0 + away**2 / of_level) / len(known)
    return expected, np.where(young, np.maximum(of_spread - slope * both, 0.0) * leverage, np.nan)
