"""The outbox: what people are to be told, kept until a channel has delivered it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from driftbot.core.outbox_notice import OutboxNotice
from driftbot.store import run_tables
from driftbot.store.upsert import upsert

_OUTBOX = run_tables.outbox


def put(connection: Connection, notice: OutboxNotice) -> bool:
    """Put a notice in; False where the same words are there already, delivered or not. Other words wait anew."""
    known = connection.execute(select(_OUTBOX).where(_called(notice.fingerprint, notice.kind))).one_or_none()
    if known is not None and (known.title, known.body) == (notice.title, notice.body):
        return False
    name = {"fingerprint": notice.fingerprint, "kind": notice.kind}
    words = {"title": notice.title, "body": notice.body, "at": notice.at, "delivered": None}
    upsert(connection, _OUTBOX, name, words)
    return True


def notice(connection: Connection, fingerprint: str, kind: str) -> OutboxNotice | None:
    """The notice of that drift and kind, delivered or not."""
    row = connection.execute(select(_OUTBOX).where(_called(fingerprint, kind))).one_or_none()
    return None if row is None else OutboxNotice(**row._mapping)


def waiting(connection: Connection) -> tuple[OutboxNotice, ...]:
    """The notices that nobody delivered yet, the oldest first."""
    columns = _OUTBOX.c
    rows = connection.execute(select(_OUTBOX).where(columns.delivered.is_(None)))
    found = (OutboxNotice(**row._mapping) for row in rows)
    return tuple(sorted(found, key=lambda one: (one.at, one.fingerprint, one.kind)))


def delivered(connection: Connection, told: OutboxNotice, at: datetime) -> bool:
    """Note that a notice reached its channels; False where it says something else by now, which waits on."""
    same = _called(told.fingerprint, told.kind) & (_OUTBOX.c.at == told.at)
    words = (_OUTBOX.c.title == told.title) & (_OUTBOX.c.body == told.body)
    return connection.execute(update(_OUTBOX).where(same & words).values(delivered=at)).rowcount > 0


def withdraw(connection: Connection, fingerprint: str, kind: str) -> bool:
    """Take a notice back that nobody delivered; False where there is none, or it was told already."""
    waits = _called(fingerprint, kind) & _OUTBOX.c.delivered.is_(None)
    return connection.execute(delete(_OUTBOX).where(waits)).rowcount > 0


def prune_outbox(connection: Connection, before: datetime) -> None:
    """Let go of what was delivered before."""
    connection.execute(delete(_OUTBOX).where(_OUTBOX.c.delivered < before))


def _called(fingerprint: str, kind: str) -> ColumnElement[bool]:
    return (_OUTBOX.c.fingerprint == fingerprint) & (_OUTBOX.c.kind == kind)
