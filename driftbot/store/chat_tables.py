"""The tables of what channels were told and people said in chats, as queries see them; ``migrations`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from driftbot.store.columns import AnyText, Instant
from driftbot.store.tables import metadata

message = Table(
    "message",
    metadata,
    Column("channel", AnyText, primary_key=True),
    Column("key", AnyText, primary_key=True),
    Column("place", AnyText, nullable=False),
    Column("content", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", AnyText, nullable=False),
    Column("thread", AnyText, nullable=False),
)

channel_health = Table(
    "channel_health",
    metadata,
    Column("channel", AnyText, primary_key=True),
    Column("tried", Instant, nullable=False),
    Column("delivered", Instant),
    Column("failing_since", Instant),
    Column("failure", AnyText, nullable=False),
    Column("posted", BigInteger, nullable=False),
    Column("edited", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
)

snooze = Table(
    "snooze",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    Column("snoozed_by", AnyText, nullable=False),
    Column("at", Instant, nullable=False),
)

not_useful = Table(
    "not_useful",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("said_by", AnyText, primary_key=True),
    Column("rule", AnyText, nullable=False),
    Column("at", Instant, nullable=False),
)

chat_decision = Table(
    "chat_decision",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("verb", Text, nullable=False),
    Column("decided_by", AnyText, nullable=False),
    Column("about", AnyText, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("told", AnyText, nullable=False),
    Column("request", AnyText, nullable=False),
    Index("chat_decision_request", "request"),
)
