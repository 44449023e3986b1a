"""Neighbours: how often an alert would have fired at other thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftbot.detectors.fit.levels import Levels

SHARES = (-0.25, -0.1, 0.1, 0.25)
"""By how much of itself a threshold is moved for its neighbours."""

QUANTILES = (0.99, 0.999, 1.0)
"""Of what the worst series held, at each of which a threshold is tried."""


@dataclass(frozen=True, slots=True, order=True)
class Neighbour:
    """A threshold, and how often in a week the alert would have fired at it."""

    threshold: float
    firings: float


def neighbours(levels: Levels) -> tuple[Neighbour, ...]:
    """The thresholds about today's and those at the top of what was held, in rising order, each once."""
    if not levels.ordered:
        return ()
    today = levels.threshold.value
    held = levels.worst[~np.isnan(levels.worst)]
    tops = np.quantile(held, QUANTILES, method="lower") if held.size else np.empty(0)
    wanted = {rounded(today * (1 + share)) for share in SHARES} | {rounded(levels.sign * float(top)) for top in tops}
    return tuple(Neighbour(at, levels.firings_a_week(levels.sign * at)) for at in sorted(wanted - {today}))


def rounded(value: float) -> float:
    """The value to four significant digits, as it is told."""
    return float(f"{value:.4g}")
