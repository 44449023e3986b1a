"""Change points: when a series' level changed for good, by how much, and how surely; many series at once.

The season is taken out (``baseline.py``); medians of six hours are searched for steps (``step_search.py``), and the
time of each is refined on the samples. Among releases' shifts, drifts, heavy tails and outliers only a jump is a
change point: a ramp is none, and a level that came back is told as one that does not last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians
from driftbot.detectors.panel import Panel
from driftbot.detectors.steps.excursion import lasting
from driftbot.detectors.steps.step import Steps
from driftbot.detectors.steps.step_cost import cost, strength_for
from driftbot.detectors.steps.step_search import steps, thinned
from driftbot.detectors.steps.step_time import refined
from driftbot.detectors.usual.baseline import Baselines

PIECE = 6 * 3600.0
"""Seconds whose median is one point of the search: long enough for the noise of hours to forget itself."""

LEAST_CHANGE = 0.01
"""The smallest change told: one per cent. Ours; a smaller one matters to nobody, however sure."""

LEAST_NOISE = 0.002
"""The least relative standard deviation that noise is taken to have, against series without any. Ours."""

STRENGTH = 4.3
"""What a step has to show beyond 3 log n in n points (that is the usual penalty) for ``segments`` to tell it. Ours: 22
are needed in a year of days, where chance then makes a step in about one series of a thousand."""

_EIGHTY_PER_CENT = 1.2816
"""Standard errors on either side of a normal estimate that hold 80 %."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ChangePoints:
    """Change points, one an entry, sorted by series and time.

    ``series`` is the row of the panel, ``at`` (Unix seconds) the first sample after the change; ``before`` and
    ``after`` are the levels on both sides in the unit of the series, ``change`` what was added to the level as a share
    of it (0.1: a tenth more), with the ends ``low`` and ``high`` of its 80 % interval; infinite where the level before
    is zero.
    ``cost`` is how many false notices a week one series would cost if changes this sure were told (lower is surer).
    ``lasts`` is False where the level came back since, and where the change is such a coming back.
    """

    series: NDArray[np.int64]
    at: FloatArray
    before: FloatArray
    after: FloatArray
    change: FloatArray
    low: FloatArray
    high: FloatArray
    cost: FloatArray
    lasts: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Steps of plain series, sorted by row and place: ``first`` is the column after the step; levels are in the unit of
    the series; ``strength`` is the squared difference over its variance."""

    series: NDArray[np.int64]
    first: NDArray[np.int64]
    before: FloatArray
    after: FloatArray
    strength: FloatArray


def segments(values: FloatArray, strength: float | None = None) -> Segments:
    """The steps of series without a season (series, columns); what is not finite is missing.

    Positive series are searched on log scale, others as they are. A step is told from ``strength`` on, or from the
    usual one for so many columns.
    """
    needed = strength if strength is not None else usual_strength(values.shape[1])
    plain = np.where(np.isfinite(values), values, np.nan)
    logarithmic: Flags = np.logical_not((plain <= 0).any(axis=1))
    scale = _sizes(plain)
    working = np.where(logarithmic[:, None], np.log(np.where(plain > 0, plain, np.nan)), plain / scale[:, None])
    found = _large(steps(working, needed, LEAST_NOISE))
    before, after = (_natural(level, found, logarithmic, scale) for level in (found.before, found.after))
    return Segments(found.series, found.first, before, after, found.strength)


def usual_strength(points: int) -> float:
    """The strength from which a step in so many points is told, where no budget of notices says another one."""
    return STRENGTH + 3.0 * math.log(max(points, 2))


def change_points(panel: Panel, baselines: Baselines, allowance: float) -> ChangePoints:
    """The changes of level that cost at most ``allowance`` false notices a week and series, if told every night."""
    width = max(1, round(PIECE / panel.step))
    pieces = thinned(baselines.adjusted, width)
    if not baselines.enough.all():
        pieces = np.where(baselines.enough[:, None], pieces, np.nan)
    found = _large(steps(pieces, strength_for(allowance), LEAST_NOISE))
    stays = lasting(found, pieces)
    return _told(refined(found, baselines.adjusted, width), stays, panel, baselines)


def _told(found: Steps, stays: Flags, panel: Panel, baselines: Baselines) -> ChangePoints:
    before, after = (
        _natural(level, found, baselines.logarithmic, baselines.scale) for level in (found.before, found.after)
    )
    far = _EIGHTY_PER_CENT * found.error
    logarithmic = baselines.logarithmic[found.series]
    return ChangePoints(
        series=found.series,
        at=panel.start + panel.step * found.first.astype(np.float64),
        before=before,
        after=after,
        change=_share(found, found.height, logarithmic),
        low=_share(found, found.height - far, logarithmic),
        high=_share(found, found.height + far, logarithmic),
        cost=cost(found.strength),
        lasts=stays,
    )


def _share(found: Steps, height: FloatArray, logarithmic: Flags) -> FloatArray:
    size = np.abs(found.before)
    linear = np.where(size > 0, height / np.where(size > 0, size, 1.0), np.copysign(np.inf, height))
    share: FloatArray = np.where(logarithmic, np.expm1(np.where(logarithmic, height, 0.0)), linear)
    return share


def _natural(level: FloatArray, found: Steps, logarithmic: Flags, scale: FloatArray) -> FloatArray:
    chosen = logarithmic[found.series]
    natural: FloatArray = np.where(chosen, np.exp(np.where(chosen, level, 0.0)), level * scale[found.series])
    return natural


def _large(found: Steps) -> Steps:
    return found.where(np.abs(found.height) >= LEAST_CHANGE)


def _sizes(plain: FloatArray) -> FloatArray:
    """The median size of each row's samples, the largest where most are zero, and 1 where all are."""
    sizes = np.abs(plain) / 2.0  # The largest floats have a median, too.
    middle, largest = medians(sizes), np.fmax.reduce(sizes, axis=1, initial=0.0)
    found: FloatArray = np.where(middle > 0, middle, np.where(largest > 0, largest, 0.5))
    return 2.0 * found
