"""Releases out of what ran in which version: the first sight of one, and the return of one that was gone. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftbot.core.marker import Cause, Marker
from driftbot.core.series import FloatArray, Series
from driftbot.core.subject import Subject
from driftbot.signals.release import ReleaseSignal

DAY = 86400.0

GONE = 2
"""Points at which something else ran, and a version did not, before it counts as gone and may come back."""

LONGEST_GAP = DAY
"""After a longer gap in everything that the signal tells (seconds) nobody knows when what runs now was released."""

NEWCOMER = 7 * DAY
"""Something new counts as released only if it was not there for so long (seconds) before; jobs run now and then."""

STEADY = 0.8
"""Share of the points since its first sight at which something new must be there: it serves, it is no job."""

MOST_A_DAY = 4.0
FEWEST = 20
"""More changes than both (in the window, by its days) are no releases: a label that changes by itself."""

LONGEST_NAME = 200
"""Characters of a version that are kept."""

Points = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a subject of which one version follows another."""

    subject: Subject
    part: str


@dataclass(slots=True)
class Releases:
    """The releases found, and the units whose versions change too often to be versions, with their changes."""

    markers: list[Marker] = field(default_factory=list)
    churning: dict[Unit, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sight:
    """Where and how many of each version of a unit ran; ``seen`` are the points at which anything of it did."""

    seen: Points
    total: FloatArray
    versions: dict[str, tuple[Points, FloatArray]]


def releases_of(counted: Sequence[Series], signal: ReleaseSignal, step: float) -> Releases:
    """The releases that a signal's counts tell, each version a series on one grid of ``step`` seconds.

    The first sight of a version is a release: a canary is one when it begins, not again when it takes over. A version
    that was gone while others ran and becomes the most common one again is a release once more (a rollback). What
    runs at the left edge of all that is told is no release, nor what is first seen after a gap in everything that is
    longer than ``LONGEST_GAP``; after a shorter one it is late by the gap. Something wholly new is one if it was not
    there for ``NEWCOMER`` and stays.
    """
    found = Releases()
    if not counted:
        return found
    first = min(float(series.times[0]) for series in counted)
    told = np.unique(np.concatenate([_points(series, first, step) for series in counted]))
    origin = counted[0].origin
    for unit, series in sorted(_units(counted, signal).items(), key=lambda item: (item[0].subject, item[0].part)):
        moments = list(_moments(_sight(series, first, step), told, step))
        most = max(FEWEST, MOST_A_DAY * (told[-1] - told[0]) * step / DAY)
        if len(moments) > most:
            found.churning[unit] = len(moments)
            continue
        for point, version, late_by in moments:
            at = first + point * step
            name = version[:LONGEST_NAME]
            found.markers.append(Marker(unit.subject, at, name, Cause.RELEASE, origin, late_by))
    return found


def _units(counted: Iterable[Series], signal: ReleaseSignal) -> dict[Unit, dict[str, Series]]:
    units: dict[Unit, dict[str, Series]] = defaultdict(dict)
    for series in counted:
        running = signal.running(series.subject)
        if running is not None:
            units[Unit(running.subject, running.part)][running.version] = series
    return units


def _points(series: Series, first: float, step: float) -> Points:
    return np.rint((series.times - first) / step).astype(np.int64)


def _sight(series: dict[str, Series], first: float, step: float) -> _Sight:
    versions = {version: (_points(one, first, step), one.values) for version, one in sorted(series.items())}
    seen = np.unique(np.concatenate([points for points, _ in versions.values()]))
    total = np.zeros(len(seen))
    for points, counts in versions.values():
        total[np.searchsorted(seen, points)] += counts
    return _Sight(seen, total, versions)


def _moments(sight: _Sight, told: Points, step: float) -> Iterator[tuple[int, str, float]]:
    """The points at which versions were released, each with its version and by how much it may be late."""
    for version, (points, counts) in sight.versions.items():
        place = np.searchsorted(sight.seen, points)
        starts = np.flatnonzero(np.diff(place, prepend=-GONE - 1) > GONE)
        common = counts > sight.total[place] / 2
        for number, start in enumerate(starts.tolist()):
            end = int(starts[number + 1]) if number + 1 < len(starts) else len(points)
            point, before = int(points[start]), int(place[start])
            if before == 0:
                late_by = _newcomer(sight, told, step)
            elif number == 0 or common[start:end].any():
                late_by = _lateness(point, told, step)
            else:
                late_by = None
            if late_by is not None:
                yield point, version, late_by


def _newcomer(sight: _Sight, told: Points, step: float) -> float | None:
    """By how much the first sight of a unit may be late; None where it is no release."""
    point = int(sight.seen[0])
    if (point - told[0]) * step < NEWCOMER:
        return None
    since = told[np.searchsorted(told, point) :]
    if len(sight.seen) < STEADY * len(since):
        return None
    return _lateness(point, told, step)


def _lateness(point: int, told: Points, step: float) -> float | None:
    """The time since anything at all was told before the point; None where that is too long ago."""
    last = int(told[np.searchsorted(told, point) - 1])
    late_by = (point - last) * step
    return late_by if late_by <= max(LONGEST_GAP, step) else None
