"""Markers: moments at which somebody changed something, so that a change of what is measured has a neighbour."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from driftbot.core.fact import Origin
from driftbot.core.subject import Subject

MARKERS = "markers"
"""What coverage calls markers: as the kind that gaps are told for, and as its only key."""


class Cause(StrEnum):
    """What was changed."""

    RELEASE = "release"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Marker:
    """One change of one subject: when, and its name (a version, an image, ``timeout.request 1s → 300ms``).

    ``at`` (Unix seconds) is when it was first seen in effect; it may be late by ``late_by`` seconds, the step at which
    its source was read, and never early. ``commit`` is the commit it was made from, where the source tells.
    """

    subject: Subject
    at: float
    name: str
    cause: Cause = Cause.RELEASE
    origin: Origin = field(default=Origin(""))
    late_by: float = 0.0
    commit: str = ""

    def about(self, subject: Subject) -> Marker:
        """The same change of another subject."""
        if subject is self.subject:
            return self
        return Marker(subject, self.at, self.name, self.cause, self.origin, self.late_by, self.commit)

    @property
    def rank(self) -> tuple[float, Subject, str, str, Origin]:
        """By what markers are sorted: time, subject, cause, name, and who told."""
        return self.at, self.subject, self.cause.value, self.name, self.origin

    def __str__(self) -> str:
        told = f"{self.cause.value} {self.name}".rstrip()
        return f"{told} ({self.commit[:10]})" if self.commit and self.commit not in self.name else told


@dataclass(frozen=True, slots=True, order=True)
class MarkerSpan:
    """That a source told all its markers of an environment from ``since`` to ``until`` (Unix seconds, both included).

    What the store holds of that time and the source does not tell again was corrected away.
    """

    environment: str
    source: str
    since: float
    until: float

    def holds(self, marker: Marker) -> bool:
        """Whether the marker is one that the source would have told again."""
        place = marker.subject.environment, marker.origin.source
        return place == (self.environment, self.source) and self.since <= marker.at <= self.until
