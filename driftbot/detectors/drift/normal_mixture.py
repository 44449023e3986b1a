"""Normal mixtures: their moments and likelihoods, of many at once.

Arrays of moments begin with level, rate, the level's variance, its covariance with the rate, and the rate's variance.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray


def mean(share: FloatArray, apart: FloatArray, other: FloatArray) -> FloatArray:
    """The mean of two values of which the first, of that share, is so far from the other; changes ``other``."""
    other += share * apart
    return other


def likelihoods(variance: FloatArray, squared: FloatArray, often: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Likelihoods of normal distributions times how often they hold, and the inverses of the variances."""
    inverse = np.divide(1.0, variance, out=variance)
    likely = squared * inverse
    likely *= -0.5
    np.exp(likely, out=likely)
    likely *= np.sqrt(inverse)
    likely *= often
    return likely, inverse


def two_merged(one: FloatArray, other: FloatArray, share: FloatArray) -> FloatArray:
    """The moments of a mixture of two stories, of which the first has that share."""
    off = one - other
    found: FloatArray = other + share * off
    level, rate = off[:2]
    both = share * (1.0 - share)
    spread = both * level
    found[2] += spread * level
    found[3] += spread * rate
    found[4] += both * rate * rate
    return found


def merged(state: FloatArray) -> FloatArray:
    """The moments of the mixture of stories: what ``state`` holds but the share; shares have the sum one."""
    level, rate, levels, joint, rates, share = state
    middle, speed = (share * level).sum(axis=0), (share * rate).sum(axis=0)
    off, faster = level - middle, rate - speed
    spreads = (levels + off * off, joint + off * faster, rates + faster * faster)
    return np.stack((middle, speed, *((share * each).sum(axis=0) for each in spreads)))
