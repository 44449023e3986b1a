"""Rows of facts with everything they refer to, and the facts that they make."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Text, or_, select, type_coerce

from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.subject import Labels, Subject, SubjectId, labels_of
from driftbot.store import tables
from driftbot.store.columns import unescaped
from driftbot.store.dictionary import subject_digest
from driftbot.store.value_text import from_text

VIEWS = tuple(View)
PROVENANCES = tuple(Provenance)
Asked = SubjectId | Subject | None
"""The subject asked for; None for all."""

_QUERY = tables.content.alias("query")
_in_order = itemgetter(slice(0, 12))


def selected(
    environment: str | None = None, subject: Asked = None, kinds: Collection[str] | None = None
) -> Select[Any]:
    """Facts joined with their dictionaries; the first twelve columns are what facts are sorted by."""
    fact, place, about = tables.fact.c, tables.place.c, tables.subject.c
    query = (
        select(
            *(_raw(about.kind), _raw(about.environment), _raw(about.name), _raw(tables.fact_key.c.name, "key")),
            *(fact.view, _raw(place.source), _raw(place.locator)),
            *(fact.line, fact.column_number, fact.start_byte, fact.end_byte, tables.content.c.body),
            *(fact.id, fact.opened, fact.closed, fact.provenance, fact.value),
            *(fact.subject, _QUERY.c.body.label("query")),
        )
        .join_from(tables.fact, tables.subject, fact.subject == about.id)
        .join(tables.fact_key, fact.key == tables.fact_key.c.id)
        .join(tables.place, fact.place == place.id)
        .join(tables.content, fact.value == tables.content.c.id)
        .outerjoin(_QUERY, fact.query == _QUERY.c.id)
    )
    if environment is not None:
        query = query.where(about.environment == environment)
    if kinds is not None:
        query = query.where(about.kind.in_(sorted(kinds)))
    return query if subject is None else query.where(is_about(subject))


def _raw(column: Column[str], name: str = "") -> ColumnElement[str]:
    # Unescaping is left to the words' own cache: a hundred thousand rows share a few thousand words.
    return type_coerce(column, Text).label(name or column.name)


def is_about(subject: SubjectId | Subject) -> ColumnElement[bool]:
    """The condition on the table of subjects that a row is this one's."""
    return tables.subject.c.digest == subject_digest(subject.kind, subject.environment, subject.name)


def stood(table: Any, night: int) -> ColumnElement[bool]:
    """The condition that an interval held on the night."""
    held: ColumnElement[bool] = (table.c.opened <= night) & or_(table.c.closed.is_(None), table.c.closed > night)
    return held


def labels_selected(subject: Asked = None) -> Select[Any]:
    """Label intervals with subject's number, source and labels."""
    labels, scope = tables.label_set.c, tables.scope.c
    query = (
        select(labels.subject, labels.opened, labels.closed, scope.source, tables.content.c.body)
        .join_from(tables.label_set, tables.scope, labels.scope == scope.id)
        .join(tables.content, labels.labels == tables.content.c.id)
    )
    if subject is None:
        return query
    return query.join(tables.subject, labels.subject == tables.subject.c.id).where(is_about(subject))


def labels_at(connection: Connection, night: int, subject: Asked = None) -> dict[tuple[int, str], Labels]:
    """The labels that held on the night, by subject's number and source."""
    return _labels(connection, labels_selected(subject).where(stood(tables.label_set, night)))


def labels_until(connection: Connection, night: int) -> dict[tuple[int, str], Labels]:
    """The labels that held on the night or last before it, by subject's number and source."""
    opened = tables.label_set.c.opened
    return _labels(connection, labels_selected().where(opened <= night).order_by(opened))


def _labels(connection: Connection, query: Select[Any]) -> dict[tuple[int, str], Labels]:
    read: dict[str, Labels] = {}
    found = {}
    for row in connection.execute(query).all():
        if row.body not in read:
            read[row.body] = labels_of(json.loads(row.body))
        found[row.subject, row.source] = read[row.body]
    return found


class _Words(dict[str, str]):
    """Unescaped words by the stored ones."""

    def __missing__(self, stored: str) -> str:
        self[stored] = unescaped(stored)
        return self[stored]


class FactMaker:
    """Makes facts of rows; what is the same is made once."""

    def __init__(self) -> None:
        self._words = _Words()
        self._subjects: dict[tuple[int, str, Labels], Subject] = {}
        self._values: dict[int, Value] = {}
        # What a server says follows upon one another and stands nowhere in it.
        self._place: object = None
        self._origin = Origin("")

    def sorted_facts(self, rows: Iterable[Any], labels: dict[tuple[int, str], Labels]) -> tuple[Fact, ...]:
        """A fact a row, sorted by subject, key, view and origin."""
        return tuple(
            self.fact(row, labels.get((row.subject, self._words[row.source]), ()))
            for row in sorted(rows, key=_in_order)
        )

    def fact(self, row: Any, labels: Labels) -> Fact:
        """One fact whose subject carries these labels."""
        kind, environment, name, key, view, source, locator, line, column, start, end, body = row[:12]
        words, about = self._words, (row.subject, source, labels)
        if about not in self._subjects:
            self._subjects[about] = Subject(words[kind], words[environment], words[name], labels)
        if row.value not in self._values:
            self._values[row.value] = from_text(body)
        place = source, locator, line, column, start, end, row.query
        if place != self._place:
            query = json.loads(row.query) if row.query else ""
            self._place, self._origin = place, Origin(words[source], words[locator], line, column, start, end, query)
        provenance = PROVENANCES[row.provenance]
        return Fact(self._subjects[about], words[key], self._values[row.value], VIEWS[view], provenance, self._origin)
