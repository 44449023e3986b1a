"""Nights: what the drift detector says of a fleet, night for night, with the window and the markers of that night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectors.fleet import DAY, HOUR, START, Fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.drift.drift import Drifts, drifts
from driftbot.detectors.panel import Panel
from driftbot.detectors.usual.baseline import baselines

Flags = NDArray[np.bool_]
WINDOW = 90
FIRST = 28
"""The first night: four weeks are known."""
YEAR = 365.25


class Markers(StrEnum):
    """Which releases the detector is told of."""

    KNOWN = "all markers"
    MISSING = "20 % of the markers missing"
    LATE = "20 % of the markers late by up to a day"
    NONE = "no markers"


def marked(fleet: Fleet, markers: Markers, seed: int) -> tuple[FloatArray, ...]:
    """The releases as they are told."""
    rng = np.random.default_rng(seed)
    match markers:
        case Markers.KNOWN:
            return fleet.releases
        case Markers.MISSING:
            return tuple(times[rng.random(len(times)) >= 0.2] for times in fleet.releases)
        case Markers.LATE:
            return tuple(
                np.sort(times + (rng.random(len(times)) < 0.2) * rng.uniform(HOUR, DAY, len(times)))
                for times in fleet.releases
            )
    return (np.empty(0),) * len(fleet.releases)


@dataclass(frozen=True, slots=True, eq=False)
class Night:
    """What was found at the end of a day (counted from the start of the fleet)."""

    day: int
    found: Drifts


def night(fleet: Fleet, releases: tuple[FloatArray, ...], day: int, allowance: float) -> Night:
    """The drifts as of the end of a day, from the days before it alone."""
    first = max(0, day - WINDOW)
    values = np.ascontiguousarray(fleet.values[:, first * 24 : day * 24])
    panel = Panel(START + first * DAY, HOUR, values)
    until = START + day * DAY
    known = tuple(times[times <= until] for times in releases)
    return Night(day, drifts(panel, baselines(panel), known, allowance))


def notices(told: Flags) -> NDArray[np.int64]:
    """Of nights × series: how often each series is told tonight and was not told last night."""
    begins = told.copy()
    begins[1:] &= ~told[:-1]
    counted: NDArray[np.int64] = begins.sum(axis=0)
    return counted


def delays(told: Flags, days: NDArray[np.int64], began: FloatArray) -> FloatArray:
    """Days from each series' onset to its first night told after it; infinite where there is none."""
    after = told & (days[:, None] > began[None, :])
    first = days[after.argmax(axis=0)].astype(np.float64)
    return np.where(after.any(axis=0), first - began, np.inf)
