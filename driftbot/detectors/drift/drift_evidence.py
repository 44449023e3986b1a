"""Drift evidence: what all onsets together say for a drift, tonight and on the nights just before.

The logarithm of a Bayes factor. Onsets lie a factor apart, so that each stands for as many days as it lies back, and
any day is as likely an onset as another but for what ``drift_hypothesis.py`` says of their age. An onset needs two
weeks of before: in a short window a few shifts pass for a drift that was always there. A drift that was told stays told
while its evidence falls by little: the highest bar that was passed on one of the last nights and nearly held since is
what counts. That spares notices that come, go and come.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.drift.drift_filter import Weighed
from driftbot.detectors.drift.drift_hypothesis import ONSETS

SLACK = 1.5
"""By how much the evidence may fall short of the bar afterwards: from 5 to 1 odds to even ones. Ours."""

BEFORE = 14
"""Days that have to be known before an onset. Ours."""

_FIRST = float(min(ONSETS))
_NEVER = -1e3


def gains(weighed: Weighed, watched: FloatArray, nights: int = 0) -> FloatArray:
    """What each hypothesis but the still one gains over it so many nights ago: (hypotheses - 1, series).

    ``watched`` (series,) are the days since the first level of each. Hypotheses with an onset less than ``BEFORE`` days
    after that, or with less than the shortest onset behind them by then, have no chance.
    """
    chosen = weighed.hypotheses[1:]
    days = np.array([each.days for each in chosen], dtype=np.float64)
    behind = days - nights
    weight = np.where(behind >= _FIRST, np.log(np.maximum(behind, _FIRST) / _FIRST), _NEVER)
    weight += np.array([each.weight for each in chosen])
    known = days[:, None] <= np.maximum(watched - BEFORE, _FIRST)
    likelihood = weighed.likelihood[-1 - nights]
    gained: FloatArray = likelihood[1:] - likelihood[0] + np.where(known, weight[:, None], _NEVER)
    return gained


def evidence(weighed: Weighed, watched: FloatArray) -> FloatArray:
    """The evidence for any drift of each series, as a notice has to pass it."""
    held = found = _together(gains(weighed, watched))
    for nights in range(1, len(weighed.likelihood)):
        then = _together(gains(weighed, watched, nights))
        found = np.maximum(found, np.minimum(then, held + SLACK))
        held = np.minimum(held, then)
    return found


def _together(gained: FloatArray) -> FloatArray:
    top = gained.max(axis=0)
    together: FloatArray = top + np.log(np.exp(gained - top).sum(axis=0))
    return together
