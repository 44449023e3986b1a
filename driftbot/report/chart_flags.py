"""Which moments of a chart are named: change points first, then what stands beside them, then the newest."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from driftbot.core.chart import Chart, Flag
from driftbot.report.chart_window import Window, dated

MOST_CHANGES, MOST_MARKERS = 6, 9
"""Moments of each sort that are named; the others are marked and counted (ours: a list that is read)."""


class Sort(StrEnum):
    """What happened at a moment."""

    CHANGE = "change"
    EXPECTED = "expected"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Named:
    """A moment with the key under which a list tells it; ``across`` is its part of the width, None outside of it."""

    key: str
    sort: Sort
    flag: Flag
    across: float | None


@dataclass(frozen=True, slots=True)
class Flags:
    """The moments of a chart: those that are named, in the order of time in their sort; the places of the others."""

    named: tuple[Named, ...]
    unnamed: tuple[float, ...]
    left_out: int


def flags(chart: Chart, seen: Window) -> Flags:
    """The moments that a chart names: A, B … for change points and dates, 1, 2 … for releases and settings."""
    changes, markers = _rising(chart.changes), _rising(chart.markers)
    told = changes[-MOST_CHANGES:]
    beside = _beside(markers, told)
    named = [
        *(_named(key, _sort(flag, chart), flag, seen) for key, flag in zip(string.ascii_uppercase, told, strict=False)),
        *(_named(key, Sort.MARKER, flag, seen) for key, flag in zip(string.digits[1:], beside, strict=False)),
    ]
    rest = [flag for flag in (*changes, *markers) if flag not in (*told, *beside)]
    places = (_place(flag, seen) for flag in rest)
    return Flags(tuple(named), tuple(place for place in places if place is not None), len(rest))


def _rising(some: Sequence[Flag]) -> tuple[Flag, ...]:
    """The moments that have a date, each once."""
    known = ~np.isnan(dated([flag.at for flag in some])) if some else ()
    return tuple(sorted({flag for flag, is_known in zip(some, known, strict=True) if is_known}, key=_order))


def _order(flag: Flag) -> tuple[float, str]:
    return flag.at, flag.label


def _beside(markers: Sequence[Flag], changes: Sequence[Flag]) -> tuple[Flag, ...]:
    """The nearest neighbour of each change, then the newest; few enough to be all named."""
    if len(markers) <= MOST_MARKERS:
        return tuple(markers)
    nearest = {min(markers, key=lambda marker: abs(marker.at - change.at)) for change in changes}
    for marker in reversed(markers):
        if len(nearest) >= MOST_MARKERS:
            break
        nearest.add(marker)
    return tuple(sorted(nearest, key=_order))


def _sort(flag: Flag, chart: Chart) -> Sort:
    """A change that a forecast tells has not happened yet: the day a limit is reached."""
    return Sort.EXPECTED if chart.forecast and chart.times and flag.at > max(chart.times) else Sort.CHANGE


def _named(key: str, sort: Sort, flag: Flag, seen: Window) -> Named:
    return Named(key, sort, flag, _place(flag, seen))


def _place(flag: Flag, seen: Window) -> float | None:
    share = (flag.at - seen.left) / (seen.right - seen.left)
    return share if 0.0 <= share <= 1.0 else None
