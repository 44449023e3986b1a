"""Series on their way out of the store: whole kinds at once, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from driftbot.core.fact import Origin
from driftbot.core.series import Series
from driftbot.core.subject import Subject, SubjectId, labels_of
from driftbot.store import samples, tables
from driftbot.store.dictionary import batches, subject_digest
from driftbot.store.series_writer import CHUNK_SECONDS

_AT_ONCE = 64
_QUERY = tables.content.alias("query")
_LABELS = tables.content.alias("labels")


def read_series(
    connection: Connection,
    kind: str | None,
    key: str | None,
    environment: str | None,
    start: float | None,
    end: float | None,
    subject: SubjectId | Subject | None,
) -> Iterator[Series]:
    """The series with samples in ``start <= time <= end`` (Unix seconds), sorted by environment, name, key, source."""
    rows = sorted(
        connection.execute(described(kind, key, environment, subject).where(tables.series.c.retired.is_(None))),
        key=attrgetter("kind", "environment", "name", "key", "source"),
    )
    for batch in batches(rows, _AT_ONCE):
        chunks = _chunks(connection, [row.id for row in batch], start, end)
        for row in batch:
            series = _cut(row, chunks.pop(row.id, []), start, end)
            if len(series.times):
                yield series


def described(
    kind: str | None = None,
    key: str | None = None,
    environment: str | None = None,
    subject: SubjectId | Subject | None = None,
) -> Any:
    """The query for what is known of series but for their samples; its rows are for ``describe``."""
    series, about, place, keys = tables.series.c, tables.subject.c, tables.place.c, tables.fact_key.c
    query = (
        select(
            *(series.id, about.kind, about.environment, about.name, keys.name.label("key")),
            *(place.source, place.locator, _QUERY.c.body.label("query"), _LABELS.c.body.label("labels")),
            series.retired,
        )
        .join_from(tables.series, tables.subject, series.subject == about.id)
        .join(tables.fact_key, series.key == keys.id)
        .join(tables.place, series.place == place.id)
        .outerjoin(_QUERY, series.query == _QUERY.c.id)
        .outerjoin(_LABELS, series.labels == _LABELS.c.id)
    )
    if subject is not None:
        query = query.where(about.digest == subject_digest(subject.kind, subject.environment, subject.name))
    wanted = ((about.kind, kind), (keys.name, key), (about.environment, environment))
    return query.where(*(column == value for column, value in wanted if value is not None))


def describe(row: Any) -> tuple[Subject, str, Origin]:
    """Subject with its newest labels, key, and newest origin of a row of ``described``."""
    labels = labels_of(json.loads(row.labels)) if row.labels else ()
    origin = Origin(row.source, row.locator, query=json.loads(row.query) if row.query else "")
    return Subject(row.kind, row.environment, row.name, labels), row.key, origin


def _chunks(
    connection: Connection, series: list[int], start: float | None, end: float | None
) -> dict[int, list[samples.Samples]]:
    chunk = tables.chunk.c
    query = select(chunk.series, chunk.number, chunk.body).where(chunk.series.in_(series))
    if start is not None:
        query = query.where(chunk.number >= int(start // CHUNK_SECONDS))
    if end is not None:
        query = query.where(chunk.number <= int(end // CHUNK_SECONDS))
    rows = connection.execute(query.order_by(chunk.series, chunk.number))
    return {
        number: [samples.decode(bytes(row.body)) for row in members]
        for number, members in groupby(rows, key=attrgetter("series"))
    }


def _cut(row: Any, chunks: list[samples.Samples], start: float | None, end: float | None) -> Series:
    times = np.concatenate([part[0] for part in chunks]) if chunks else np.empty(0)
    values = np.concatenate([part[1] for part in chunks]) if chunks else np.empty(0)
    first = 0 if start is None else int(np.searchsorted(times, start, side="left"))
    last = len(times) if end is None else int(np.searchsorted(times, end, side="right"))
    subject, key, origin = describe(row)
    return Series(subject, key, times[first:last], values[first:last], origin)
