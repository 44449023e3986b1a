"""The tables of the newest version of the store, as queries see them; ``migrations`` makes them.

Nights are numbered; an interval holds for the nights ``opened <= night < closed`` and stands while ``closed`` is null.
What is said again and again (subjects, keys, places, values, queries, label sets) is stored once and numbered.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from driftbot.store.columns import AnyText, Instant

metadata = MetaData()

version = Table("driftbot_store", metadata, Column("version", Integer, nullable=False))

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("holder", AnyText, nullable=False),
    Column("expires", Instant),
)

night = Table(
    "night",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("as_of", Instant, nullable=False),
    Column("started", Instant),
    Column("ended", Instant),
    Column("exit_code", Integer),
    Column("token", BigInteger, nullable=False),
    Column("pruned", Integer, nullable=False),
    Index("night_as_of", "as_of"),
)

content = Table(
    "content",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

subject = Table(
    "subject",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("kind", AnyText, nullable=False),
    Column("environment", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
)

fact_key = Table(
    "fact_key",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", AnyText, nullable=False),
)

place = Table(
    "place",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source", AnyText, nullable=False),
    Column("locator", AnyText, nullable=False),
)

scope = Table(
    "scope",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source", AnyText, nullable=False),
    Column("environment", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", BigInteger, ForeignKey("subject.id"), nullable=False),
    Column("key", BigInteger, ForeignKey("fact_key.id"), nullable=False),
    Column("view", Integer, nullable=False),
    Column("place", BigInteger, ForeignKey("place.id"), nullable=False),
    Column("provenance", Integer, nullable=False),
    Column("value", BigInteger, ForeignKey("content.id"), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("column_number", BigInteger, nullable=False),
    Column("start_byte", BigInteger, nullable=False),
    Column("end_byte", BigInteger, nullable=False),
    Column("query", BigInteger, ForeignKey("content.id")),
    Column("opened", BigInteger, ForeignKey("night.id"), nullable=False),
    Column("closed", BigInteger, ForeignKey("night.id")),
)
Index("fact_subject", fact.c.subject)
Index("fact_standing", fact.c.id, sqlite_where=fact.c.closed.is_(None), postgresql_where=fact.c.closed.is_(None))

lapse = Table(
    "lapse",
    metadata,
    Column("fact", BigInteger, ForeignKey("fact.id"), primary_key=True),
    Column("since", BigInteger, ForeignKey("night.id"), primary_key=True),
    Column("until", BigInteger, ForeignKey("night.id")),
)

heard = Table(
    "heard",
    metadata,
    Column("night", BigInteger, ForeignKey("night.id"), primary_key=True),
    Column("scope", BigInteger, ForeignKey("scope.id"), primary_key=True),
)

coverage = Table(
    "coverage",
    metadata,
    Column("night", BigInteger, ForeignKey("night.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("entry", BigInteger, ForeignKey("content.id"), nullable=False),
)

label_set = Table(
    "label_set",
    metadata,
    Column("subject", BigInteger, ForeignKey("subject.id"), primary_key=True),
    Column("scope", BigInteger, ForeignKey("scope.id"), primary_key=True),
    Column("opened", BigInteger, ForeignKey("night.id"), primary_key=True),
    Column("labels", BigInteger, ForeignKey("content.id"), nullable=False),
    Column("closed", BigInteger, ForeignKey("night.id")),
)

finding = Table(
    "finding",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

finding_life = Table(
    "finding_life",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, nullable=False),
    Column("finding", BigInteger, ForeignKey("finding.id"), nullable=False),
    Column("life", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    # Null: the night that is asked for.
    Column("last_seen", Instant),
    Column("changed", Instant),
    Column("previous", AnyText, nullable=False),
    Column("resolved", Instant),
    Column("times_opened", Integer, nullable=False),
    Column("opened", BigInteger, ForeignKey("night.id"), nullable=False),
    Column("closed", BigInteger, ForeignKey("night.id")),
)
Index("finding_life_fingerprint", finding_life.c.fingerprint)
Index(
    "finding_life_standing",
    finding_life.c.id,
    sqlite_where=finding_life.c.closed.is_(None),
    postgresql_where=finding_life.c.closed.is_(None),
)

tally = Table(
    "tally",
    metadata,
    Column("night", BigInteger, ForeignKey("night.id"), primary_key=True),
    Column("rule", AnyText, primary_key=True),
    Column("subjects", Integer, nullable=False),
    Column("selected", Integer, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("drift", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("waived", Integer, nullable=False),
    Column("undecided", Integer, nullable=False),
    Column("never_seen", AnyText, nullable=False),
    Column("stopped", AnyText, nullable=False),
)

rule_digest = Table(
    "rule_digest",
    metadata,
    Column("rule", AnyText, primary_key=True),
    Column("opened", BigInteger, ForeignKey("night.id"), primary_key=True),
    Column("digest", Text, nullable=False),
    Column("closed", BigInteger, ForeignKey("night.id")),
)

waiver = Table(
    "waiver",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, nullable=False),
    Column("rule", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("environment", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("owner", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("ended", Instant),
    Column("ended_by", AnyText, nullable=False),
    Column("ended_because", AnyText, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", AnyText, nullable=False),
    Column("environment", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("key", AnyText, nullable=False),
    Column("value", Text, nullable=False),
    Column("approved_by", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ended", Instant),
    Column("ended_by", AnyText, nullable=False),
    Column("ended_because", AnyText, nullable=False),
)

series = Table(
    "series",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", BigInteger, ForeignKey("subject.id"), nullable=False),
    Column("key", BigInteger, ForeignKey("fact_key.id"), nullable=False),
    Column("place", BigInteger, ForeignKey("place.id"), nullable=False),
    Column("query", BigInteger, ForeignKey("content.id")),
    Column("labels", BigInteger, ForeignKey("content.id")),
    # The night from which on its signal measures something else.
    Column("retired", BigInteger, ForeignKey("night.id")),
)

chunk = Table(
    "chunk",
    metadata,
    Column("series", BigInteger, ForeignKey("series.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("samples", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

marker = Table(
    "marker",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", BigInteger, ForeignKey("subject.id"), nullable=False),
    Column("cause", Text, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("at", Double, nullable=False),
    Column("late_by", Double, nullable=False),
    Column("commit_id", AnyText, nullable=False),
    Column("place", BigInteger, ForeignKey("place.id"), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("query", BigInteger, ForeignKey("content.id")),
    Column("labels", BigInteger, ForeignKey("content.id")),
    Column("opened", BigInteger, ForeignKey("night.id"), nullable=False),
    Column("closed", BigInteger, ForeignKey("night.id")),
    Index("marker_at", "at"),
)

measured = Table(
    "measured",
    metadata,
    Column("environment", AnyText, primary_key=True),
    Column("kind", AnyText, primary_key=True),
    Column("key", AnyText, primary_key=True),
    Column("source", AnyText, primary_key=True),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("step", Double, nullable=False),
    Column("signals", Text, nullable=False),
)

note = Table(
    "note",
    metadata,
    Column("key", AnyText, primary_key=True),
    Column("body", AnyText, nullable=False),
)
