"""The line of Theil (1950) and Sen (1968) through each of many rows at once.

Its slope is the median of the slopes between all pairs, its level the median of what remains: up to 29 % of the points
can be wild without moving it far.
"""

from __future__ import annotations

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians


def theil_sen(places: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Level at place 0 and slope (rows,) of ``values`` (rows, points; NaN: missing) at ``places`` (points,).

    NaN where there are not two points. Work and memory grow with the square of the points: give a few dozen.
    """
    earlier, later = np.triu_indices(len(places), k=1)
    slope = medians((values[:, later] - values[:, earlier]) / (places[later] - places[earlier]))
    level = medians(values - slope[:, None] * places[None, :])
    return level, slope
