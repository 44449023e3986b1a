"""What people said in chats: snoozes, feedback, and the audit of everything that was asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, text

from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.store import chat_tables
from driftbot.store.upsert import upsert

_SNOOZE = chat_tables.snooze
_NOT_USEFUL = chat_tables.not_useful
_DECISION = chat_tables.chat_decision


def snoozes(connection: Connection) -> tuple[Snooze, ...]:
    """The last snooze of every finding that was ever snoozed, ended ones too, by fingerprint."""
    rows = connection.execute(select(_SNOOZE).order_by(_SNOOZE.c.fingerprint))
    return tuple(Snooze(row.fingerprint, row.until, row.snoozed_by, row.at) for row in rows)


def keep_snooze(connection: Connection, snooze: Snooze) -> None:
    """Write a snooze down; the finding's older one gives way to it."""
    values = {"until": snooze.until, "snoozed_by": snooze.by, "at": snooze.at}
    upsert(connection, _SNOOZE, {"fingerprint": snooze.fingerprint}, values)


def not_useful(connection: Connection) -> tuple[NotUseful, ...]:
    """Who did not find which finding useful, by finding and person."""
    rows = connection.execute(select(_NOT_USEFUL).order_by(_NOT_USEFUL.c.fingerprint, _NOT_USEFUL.c.said_by))
    return tuple(NotUseful(row.fingerprint, row.rule, row.said_by, row.at) for row in rows)


def add_not_useful(connection: Connection, said: NotUseful) -> bool:
    """Write down that somebody did not find it useful; False where that person said so before."""
    same = (_NOT_USEFUL.c.fingerprint == said.fingerprint) & (_NOT_USEFUL.c.said_by == said.by)
    if connection.execute(select(_NOT_USEFUL.c.at).where(same)).one_or_none() is not None:
        return False
    row = {"fingerprint": said.fingerprint, "said_by": said.by, "rule": said.rule, "at": said.at}
    connection.execute(insert(_NOT_USEFUL).values(row))
    return True


def is_known(connection: Connection, request: str) -> bool:
    """Whether a request of that name was decided before; an empty name is no name."""
    query = select(_DECISION.c.id).where(_DECISION.c.request == request).limit(1)
    return bool(request) and connection.execute(query).one_or_none() is not None


def add_decision(connection: Connection, decision: ChatDecision) -> bool:
    """Write down what was asked for; False, and nothing written, where the same request is there already.

    Until the transaction ends no other decision is written, so that of two equal requests the second one is known.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer
        connection.execute(text("LOCK TABLE chat_decision IN SHARE ROW EXCLUSIVE MODE"))
    if is_known(connection, decision.request):
        return False
    number = (connection.execute(select(func.max(_DECISION.c.id))).scalar_one() or 0) + 1
    row = {
        "id": number,
        "at": decision.at,
        "verb": decision.verb.value,
        "decided_by": decision.by,
        "about": decision.about,
        "accepted": int(decision.accepted),
        "told": decision.told,
        "request": decision.request,
    }
    connection.execute(insert(_DECISION).values(row))
    return True


def decisions(connection: Connection, about: Collection[str] = ()) -> tuple[ChatDecision, ...]:
    """What was asked for about these findings and digests (none: about anything), the oldest first."""
    query = select(_DECISION).order_by(_DECISION.c.id)
    rows = connection.execute(query.where(_DECISION.c.about.in_(sorted(about))) if about else query)
    return tuple(
        ChatDecision(row.at, ChatVerb(row.verb), row.decided_by, row.about, bool(row.accepted), row.told, row.request)
        for row in rows
    )


def prune_chat(connection: Connection, before: datetime) -> None:
    """Let go of snoozes that ended and decisions that were made before."""
    connection.execute(delete(_SNOOZE).where(_SNOOZE.c.until < before))
    connection.execute(delete(_DECISION).where(_DECISION.c.at < before))
