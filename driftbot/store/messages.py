"""Messages and the health of channels: what is out there, kept before and after each effect."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, select

from driftbot.core.message import ChannelHealth, Message, MessageState
from driftbot.store import chat_tables, tables
from driftbot.store.upsert import upsert

_MESSAGE = chat_tables.message
_HEALTH = chat_tables.channel_health
_ABOUT = re.compile(r"[a-z_]+:([0-9a-f]{12})(?::|$)")
"""The key of a message about one finding."""


def messages(connection: Connection, channel: str) -> tuple[Message, ...]:
    """The messages of a channel, by key."""
    rows = connection.execute(select(_MESSAGE).where(_MESSAGE.c.channel == channel))
    found = (Message(**{**row._mapping, "state": MessageState(row.state)}) for row in rows)
    return tuple(sorted(found, key=lambda one: one.key))


def keep_message(connection: Connection, message: Message) -> None:
    """Write a message down; another of the same channel and key gives way to it."""
    values = {**asdict(message), "state": message.state.value}
    name = {"channel": values.pop("channel"), "key": values.pop("key")}
    upsert(connection, _MESSAGE, name, values)


def drop_message(connection: Connection, channel: str, key: str) -> None:
    """Forget a message."""
    connection.execute(delete(_MESSAGE).where((_MESSAGE.c.channel == channel) & (_MESSAGE.c.key == key)))


def channel_health(connection: Connection) -> tuple[ChannelHealth, ...]:
    """How every channel that was ever tried fares, by name."""
    rows = connection.execute(select(_HEALTH))
    return tuple(sorted((ChannelHealth(**row._mapping) for row in rows), key=lambda one: one.channel))


def keep_health(connection: Connection, health: ChannelHealth) -> None:
    """Write down how a channel fares."""
    values = asdict(health)
    upsert(connection, _HEALTH, {"channel": values.pop("channel")}, values)


def prune_messages(connection: Connection, before: datetime) -> None:
    """Forget what was said before about findings that stand no more; nothing is edited or looked for there again."""
    life = tables.finding_life.c
    query = select(life.fingerprint).where(life.closed.is_(None), life.resolved.is_(None))
    standing = set(connection.execute(query).scalars())
    old = connection.execute(select(_MESSAGE.c.channel, _MESSAGE.c.key).where(_MESSAGE.c.at < before)).all()
    for channel, key in old:
        about = _ABOUT.match(key)
        if about and about[1] not in standing:
            drop_message(connection, channel, key)
