"""The book of spans: what is held of each measured key, and the retirement of series whose signals were replaced."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select, update

from driftbot.core.span import Span
from driftbot.store import tables
from driftbot.store.upsert import upsert

_COLUMNS = ("since", "until", "step", "signals")


class Place(NamedTuple):
    """What a span is about: a key of a kind of subject in an environment, from one source."""

    environment: str
    kind: str
    key: str
    source: str


def held_span(connection: Connection, place: Place) -> Span | None:
    """What is held there; None where nothing was ever fetched."""
    book = tables.measured.c
    here = (book[name] == value for name, value in place._asdict().items())
    row = connection.execute(select(*(book[name] for name in _COLUMNS)).where(*here)).one_or_none()
    return None if row is None else Span(*row)


def write_span(connection: Connection, night: int, place: Place, span: Span) -> None:
    """Note what is held now. Series of other signals are retired: kept, exported and pruned, but not read any more."""
    if span.replaces(held_span(connection, place)):
        _retire(connection, night, place)
    upsert(connection, tables.measured, place._asdict(), {name: getattr(span, name) for name in _COLUMNS})


def _retire(connection: Connection, night: int, place: Place) -> None:
    series, about, keys, where = tables.series.c, tables.subject.c, tables.fact_key.c, tables.place.c
    found = (
        select(series.id)
        .join_from(tables.series, tables.subject, series.subject == about.id)
        .join(tables.fact_key, series.key == keys.id)
        .join(tables.place, series.place == where.id)
        .where(
            *(about.environment == place.environment, about.kind == place.kind),
            *(keys.name == place.key, where.source == place.source, series.retired.is_(None)),
        )
    )
    connection.execute(update(tables.series).where(series.id.in_(found)).values(retired=night))
