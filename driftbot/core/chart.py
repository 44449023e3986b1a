"""Charts: what a person has to see to check an answer about a series by eye. Data only; reports draw them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.quantity import Unit


class HeldAgainst(StrEnum):
    """Whose behaviour the baseline of a chart is."""

    ITSELF = "itself"
    PEERS = "peers"


@dataclass(frozen=True, slots=True)
class Band:
    """A line with what lies around it: times (Unix seconds), and lower edge, middle and upper edge at each.

    A value that is not finite is not known there.
    """

    times: tuple[float, ...]
    lower: tuple[float, ...]
    middle: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        if {len(self.lower), len(self.middle), len(self.upper)} != {len(self.times)}:
            raise ValueError("a band's times and edges differ in length")


@dataclass(frozen=True, slots=True)
class Flag:
    """A named moment on the time axis (Unix seconds): a change point, a release, the day a limit is reached."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A series with what was concluded from it.

    ``times`` (Unix seconds) and ``values`` (in ``unit``) are the series as it was judged, thinned to a few hundred
    points; ``baseline`` is what was usual, of the series or of the peers that it is ``held_against``, and ``forecast``
    what is expected (80 % each), ``trend`` the fitted line; ``changes`` are change points, ``markers`` releases and
    changes of settings beside them; ``limit`` is a level. What does not apply is None or empty. A missing sample is
    left out, or not finite where the grid is kept: no line joins over it.
    """

    key: str
    unit: Unit
    times: tuple[float, ...]
    values: tuple[float, ...]
    baseline: Band | None = None
    trend: Band | None = None
    forecast: Band | None = None
    limit: float | None = None
    changes: tuple[Flag, ...] = ()
    markers: tuple[Flag, ...] = ()
    held_against: HeldAgainst = HeldAgainst.ITSELF

    def __post_init__(self) -> None:
        if len(self.times) != len(self.values):
            raise ValueError(f"chart of {self.key}: times and values differ in length")
