"""What a drift notice costs: how often chance alone gives as strong evidence, in false notices a week.

Two kinds of chance add up, each falling exponentially with the evidence: noise, of which a Bayes factor is rarely large
(J. Ville, Étude critique de la notion de collectif (1939)), and shifts that happen to follow each other in one
direction, which is rarer and falls slower. The rates were fitted to notices under nightly evaluation of series that
stand still (230 years) and of series that their releases shift (200 years), at the worse of the two. They lie a tenth
above what was counted, and a third where releases are known, after a count on other seeds. Beyond what so many years
show once (0.02 a series-year) the slower kind is extended, which ``benchmarks/detectors/bench_estate.py`` checks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.core.series import FloatArray


@dataclass(frozen=True, slots=True)
class _Chance:
    """False notices a week at some evidence, and by which power of e they fall for each unit more."""

    rate: float
    at: float
    fall: float

    def at_least(self, evidence: FloatArray) -> FloatArray:
        rate: FloatArray = self.rate * np.exp(np.clip(self.fall * (self.at - evidence), -_MOST, _MOST))
        return rate


_MOST = 300.0
WITH_RELEASES = (_Chance(0.0210, 5.0, 2.2), _Chance(0.0023, 8.0, 0.5))
WITHOUT_RELEASES = (_Chance(0.0209, 5.0, 1.8), _Chance(0.0034, 8.0, 0.5))


def cost(evidence: FloatArray, *, released: bool) -> FloatArray:
    """False notices a week of one series under nightly evaluation at this evidence (logarithm of a Bayes factor)."""
    noise, shifts = WITH_RELEASES if released else WITHOUT_RELEASES
    return noise.at_least(evidence) + shifts.at_least(evidence)
