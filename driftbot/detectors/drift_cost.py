"""What a drift notice costs: how often chance alone gives as strong evidence, in false notices a week.

The estate's budget needs rates far below one a series-year. Counts over simulated years of nightly evaluations, of
still series and of series that their releases shift, fall exponentially with the evidence, as they must for a Bayes
factor (chance exceeds e^x less often than e^-x; J. Ville, Étude critique de la notion de collectif (1939)). The line
fitted to the worse of the two at each rate is extended; ``benchmarks/detectors/bench_drift.py`` checks it.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray

WITH_RELEASES = (-0.2, 0.83)
WITHOUT_RELEASES = (0.8, 0.83)
"""Intercept and slope of the negative logarithm of false notices a week over the logarithm of the Bayes factor."""


def cost(evidence: FloatArray, *, released: bool) -> FloatArray:
    """False notices a week of one series under nightly evaluation at this evidence (logarithm of a Bayes factor)."""
    intercept, slope = WITH_RELEASES if released else WITHOUT_RELEASES
    out: FloatArray = np.exp(-np.clip(intercept + slope * evidence, -_MOST, _MOST))
    return out


_MOST = 700.0
