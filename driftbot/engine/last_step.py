"""The last lasting step of each series, and the marker beside it: what somebody changed about that time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftbot.core.marker import Cause, Marker
from driftbot.engine.answers import Steps
from driftbot.engine.column import Rows

if TYPE_CHECKING:
    from driftbot.detectors.steps.change_points import ChangePoints

BEFORE, AFTER = 86400.0, 6 * 3600.0
"""Seconds before and after a step within which a marker stands beside it: a change takes effect at once or within a
day (a rollout, a cache that fills), and a step is placed some hours early at worst. Ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The change points of one panel, whose cells are ``step`` seconds long."""

    points: ChangePoints
    step: float


def last_steps(
    length: int, parts: Sequence[tuple[Rows, Found]], markers_of: Callable[[int], Sequence[Marker]]
) -> tuple[Steps, tuple[Marker | None, ...]]:
    """The last step that lasts of each of ``length`` rows, and its cause where a marker stands beside it."""
    steps = Steps(np.zeros(length, dtype=np.bool_), *(np.full(length, np.nan) for _ in range(6)))
    causes: list[Marker | None] = [None] * length
    for rows, found in parts:
        points = found.points
        for place in _last_of_each(points):
            row = int(rows[points.series[place]])
            steps.told[row] = True
            named = (points.at, points.before, points.after, points.change, points.low, points.high)
            targets = (steps.at, steps.before, steps.after, steps.change, steps.low, steps.high)
            for target, values in zip(targets, named, strict=True):
                target[row] = values[place]
            causes[row] = beside(markers_of(row), float(points.at[place]), found.step)
    return steps, tuple(causes)


def _last_of_each(points: ChangePoints) -> list[int]:
    """The places of each series' last lasting change point."""
    lasting = np.flatnonzero(points.lasts)
    order = lasting[np.lexsort((points.at[lasting], points.series[lasting]))]
    ends = np.flatnonzero(np.diff(points.series[order], append=-1))
    found: list[int] = order[ends].tolist()
    return found


def beside(markers: Sequence[Marker], at: float, step: float) -> Marker | None:
    """The marker nearest to a step that is placed to within a cell of ``step`` seconds; of equally near ones a release.

    Markers may be seen late, never early.
    """
    near = [one for one in markers if at - BEFORE - step <= one.at <= at + max(AFTER, step) + one.late_by]
    return min(near, key=lambda one: (abs(one.at - at), one.cause is not Cause.RELEASE), default=None)
