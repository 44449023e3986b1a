"""Markers: moments at which somebody changed something, so that a change of what is measured has a neighbour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from driftbot.core.fact import Origin
from driftbot.core.subject import Subject

MARKERS = "markers"
"""What coverage calls markers: as the kind that gaps are told for, and as its only key."""

_IMAGE = re.compile(
    r"(?:[\w.-]+(?::\d+)?/)*(?P<repository>[\w.-]+)(?::(?P<tag>[\w.-]+))?(?:@\w+:(?P<digest>[0-9a-fA-F]+))?"
)
"""The name of an image as container registries write it, with or without its registry; plain versions fit as well."""
_DIGITS = 12
"""Digits by which a digest is known."""


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


def in_short(markers: Sequence[Marker]) -> tuple[Marker, ...]:
    """The markers with releases named as briefly as tells them apart, for a label of a few characters.

    Of an image the registry is left out, and of images that only differ in their tag all but the tag.
    """
    images = [_IMAGE.fullmatch(marker.name) if marker.cause is Cause.RELEASE else None for marker in markers]
    tagged = {image["repository"] for image in images if image and (image["tag"] or image["digest"])}
    pairs = zip(markers, images, strict=True)
    return tuple(replace(one, name=_in_short(image, len(tagged) == 1)) if image else one for one, image in pairs)


def _in_short(image: re.Match[str], is_alone: bool) -> str:
    version: str = image["tag"] or (image["digest"] or "")[:_DIGITS]
    if not version:
        return image["repository"]
    return version if is_alone else f"{image['repository']}:{version}"


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
