"""The tables of what was planned, approved and done, as queries see them; ``migrations`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from driftbot.store.columns import AnyText, Instant
from driftbot.store.tables import metadata

plan = Table(
    "plan",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("made", Instant, nullable=False),
    Column("night", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

plan_remedy = Table(
    "plan_remedy",
    metadata,
    Column("plan", Text, ForeignKey("plan.digest"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Index("plan_remedy_digest", "digest"),
)

plan_approval = Table(
    "plan_approval",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("approved_by", AnyText, primary_key=True),
    Column("at", Instant, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("plan", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("remedy", LargeBinary, nullable=False),
    Column("approvals", Text, nullable=False),
    Column("started", Instant, nullable=False),
    Column("started_by", AnyText, nullable=False),
    Column("state", Text, nullable=False),
    Column("told", AnyText, nullable=False),
    Column("due", Instant),
    Column("ended", Instant),
    Column("undone_by", AnyText, nullable=False, server_default=""),
    # That of the lease under which it was written last.
    Column("token", BigInteger, nullable=False),
)

run_step = Table(
    "run_step",
    metadata,
    Column("run", BigInteger, ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("effect", AnyText, nullable=False),
    Column("detail", AnyText, nullable=False),
    Column("intended", Instant),
    Column("concluded", Instant),
)

run_check = Table(
    "run_check",
    metadata,
    Column("run", BigInteger, ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("told", AnyText, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("fingerprint", AnyText, primary_key=True),
    Column("kind", AnyText, primary_key=True),
    Column("title", AnyText, nullable=False),
    Column("body", AnyText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("delivered", Instant),
)
