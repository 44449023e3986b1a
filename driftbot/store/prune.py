"""Retention: letting go of old nights while the kept ones can still be asked for exactly as they were known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Index, Table, delete, func, select, union, update

from driftbot.store import lease, tables
from driftbot.store.chat_log import prune_chat
from driftbot.store.journal import prune_runs
from driftbot.store.messages import prune_messages
from driftbot.store.outbox import prune_outbox
from driftbot.store.plans import prune_plans
from driftbot.store.series_writer import CHUNK_SECONDS

_INTERVALS = (tables.label_set, tables.rule_digest, tables.finding_life, tables.fact, tables.marker)
_OF_A_NIGHT = (tables.coverage, tables.tally)
_DICTIONARIES: tuple[tuple[Table, tuple[Column[int], ...]], ...] = (
    (tables.finding, (tables.finding_life.c.finding,)),
    (
        tables.content,
        (
            *(tables.fact.c.value, tables.fact.c.query, tables.label_set.c.labels),
            *(tables.coverage.c.entry, tables.series.c.query, tables.series.c.labels),
            *(tables.marker.c.query, tables.marker.c.labels),
        ),
    ),
    (tables.place, (tables.fact.c.place, tables.series.c.place, tables.marker.c.place)),
    (
        tables.subject,
        (tables.fact.c.subject, tables.label_set.c.subject, tables.series.c.subject, tables.marker.c.subject),
    ),
)
"""What is kept for being referred to, and who refers to it."""


RUNS_KEPT = timedelta(days=400)
"""How long runs stay where nobody says how long they count (ours: as long as nights stay unless configured)."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention let go of."""

    nights: int = 0
    intervals: int = 0
    chunks: int = 0
    markers: int = 0
    runs: int = 0


def prune(connection: Connection, before: datetime, runs_before: datetime | None) -> Pruned:
    """Let go of the nights before ``before``, but never of the last one, and of the samples and markers before it.

    Runs go that ended before both times (None: ``RUNS_KEPT`` before the last night), and plans made before ``before``,
    as do snoozes that ended, what was asked for in chats, and what was said about findings that stand no more.
    Stays: every interval that a kept night needs, with its first night; decisions of people; notes. A finding that was
    resolved before goes with its nights: should it come back, it counts as new.
    """
    lease.shut_out(connection)
    night = tables.night.c
    last = connection.execute(select(func.max(night.id))).scalar()
    kept = connection.execute(select(func.min(night.id)).where(night.as_of >= before)).scalar() or last
    chunks = _drop_chunks(connection, before)
    markers = connection.execute(delete(tables.marker).where(tables.marker.c.at < before.timestamp())).rowcount
    runs = prune_runs(connection, min(before, runs_before or _runs_kept(connection, before)))
    prune_plans(connection, before)
    prune_outbox(connection, before)
    prune_chat(connection, before)
    prune_messages(connection, before)
    if kept is None:
        return Pruned(chunks=chunks, markers=markers, runs=runs)
    pruned = connection.execute(update(tables.night).where(night.id < kept, night.pruned == 0).values(pruned=1))
    intervals = _drop_intervals(connection, kept)
    for table in _OF_A_NIGHT:
        connection.execute(delete(table).where(table.c.night < kept))
    _drop_unused(connection)
    return Pruned(pruned.rowcount, intervals, chunks, markers, runs)


def _runs_kept(connection: Connection, before: datetime) -> datetime:
    last: datetime | None = connection.execute(select(func.max(tables.night.c.as_of))).scalar()
    return before if last is None else last - RUNS_KEPT


def _drop_intervals(connection: Connection, kept: int) -> int:
    gone = select(tables.fact.c.id).where(tables.fact.c.closed <= kept)
    connection.execute(delete(tables.lapse).where(tables.lapse.c.fact.in_(gone)))
    return sum(connection.execute(delete(table).where(table.c.closed <= kept)).rowcount for table in _INTERVALS)


def _drop_chunks(connection: Connection, before: datetime) -> int:
    oldest = int(before.timestamp() // CHUNK_SECONDS)
    dropped = connection.execute(delete(tables.chunk).where(tables.chunk.c.number < oldest)).rowcount
    empty = tables.series.c.id.not_in(select(tables.chunk.c.series))
    if dropped:
        connection.execute(delete(tables.series).where(empty))
    return dropped


def _drop_unused(connection: Connection) -> None:
    """Drop what nothing refers to any more.

    The database looks for references to each row that goes; the indexes that this needs are too dear for every night.
    """
    for table, users in _DICTIONARIES:
        indexes = [Index(f"pruning_{user.table.name}_{user.name}", user) for user in users]
        for index in indexes:
            index.create(connection)
        used = union(*(select(user).where(user.is_not(None)) for user in users))
        connection.execute(delete(table).where(table.c.id.not_in(used)))
        for index, user in zip(indexes, users, strict=True):
            index.drop(connection)
            user.table.indexes.discard(index)
