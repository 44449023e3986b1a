"""Snapshots: everything known at one time, and readings: what one source contributes to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact
from driftbot.core.marker import Marker, MarkerSpan
from driftbot.core.past import Past
from driftbot.core.series import Series
from driftbot.core.span import Measured
from driftbot.core.subject import Subject, distinct


@dataclass(frozen=True, slots=True)
class Unjoined:
    """Something that could not be joined to what other sources know, with the reason and a hint."""

    subject: Subject
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source told: facts, series, how alerts came to be what they are, markers, and what it looked at.

    ``marked`` says of which times all markers were told.
    """

    facts: tuple[Fact, ...] = ()
    series: tuple[Series, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    unjoined: tuple[Unjoined, ...] = ()
    notes: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    pasts: tuple[Past, ...] = ()
    markers: tuple[Marker, ...] = ()
    marked: tuple[MarkerSpan, ...] = ()

    @classmethod
    def merged(cls, readings: Iterable[Reading]) -> Reading:
        """All readings as one, in the order given."""
        parts = tuple(readings)
        return cls(
            facts=tuple(fact for part in parts for fact in part.facts),
            series=tuple(series for part in parts for series in part.series),
            coverage=tuple(entry for part in parts for entry in part.coverage),
            unjoined=tuple(entry for part in parts for entry in part.unjoined),
            notes=tuple(note for part in parts for note in part.notes),
            measured=tuple(entry for part in parts for entry in part.measured),
            pasts=tuple(past for part in parts for past in part.pasts),
            markers=tuple(marker for part in parts for marker in part.markers),
            marked=tuple(span for part in parts for span in part.marked),
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known at one time; ``as_of`` is timezone-aware.

    ``lingering`` are subjects not seen now but last seen inside coverage that is incomplete now: they exist for the
    rules, with nothing known about them. ``markers`` are sorted by time; they tell of subjects and make none exist.
    """

    as_of: datetime
    facts: tuple[Fact, ...] = ()
    series: tuple[Series, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    lingering: tuple[Subject, ...] = ()
    markers: tuple[Marker, ...] = ()

    def subjects(self) -> tuple[Subject, ...]:
        """All subjects, each once with the labels of all that was said about it, sorted."""
        labels: dict[Subject, dict[str, str]] = {}
        told = (*(s.subject for s in self.series), *(f.subject for f in self.facts))
        for subject in (*self.lingering, *distinct(told)):
            labels.setdefault(subject, {}).update(subject.labels)
        known = (subject.with_labels(found) for subject, found in labels.items())
        return tuple(sorted(known, key=lambda subject: (subject.kind, subject.environment, subject.name)))
