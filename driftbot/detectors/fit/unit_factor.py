"""Unit mistakes: a threshold that everything ever seen misses by the factor between two usual units."""

from __future__ import annotations

import numpy as np

from driftbot.detectors.fit.levels import Levels

ALL = 0.99
"""Share of samples on one side of a threshold that are as good as all: a start or a fault may give the others."""

BAND = (0.5, 4.0)
"""Where a threshold in the right unit lies, in multiples of the extreme that was seen: from half of it (it fires in
what was seen) to four times it. Ours; wide, as the factors are 100 and more."""


def meant(levels: Levels) -> float | None:
    """The threshold in the unit of what is measured, where it was written in another one; else None.

    Nothing or everything that was seen is beyond the threshold, and the threshold divided by one of its factors would
    lie where thresholds lie. Which side of the extreme that is depends on the side it fires on.
    """
    extreme, value = levels.sign * levels.top, levels.threshold.value
    if not (levels.ordered and np.isfinite(extreme) and extreme * value > 0):
        return None
    low, high = _band(levels, extreme)
    share = float(levels.beyond(levels.bridged, levels.limit).sum()) / max(1, int((~np.isnan(levels.bridged)).sum()))
    if 0.0 < share < ALL:
        return None
    fitting = (
        corrected
        for corrected in (value / factor for factor in levels.threshold.factors)
        if low <= corrected / extreme <= high and _helps(levels, corrected, share)
    )
    return next((float(f"{corrected:.12g}") for corrected in fitting), None)


def _band(levels: Levels, extreme: float) -> tuple[float, float]:
    """The band on the alerting side of an extreme; without an end for what no ratio comes to, such as 5 (percent)."""
    if (extreme > 0) is not (levels.sign > 0):
        return 1 / BAND[1], 1 / BAND[0]
    beyond_nature = levels.highest <= levels.ceiling < levels.limit
    return (BAND[0], np.inf) if beyond_nature else BAND


def _helps(levels: Levels, corrected: float, share: float) -> bool:
    """Whether it moves towards what was seen, and does not pass from never to always."""
    limit = levels.sign * corrected
    towards = limit < levels.limit if share == 0.0 else limit > levels.limit
    return towards and bool((levels.worst > limit).sum() < 0.5 * (~np.isnan(levels.worst)).sum())
