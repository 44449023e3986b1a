"""Facts, subjects and coverage as they were known on a night, and the life of a value over all nights."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.history import Interval
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Labels, Subject, SubjectId, labels_of
from driftbot.store import documents, tables
from driftbot.store.dictionary import subject_digest
from driftbot.store.value_text import from_text

_VIEWS = tuple(View)
_PROVENANCES = tuple(Provenance)
_QUERY = tables.content.alias("query")


def facts_at(
    connection: Connection, night: int, environment: str | None = None, subject: SubjectId | Subject | None = None
) -> tuple[Fact, ...]:
    """Every fact that was known on the night, sorted; also those that a gap hid from it."""
    rows = connection.execute(_selected(environment, subject).where(_stood(tables.fact, night)))
    return _sorted(_Reader(_labels_at(connection, night, subject)).facts(rows))


def facts_seen_at(connection: Connection, night: int) -> tuple[Fact, ...]:
    """The facts that the night itself read, sorted: without those that a gap hid from it."""
    heard, scope, lapse = tables.heard.c, tables.scope.c, tables.lapse.c
    spoken = select(scope.source, scope.environment, scope.kind).join_from(tables.heard, tables.scope)
    scopes = {tuple(row) for row in connection.execute(spoken.where(heard.night == night))}
    hidden = lapse.since <= night, or_(lapse.until.is_(None), lapse.until > night)
    lapsed = set(connection.execute(select(lapse.fact).where(*hidden)).scalars())
    rows = (
        row
        for row in connection.execute(_selected().where(_stood(tables.fact, night)))
        if (row.source, row.environment, row.kind) in scopes and row.id not in lapsed
    )
    return _sorted(_Reader(_labels_at(connection, night)).facts(rows))


def snapshot_at(connection: Connection, night: int, as_of: datetime) -> Snapshot:
    """What the night read, what it looked at, and the subjects that it did not see but could not rule out."""
    facts = facts_seen_at(connection, night)
    seen = {fact.subject for fact in facts}
    lingering = tuple(subject for subject in subjects_at(connection, night) if subject not in seen)
    return Snapshot(as_of, facts, coverage=coverage_at(connection, night), lingering=lingering)


def subjects_at(connection: Connection, night: int) -> tuple[Subject, ...]:
    """Every subject that somebody other than an approval stated a fact about, with all its labels, sorted."""
    labels: dict[int, dict[str, str]] = defaultdict(dict)
    for (number, _), stated in sorted(_labels_at(connection, night).items()):
        labels[number].update(stated)
    subject, fact = tables.subject.c, tables.fact.c
    known = exists().where(
        fact.subject == subject.id, _stood(tables.fact, night), fact.view != _VIEWS.index(View.APPROVED)
    )
    rows = connection.execute(select(subject.id, subject.kind, subject.environment, subject.name).where(known))
    return tuple(sorted(Subject(*row[1:], labels_of(labels.get(row[0], {}))) for row in rows))


def coverage_at(connection: Connection, night: int) -> tuple[Coverage, ...]:
    """What the night looked at, in the order it was told."""
    coverage, content = tables.coverage.c, tables.content.c
    rows = connection.execute(
        select(content.body)
        .join_from(tables.coverage, tables.content)
        .where(coverage.night == night)
        .order_by(coverage.number)
    )
    return tuple(documents.coverage(json.loads(body)) for (body,) in rows)


def history_of(
    connection: Connection, subject: SubjectId | Subject, key: str | None, nights: dict[int, datetime]
) -> tuple[Interval, ...]:
    """Every interval of the subject, or of one key of it, by key and time."""
    rows = connection.execute(_history(subject, key)).all()
    presence = Presence(connection, [row.id for row in rows])
    labels = _LabelHistory(connection, subject)
    reader = _Reader({})
    found = [
        Interval(
            reader.fact(row, labels.at(row.source, row.closed)),
            nights[row.opened],
            nights[presence.last_seen(row)],
            None if row.closed is None else nights[row.closed],
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda interval: (interval.fact.key, interval.first_seen, _order(interval.fact))))


def _history(subject: SubjectId | Subject, key: str | None) -> Select[Any]:
    return (
        _selected(subject=subject) if key is None else _selected(subject=subject).where(tables.fact_key.c.name == key)
    )


def _selected(environment: str | None = None, subject: SubjectId | Subject | None = None) -> Select[Any]:
    fact, place, content = tables.fact.c, tables.place.c, tables.content.c
    about = tables.subject.c
    query = (
        select(
            *(fact.id, fact.opened, fact.closed, fact.view, fact.provenance, fact.value),
            *(fact.line, fact.column_number, fact.start_byte, fact.end_byte),
            *(about.id.label("subject"), about.kind, about.environment, about.name),
            *(tables.fact_key.c.name.label("key"), place.source, place.locator),
            *(content.body, _QUERY.c.body.label("query")),
        )
        .join_from(tables.fact, tables.subject, fact.subject == about.id)
        .join(tables.fact_key, fact.key == tables.fact_key.c.id)
        .join(tables.place, fact.place == place.id)
        .join(tables.content, fact.value == content.id)
        .outerjoin(_QUERY, fact.query == _QUERY.c.id)
    )
    if environment is not None:
        query = query.where(about.environment == environment)
    return query if subject is None else query.where(about.digest == _digest(subject))


def _digest(subject: SubjectId | Subject) -> bytes:
    return subject_digest(subject.kind, subject.environment, subject.name)


def _stood(table: Any, night: int) -> ColumnElement[bool]:
    stood: ColumnElement[bool] = (table.c.opened <= night) & or_(table.c.closed.is_(None), table.c.closed > night)
    return stood


def _labels_at(
    connection: Connection, night: int, subject: SubjectId | Subject | None = None
) -> dict[tuple[int, str], Labels]:
    """The labels that held on the night, by subject's number and source."""
    query = _labels(subject).where(_stood(tables.label_set, night))
    read: dict[str, Labels] = {}
    found = {}
    for row in connection.execute(query):
        if row.body not in read:
            read[row.body] = labels_of(json.loads(row.body))
        found[row.subject, row.source] = read[row.body]
    return found


def _labels(subject: SubjectId | Subject | None) -> Select[Any]:
    labels, scope = tables.label_set.c, tables.scope.c
    query = (
        select(labels.subject, labels.opened, labels.closed, scope.source, tables.content.c.body)
        .join_from(tables.label_set, tables.scope, labels.scope == scope.id)
        .join(tables.content, labels.labels == tables.content.c.id)
    )
    if subject is None:
        return query
    return query.join(tables.subject, labels.subject == tables.subject.c.id).where(
        tables.subject.c.digest == _digest(subject)
    )


class _LabelHistory:
    """The labels of one subject over all nights."""

    def __init__(self, connection: Connection, subject: SubjectId | Subject) -> None:
        self._rows = connection.execute(_labels(subject)).all()

    def at(self, source: str, closed: int | None) -> Labels:
        """The labels by that source on the last night before ``closed``; the newest for None."""
        for row in self._rows:
            held = row.closed is None if closed is None else row.opened < closed and (row.closed or closed) >= closed
            if row.source == source and held:
                return labels_of(json.loads(row.body))
        return ()


class Presence:
    """On which nights intervals were really seen."""

    def __init__(self, connection: Connection, facts: Iterable[int]) -> None:
        heard, scope, lapse = tables.heard.c, tables.scope.c, tables.lapse.c
        self._heard: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        spoken = select(heard.night, scope.source, scope.environment, scope.kind)
        for row in connection.execute(spoken.join_from(tables.heard, tables.scope).order_by(heard.night)):
            self._heard[row.source, row.environment, row.kind].append(row.night)
        self._lapses: defaultdict[int, list[tuple[int, int | None]]] = defaultdict(list)
        hidden = select(lapse.fact, lapse.since, lapse.until).where(lapse.fact.in_(list(facts)))
        for number, since, until in connection.execute(hidden):
            self._lapses[number].append((since, until))

    def last_seen(self, row: Any) -> int:
        """The last night on which a row of ``fact`` was seen: at least the one that opened it."""
        nights = self._heard[row.source, row.environment, row.kind]
        end = len(nights) if row.closed is None else bisect_left(nights, row.closed)
        for night in reversed(nights[:end]):
            if night <= row.opened:
                break
            if not any(since <= night and (until is None or night < until) for since, until in self._lapses[row.id]):
                return night
        return int(row.opened)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes facts of rows; what is the same is made once."""

    labels: dict[tuple[int, str], Labels]

    def facts(self, rows: Iterable[Any]) -> Iterator[Fact]:
        """A fact a row."""
        subjects: dict[tuple[int, str], Subject] = {}
        values: dict[int, Value] = {}
        for row in rows:
            about, stated = (row.subject, row.source), row.value
            if about not in subjects:
                subjects[about] = Subject(row.kind, row.environment, row.name, self.labels.get(about, ()))
            if stated not in values:
                values[stated] = from_text(row.body)
            yield _fact(row, subjects[about], values[stated])

    def fact(self, row: Any, labels: Labels) -> Fact:
        """One fact with labels of its own."""
        return _fact(row, Subject(row.kind, row.environment, row.name, labels), from_text(row.body))


def _fact(row: Any, subject: Subject, value: Value) -> Fact:
    query = json.loads(row.query) if row.query else ""
    origin = Origin(row.source, row.locator, row.line, row.column_number, row.start_byte, row.end_byte, query)
    return Fact(subject, row.key, value, _VIEWS[row.view], _PROVENANCES[row.provenance], origin)


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=_order))


def _order(fact: Fact) -> tuple[str, str, str, str, str, Origin, str]:
    subject = fact.subject
    return subject.kind, subject.environment, subject.name, fact.key, fact.view, fact.origin, str(fact.value)
