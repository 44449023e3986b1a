"""What a drift notice costs: how often chance alone gives as strong evidence, in false notices a week.

Two kinds of chance add up, each falling exponentially with the evidence: noise, of which a Bayes factor is rarely large
(J. Ville, Étude critique de la notion de collectif (1939)), and shifts that follow each other in one direction. The
first was fitted to notices under nightly evaluation of series that stand still (268 years) and of series that their
releases shift (472 years; seeds below 100), at the second, which is the worse of the two; it lies a tenth above what
was counted. Shifts no larger than the noise of a day pass for slow drifts more often: the second kind was set at series
with four times the noise (130 years) as a quarter of an estate, for what an estate of 2,000 allows. Where all series
are like these, more is told than is allowed.
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
WITH_RELEASES = (_Chance(0.010284, 6.0, 1.7), _Chance(0.0005, 10.8, 0.4))
WITHOUT_RELEASES = (_Chance(0.01817, 7.0, 1.75), _Chance(0.0005, 13.7, 0.35))


def cost(evidence: FloatArray, *, released: bool) -> FloatArray:
    """False notices a week of one series under nightly evaluation at this evidence (logarithm of a Bayes factor)."""
    noise, shifts = WITH_RELEASES if released else WITHOUT_RELEASES
    return noise.at_least(evidence) + shifts.at_least(evidence)
