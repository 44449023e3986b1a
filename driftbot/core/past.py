"""Pasts: how an alert came to be what it is, version by version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from driftbot.core.commit import Commit
from driftbot.core.fact import Value
from driftbot.core.quantity import Quantity
from driftbot.core.subject import Subject

GIT_CHANGES = "git.changes"
"""The key of an alert that tells every change of its meaning."""


@dataclass(frozen=True, slots=True)
class Version:
    """What an alert asks and how loudly, as one commit or night had it.

    ``expression`` is in canonical form, ``hold`` and ``keep_firing`` are seconds, ``routing`` its other labels as
    ``name=value``, sorted.
    """

    expression: str
    hold: float = 0.0
    keep_firing: float = 0.0
    severity: str = ""
    routing: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> Version:
        """The version by ``VERSION_KEYS``; what is not stated is as Prometheus takes it where nobody writes it."""
        routing = values.get("routing", ())
        return cls(
            str(values.get("expression", "")),
            _seconds(values.get("hold")),
            _seconds(values.get("keep_firing")),
            str(values.get("severity", "")),
            routing if isinstance(routing, tuple) else (),
        )


VERSION_KEYS = ("expression", "hold", "keep_firing", "severity", "routing")
"""The keys of an alert that a version of it consists of."""


def _seconds(value: Value | None) -> float:
    return value.value if isinstance(value, Quantity) else 0.0


@dataclass(frozen=True, slots=True)
class Revision:
    """A version and since when: of a commit, or of the night that first saw it (``commit`` is None).

    ``at`` None means that it stood before anything is known.
    """

    version: Version
    at: datetime | None = None
    commit: Commit | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """The revisions of one alert, the oldest first, the last one in force today; ``source`` tells of it."""

    subject: Subject
    source: str
    revisions: tuple[Revision, ...]

    def about(self, subject: Subject) -> Past:
        """The same past of another subject."""
        return replace(self, subject=subject)
