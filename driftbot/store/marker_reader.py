"""Markers on their way out of the store: those of a time, as they were known on a night."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Select, select

from driftbot.core.fact import Origin
from driftbot.core.marker import Cause, Marker
from driftbot.core.subject import Subject, labels_of
from driftbot.store import tables
from driftbot.store.fact_rows import stood

_QUERY = tables.content.alias("query")
_LABELS = tables.content.alias("labels")


def markers_at(connection: Connection, night: int, start: float | None, end: float | None) -> tuple[Marker, ...]:
    """The markers with ``start <= at <= end`` (Unix seconds) known on the night, sorted."""
    query = described().where(stood(tables.marker, night))
    if start is not None:
        query = query.where(tables.marker.c.at >= start)
    if end is not None:
        query = query.where(tables.marker.c.at <= end)
    subjects: dict[tuple[int, int | None], Subject] = {}
    found = (describe(row, subjects) for row in connection.execute(query))
    return tuple(sorted(found, key=lambda marker: marker.rank))


def described() -> Select[Any]:
    """The query for markers with everything they refer to; its rows are for ``describe``."""
    marker, about, place = tables.marker.c, tables.subject.c, tables.place.c
    return (
        select(
            *(marker.id, marker.subject, marker.cause, marker.name.label("marked"), marker.at, marker.late_by),
            *(marker.commit_id, marker.line, marker.opened, marker.closed, marker.labels.label("label_set")),
            *(about.kind, about.environment, about.name, place.source, place.locator),
            *(_QUERY.c.body.label("query"), _LABELS.c.body.label("labels")),
        )
        .join_from(tables.marker, tables.subject, marker.subject == about.id)
        .join(tables.place, marker.place == place.id)
        .outerjoin(_QUERY, marker.query == _QUERY.c.id)
        .outerjoin(_LABELS, marker.labels == _LABELS.c.id)
    )


def describe(row: Any, subjects: dict[tuple[int, int | None], Subject]) -> Marker:
    """The marker of a row of ``described``; ``subjects`` remembers those that were made already."""
    name = row.subject, row.label_set
    if name not in subjects:
        labels = labels_of(json.loads(row.labels)) if row.labels else ()
        subjects[name] = Subject(row.kind, row.environment, row.name, labels)
    query = json.loads(row.query) if row.query else ""
    origin = Origin(row.source, row.locator, line=row.line, query=query)
    return Marker(subjects[name], row.at, row.marked, Cause(row.cause), origin, row.late_by, row.commit_id)
