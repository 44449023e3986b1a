"""Migrations: the numbered steps that make a store of any earlier version one of the newest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, insert, inspect, select, text, update

from driftbot.store import tables
from driftbot.store.errors import NotAStore
from driftbot.store.migrations import version_1, version_2, version_3, version_4, version_5, version_6

Migration = Callable[[Connection], None]

MIGRATIONS: Sequence[Migration] = tuple(
    version.upgrade for version in (version_1, version_2, version_3, version_4, version_5, version_6)
)
"""Migration ``n`` (counted from 1) makes a store of version ``n`` out of one of version ``n - 1``."""

_ADVISORY_LOCK = 0x6472696674  # "drift"


def newest() -> int:
    """The version of a store that this driftbot writes."""
    return len(MIGRATIONS)


def version_of(connection: Connection, name: str) -> int:
    """The store's version; 0 for an empty database.

    Raises:
        NotAStore: the database holds tables of somebody else.
    """
    present = set(inspect(connection).get_table_names())
    if tables.version.name in present:
        return int(connection.execute(select(tables.version.c.version)).scalar_one())
    foreign = present if connection.dialect.name == "sqlite" else present & set(tables.metadata.tables)
    if foreign:
        raise NotAStore(
            f"{name} is not a driftbot store: it holds the table {min(foreign)!r} of something else",
            "name another file or database; driftbot makes a new store where there is none",
        )
    return 0


def migrate(connection: Connection, name: str) -> tuple[int, int]:
    """Bring the store to the newest version inside the caller's transaction; the versions before and after.

    Raises:
        NotAStore: not a driftbot store, or one of a newer driftbot.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    before, after = version_of(connection, name), newest()
    if before > after:
        raise NotAStore(
            f"{name} is a store of version {before}; this driftbot knows up to version {after}",
            "use the driftbot that wrote it, or a newer one",
        )
    if before == 0:
        tables.version.create(connection)
        connection.execute(insert(tables.version).values(version=0))
    for number in range(before, after):
        MIGRATIONS[number](connection)
    if before != after:
        connection.execute(update(tables.version).values(version=after))
    return before, after
