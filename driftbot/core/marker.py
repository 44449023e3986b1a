"""Markers: moments at which somebody changed something, so that a change of what is measured has a neighbour."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from driftbot.core.fact import Origin
from driftbot.core.subject import Subject


class Cause(StrEnum):
    """What was changed."""

    RELEASE = "release"
    SETTING = "setting"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Marker:
    """One change of one subject: when, and its name (a version, an image, ``timeout.request 1s → 300ms``).

    ``at`` (Unix seconds) is when it was first seen in effect; it may be late by the step at which its source was read.
    """

    subject: Subject
    at: float
    name: str
    cause: Cause = Cause.RELEASE
    origin: Origin = field(default=Origin(""))
