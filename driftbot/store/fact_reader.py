"""Facts, subjects and coverage as they were known on a night."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, View
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Labels, Subject, labels_of
from driftbot.store import documents, tables
from driftbot.store.columns import unescaped
from driftbot.store.fact_rows import VIEWS, Asked, FactMaker, labels_at, labels_until, selected, stood


def facts_at(
    connection: Connection,
    night: int,
    environment: str | None = None,
    subject: Asked = None,
    kinds: Collection[str] | None = None,
) -> tuple[Fact, ...]:
    """Every fact that was known on the night, sorted; also those that a gap hid from it."""
    rows = connection.execute(selected(environment, subject, kinds).where(stood(tables.fact, night))).all()
    return FactMaker().sorted_facts(rows, labels_at(connection, night, subject))


def facts_seen_at(connection: Connection, night: int) -> tuple[Fact, ...]:
    """The facts that the night itself read, sorted: without those that a gap hid from it."""
    heard, scope, lapse = tables.heard.c, tables.scope.c, tables.lapse.c
    spoken = select(scope.source, scope.environment, scope.kind).join_from(tables.heard, tables.scope)
    scopes = {tuple(row) for row in connection.execute(spoken.where(heard.night == night))}
    hidden = lapse.since <= night, or_(lapse.until.is_(None), lapse.until > night)
    lapsed = set(connection.execute(select(lapse.fact).where(*hidden)).scalars())
    rows = (
        row
        for row in connection.execute(selected().where(stood(tables.fact, night))).all()
        if row.id not in lapsed and (unescaped(row.source), unescaped(row.environment), unescaped(row.kind)) in scopes
    )
    return FactMaker().sorted_facts(rows, labels_at(connection, night))


def facts_stated(connection: Connection, environment: str, kind: str, keys: Collection[str]) -> tuple[Fact, ...]:
    """What each source stated of these keys when it was last heard, sorted; the subjects are unlabelled."""
    fact, lapse = tables.fact.c, tables.lapse.c
    lapsed = exists().where(lapse.fact == fact.id, lapse.until.is_(None))
    standing = fact.closed.is_(None), fact.view != _APPROVED, ~lapsed
    query = selected(environment, kinds={kind}).where(*standing, tables.fact_key.c.name.in_(sorted(keys)))
    return FactMaker().sorted_facts(connection.execute(query).all(), {})


def snapshot_at(connection: Connection, night: int, as_of: datetime) -> Snapshot:
    """What the night read, what it looked at, and the subjects that it did not see but could not rule out."""
    facts = facts_seen_at(connection, night)
    seen = {fact.subject for fact in facts if fact.view is not View.APPROVED}
    lingering = tuple(subject for subject in subjects_at(connection, night) if subject not in seen)
    return Snapshot(as_of, facts, coverage=coverage_at(connection, night), lingering=lingering)


def subjects_at(connection: Connection, night: int) -> tuple[Subject, ...]:
    """Every subject that somebody other than an approval stated a fact about, with all its labels, sorted."""
    return _subjects(connection, _stated(stood(tables.fact, night)), labels_at(connection, night))


def subjects_gone_at(connection: Connection, night: int) -> tuple[Subject, ...]:
    """Every subject that an earlier night knew and this one no more, with the labels it had last, sorted."""
    once = _stated(tables.fact.c.opened <= night) & ~_stated(stood(tables.fact, night))
    return _subjects(connection, once, labels_until(connection, night))


def _stated(when: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that somebody other than an approval stated a fact about the subject."""
    return exists().where(tables.fact.c.subject == tables.subject.c.id, when, tables.fact.c.view != _APPROVED)


def _subjects(
    connection: Connection, known: ColumnElement[bool], said: Mapping[tuple[int, str], Labels]
) -> tuple[Subject, ...]:
    labels: dict[int, dict[str, str]] = defaultdict(dict)
    for (number, _), stated in sorted(said.items()):
        labels[number].update(stated)
    subject = tables.subject.c
    rows = connection.execute(select(subject.id, subject.kind, subject.environment, subject.name).where(known))
    return tuple(sorted(Subject(*row[1:], labels_of(labels.get(row[0], {}))) for row in rows))


_APPROVED = VIEWS.index(View.APPROVED)


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
