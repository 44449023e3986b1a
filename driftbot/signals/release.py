"""A release signal: the query that tells which versions run, and how its labels become a subject and a version."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.quantity import Unit
from driftbot.core.subject import Labels, Subject
from driftbot.signals.signal import Aggregation, Signal

KEY = "release"
"""What is asked for, as gaps and notes call it."""

APART = "\x1f"
"""What stands between subject, part and version in the name of what is counted."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a series of a release signal is about: a version of a part of a subject."""

    subject: Subject
    part: str
    version: str


@dataclass(frozen=True, slots=True)
class ReleaseSignal:
    """A query whose values say how many (pods, processes) run a version, a series each version.

    ``subject`` is the pattern of the subject's name and ``version`` that of the version; versions of one ``part`` (a
    container, a program) follow each other. ``labels`` name the subject's labels and the pattern of each.
    """

    name: str
    kind: str
    meaning: str
    query: str
    subject: str
    version: str
    part: str = ""
    labels: Labels = ()
    step: float = 3600.0

    def counting(self) -> Signal:
        """A signal that counts what runs, a subject each version; ``running`` takes it apart again."""
        named = APART.join((self.subject, self.part, self.version))
        return Signal(
            self.name, self.kind, KEY, Unit.COUNT, self.meaning, self.query, named, "", self.labels, self.step,
            Aggregation.SUM,
        )  # fmt: skip

    def running(self, counted: Subject) -> Running | None:
        """What a subject of ``counting`` stands for; None where a label holds the separator."""
        parts = counted.name.split(APART)
        if len(parts) != 3:
            return None
        name, part, version = parts
        return Running(Subject(self.kind, counted.environment, name, counted.labels), part, version)
