"""The cost of a step: how often a series in which nothing happens would show one as strong, under nightly evaluation.

Measured, not derived: the simulated fleet and series of Gaussian, heavy-tailed and remembering noise, every night anew
with the day's points (``benchmarks/detectors/step_notices.py`` prints it: 0.04 to 0.14 a week at strength 15, 0.009 to
0.05 at 18, 0.001 to 0.01 at 21, 0.001 to 0.003 at 24, at most 0.0004 at 27). The fit lies above nearly all of that and
falls more slowly, so that beyond what was seen it errs towards silence.
"""

from __future__ import annotations

import math

import numpy as np

from driftbot.core.series import FloatArray

REFERENCE = 18.0
"""A strength, and below what was measured there."""

NOTICES = 0.04
"""False notices a week at that strength, of 360 points, four of them new every night."""

TAIL = 2.5
"""Strength by which the notices fall to 1/e of what they were."""


def cost(strength: FloatArray) -> FloatArray:
    """False notices a week that one series would cost if steps of such a strength were told."""
    found: FloatArray = NOTICES * np.exp(-(strength - REFERENCE) / TAIL)
    return found


def strength_for(allowance: float) -> float:
    """The least strength to tell so that one series costs at most that many false notices a week."""
    return REFERENCE + TAIL * math.log(NOTICES / allowance)
