"""Charts: what a person has to see to check an answer about a series by eye. Data only; reports draw them."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.quantity import Unit


@dataclass(frozen=True, slots=True)
class Band:
    """A line with what lies around it: times (Unix seconds), and lower edge, middle and upper edge at each."""

    times: tuple[float, ...]
    lower: tuple[float, ...]
    middle: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A named moment on the time axis (Unix seconds): a change point, a release, the day a limit is reached."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A series with what was concluded from it.

    ``times`` (Unix seconds) and ``values`` (in ``unit``) are the series as it was judged, thinned to a few hundred
    points; ``baseline`` is what was usual, ``trend`` the fitted line, ``forecast`` what is expected (80 %); ``changes``
    are change points, ``markers`` releases and changes of settings beside them; ``limit`` is a level. What does not
    apply is None or empty.
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
