"""Releases out of what ran in which version: the first sight of one, and the return of one that was gone. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftbot.core.fact import Origin
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

SAMPLES_AT_ONCE, UNITS_AT_ONCE = 1_000_000, 1_000
"""Samples and units that are looked at together, so that memory stays bounded."""

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
class _Block:
    """What ran of some units, a sample a line, sorted by series and time; series of one unit follow each other.

    ``point`` is the time on the grid and ``common`` whether more than half of the unit ran that version. ``place``
    numbers the points at which anything of a unit ran, all units after one another; ``first`` is a unit's first place.
    """

    series: Points
    point: Points
    common: NDArray[np.bool_]
    place: Points
    first: Points


def releases_of(counted: Sequence[Series], signal: ReleaseSignal, step: float, partial: bool = False) -> Releases:
    """The releases that a signal's counts tell, each version a series on one grid of ``step`` seconds.

    The first sight of a version is a release: a canary is one when it begins, not again when it takes over. A version
    that was gone while others ran and becomes the most common one again is a release once more (a rollback). What
    runs at the left edge of all that is told is no release, nor what is first seen after a gap in everything that is
    longer than ``LONGEST_GAP``; after a shorter one it is late by the gap. Something wholly new is one if it was not
    there for ``NEWCOMER`` and stays; not in ``partial`` answers, where it may only have been missing.
    """
    found = Releases()
    if not counted:
        return found
    grid = _Grid.of(counted, step, partial)
    for units in _batches(_units(counted, signal)):
        moments = _moments(units, grid)
        for unit in units:
            _take(unit, moments.get(unit, []), grid, found)
    return found


def _take(unit: Unit, moments: Sequence[_Moment], grid: _Grid, found: Releases) -> None:
    if len(moments) > max(FEWEST, MOST_A_DAY * grid.days):
        found.churning[unit] = len(moments)
        return
    for point, version, late_by in moments:
        at, name = grid.start + point * grid.step, version[:LONGEST_NAME]
        found.markers.append(Marker(unit.subject, at, name, Cause.RELEASE, grid.origin, late_by))


@dataclass(frozen=True, slots=True)
class _Grid:
    """The times of a signal's answers, and the points of them at which it told anything at all.

    ``partial`` says that answers may lack what ran.
    """

    start: float
    step: float
    told: Points
    origin: Origin
    partial: bool

    @classmethod
    def of(cls, counted: Sequence[Series], step: float, partial: bool) -> _Grid:
        start = min(float(series.times[0]) for series in counted)
        last = max(float(series.times[-1]) for series in counted)
        there = np.zeros(round((last - start) / step) + 1, np.bool_)
        for series in counted:
            there[np.rint((series.times - start) / step).astype(np.int64)] = True
        return cls(start, step, np.flatnonzero(there), counted[0].origin, partial)

    @property
    def days(self) -> float:
        """How long it is."""
        return float(self.told[-1] - self.told[0]) * self.step / DAY

    def points(self, times: FloatArray) -> Points:
        """The points of these times."""
        return np.rint((times - self.start) / self.step).astype(np.int64)

    def lateness(self, point: int) -> float | None:
        """The time since anything at all was told before the point; None where that is too long ago."""
        late_by = float(point - self.told[np.searchsorted(self.told, point) - 1]) * self.step
        return late_by if late_by <= max(LONGEST_GAP, self.step) else None


_Moment = tuple[int, str, float]
"""A point at which a version was released, and by how much (seconds) it may be late."""


def _units(counted: Iterable[Series], signal: ReleaseSignal) -> dict[Unit, dict[str, Series]]:
    units: dict[Unit, dict[str, Series]] = defaultdict(dict)
    for series in counted:
        running = signal.running(series.subject)
        if running is not None:
            units[Unit(running.subject, running.part)][running.version] = series
    return dict(sorted(units.items(), key=lambda item: (item[0].subject, item[0].part)))


def _batches(units: dict[Unit, dict[str, Series]]) -> Iterator[dict[Unit, dict[str, Series]]]:
    """The units in batches of a bounded number of samples."""
    batch: dict[Unit, dict[str, Series]] = {}
    samples = 0
    for unit, versions in units.items():
        batch[unit] = versions
        samples += sum(len(series.times) for series in versions.values())
        if samples >= SAMPLES_AT_ONCE or len(batch) >= UNITS_AT_ONCE:
            yield batch
            batch, samples = {}, 0
    if batch:
        yield batch


def _block(units: dict[Unit, dict[str, Series]], grid: _Grid) -> _Block:
    all_series = [series for versions in units.values() for series in versions.values()]
    lengths = [len(series.times) for series in all_series]
    point = grid.points(np.concatenate([series.times for series in all_series]))
    count = np.concatenate([series.values for series in all_series])
    unit = np.repeat(np.repeat(np.arange(len(units)), [len(versions) for versions in units.values()]), lengths)
    # What ran at all, unit after unit: a sample's place among it tells what ran before.
    size = int(grid.told[-1]) + 1
    there = np.zeros(len(units) * size, np.bool_)
    there[unit * size + point] = True
    places: Points = np.cumsum(there) - there
    place: Points = places[unit * size + point]
    total = np.bincount(place, count)
    first: Points = places[np.arange(len(units)) * size]
    series = np.repeat(np.arange(len(all_series)), lengths)
    return _Block(series, point, count > total[place] / 2, place, first[unit])


def _moments(units: dict[Unit, dict[str, Series]], grid: _Grid) -> dict[Unit, list[_Moment]]:
    """The releases of each unit, by version and time."""
    block = _block(units, grid)
    named = [(unit, version) for unit, versions in units.items() for version in versions]
    apart = np.diff(block.place, prepend=-1) > GONE
    fresh = np.diff(block.series, prepend=-1) > 0
    starts = np.flatnonzero(apart | fresh)
    common = np.logical_or.reduceat(block.common, starts)
    told = fresh[starts] | common
    found: dict[Unit, list[_Moment]] = defaultdict(list)
    for start in starts[told].tolist():
        unit, version = named[block.series[start]]
        point = int(block.point[start])
        newcomer = block.place[start] == block.first[start]
        late_by = _newcomer(units[unit], point, grid) if newcomer else grid.lateness(point)
        if late_by is not None:
            found[unit].append((point, version, late_by))
    return found


def _newcomer(versions: dict[str, Series], point: int, grid: _Grid) -> float | None:
    """By how much the first sight of a unit may be late; None where it is no release."""
    if grid.partial or (point - grid.told[0]) * grid.step < NEWCOMER:
        return None
    seen = np.unique(np.concatenate([series.times for series in versions.values()]))
    if len(seen) < STEADY * (len(grid.told) - np.searchsorted(grid.told, point)):
        return None
    return grid.lateness(point)
