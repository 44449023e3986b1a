"""Backups: one consistent copy of a store in use, always as a SQLite file that opens like any store."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, Connection, delete, insert, select

from driftbot.store import tables
from driftbot.store.database import Database
from driftbot.store.dictionary import Row, batches
from driftbot.store.migrations import migrate
from driftbot.store.new_file import new_file

_AT_ONCE = 2000


def backup(database: Database, path: Path) -> None:
    """Copy the store as it is now, while others go on reading and writing.

    Raises:
        StoreError: the file exists or cannot be written.
    """
    with new_file(path) as partial:
        if database.is_sqlite:
            with database.bare() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(partial),))
            return
        with database.reading() as source:
            _copy(source, partial)


def _copy(source: Connection, path: Path) -> None:
    target = Database(URL.create("sqlite+pysqlite", database=str(path)))
    try:
        with target.writing() as connection:
            migrate(connection, target.name)
            for table in tables.metadata.sorted_tables:
                connection.execute(delete(table))
                rows = source.execution_options(yield_per=_AT_ONCE).execute(select(table))
                for batch in batches(rows, _AT_ONCE):
                    copied: list[Row] = [dict(row._mapping) for row in batch]
                    connection.execute(insert(table), copied)
        with target.bare() as connection:
            # A lone file: nothing of it may stay behind in a write-ahead log.
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        target.close()
