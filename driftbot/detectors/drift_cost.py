"""What a drift notice costs: how often chance alone gives as strong evidence, in false notices a week.

The rates were fitted to notices under nightly evaluation of series that stand still (268 years) and of series that
their releases shift (472 years; seeds below 100), at the second, which is the worse of the two by 2 to 6 times at equal
evidence. Their peaks fall exponentially: a generalised Pareto distribution (J. Pickands, Ann. Statist. 3 (1975),
119-131) has the shape 0.01 where releases are known and 0.04 where they are not. In the latter case shifts that happen
to follow each other in one direction are rarer and fall slower: a second kind, seen in a handful of series. The rates
lie a tenth above what was counted. 0.02 a series-year, which an estate of 2,000 allows, is about the least that was
counted at all; what lies below is extrapolated.
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
WITH_RELEASES = (_Chance(0.0128, 6.0, 1.7),)
WITHOUT_RELEASES = (_Chance(0.0231, 7.0, 1.75), _Chance(0.00031, 10.0, 0.45))


def cost(evidence: FloatArray, *, released: bool) -> FloatArray:
    """False notices a week of one series under nightly evaluation at this evidence (logarithm of a Bayes factor)."""
    first, *others = WITH_RELEASES if released else WITHOUT_RELEASES
    return sum((each.at_least(evidence) for each in others), first.at_least(evidence))
