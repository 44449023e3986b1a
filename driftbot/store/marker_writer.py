"""Markers on their way into the store: what was told before is not told twice, and what was corrected away is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, update

from driftbot.core.marker import Marker, MarkerSpan
from driftbot.core.marker_book import ChangeName, one_each, same_moment
from driftbot.core.subject import Subject
from driftbot.store import tables
from driftbot.store.dictionary import Row, next_id
from driftbot.store.marker_reader import describe, described
from driftbot.store.vocabulary import Vocabulary

_LATEST = 7 * 86400.0
"""By how much (seconds) a standing marker may be late and still be found for one that is told now."""


class MarkerWriter:
    """Lays a night's markers over the standing ones.

    A marker of the same subject, cause, name and source within the time by which one of both may be late is the same
    one; the earlier of both stands from then on.
    """

    def __init__(self, connection: Connection, vocabulary: Vocabulary, night: int) -> None:
        self._connection, self._vocabulary, self._night = connection, vocabulary, night

    def add(self, markers: Iterable[Marker], told: Iterable[MarkerSpan]) -> None:
        """Write what is new; close what a source told whole and did not tell again."""
        fresh, spans = one_each(markers), tuple(told)
        if not fresh and not spans:
            return
        standing = self._standing([*(marker.at for marker in fresh), *(span.since for span in spans)])
        known = _by_name(standing)
        confirmed: set[int] = set()
        corrected: set[int] = set()
        new: list[Marker] = []
        for marker in fresh:
            alike = known[ChangeName.of(marker)] - corrected
            same = {number for number in alike if same_moment(standing[number], marker)}
            earlier = min((number for number in same if standing[number].at <= marker.at), default=None)
            if earlier is None:
                corrected |= same
                new.append(marker)
            else:
                confirmed |= same
                self._relabel(earlier, standing[earlier], marker)
        withdrawn = {number for number, marker in standing.items() if any(span.holds(marker) for span in spans)}
        self._close(sorted(corrected | (withdrawn - confirmed)))
        self._insert(new)

    def _standing(self, times: Sequence[float]) -> dict[int, Marker]:
        """The standing markers that may be one of those at ``times``, by number."""
        marker = tables.marker.c
        query = described().where(marker.closed.is_(None), marker.at >= min(times) - _LATEST)
        subjects: dict[tuple[int, int | None], Subject] = {}
        return {row.id: describe(row, subjects) for row in self._connection.execute(query)}

    def _relabel(self, number: int, known: Marker, told: Marker) -> None:
        """Give a standing marker the newest labels of its subject."""
        if known.subject.labels != told.subject.labels:
            labels = self._vocabulary.labels(told.subject.labels)
            changed = update(tables.marker).where(tables.marker.c.id == number).values(labels=labels)
            self._connection.execute(changed)

    def _close(self, numbers: Sequence[int]) -> None:
        if numbers:
            closed = update(tables.marker).where(tables.marker.c.id == bindparam("number")).values(closed=self._night)
            self._connection.execute(closed, [{"number": number} for number in numbers])

    def _insert(self, markers: Sequence[Marker]) -> None:
        words, first = self._vocabulary, next_id(self._connection, tables.marker)
        words.learn_labels(marker.subject.labels for marker in markers)
        rows: list[Row] = [
            {
                "id": number,
                "subject": words.subjects[marker.subject.kind, marker.subject.environment, marker.subject.name],
                "cause": marker.cause.value,
                "name": marker.name,
                "at": marker.at,
                "late_by": marker.late_by,
                "commit_id": marker.commit,
                "place": words.places[marker.origin.source, marker.origin.locator],
                "line": marker.origin.line,
                "query": words.text(marker.origin.query),
                "labels": words.labels(marker.subject.labels),
                "opened": self._night,
                "closed": None,
            }
            for number, marker in enumerate(markers, first)
        ]
        words.flush()
        if rows:
            self._connection.execute(insert(tables.marker), rows)


def _by_name(standing: dict[int, Marker]) -> defaultdict[ChangeName, set[int]]:
    found: defaultdict[ChangeName, set[int]] = defaultdict(set)
    for number, marker in standing.items():
        found[ChangeName.of(marker)].add(number)
    return found
