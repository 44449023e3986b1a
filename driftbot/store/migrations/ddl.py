"""Data definition statements in the dialect of the database at hand."""

from __future__ import annotations

from sqlalchemy import Connection

_WORDS = {
    "sqlite": {"id": "INTEGER NOT NULL PRIMARY KEY", "bytes": "BLOB", "clustered": "WITHOUT ROWID"},
    "postgresql": {"id": "BIGINT NOT NULL PRIMARY KEY", "bytes": "BYTEA", "clustered": ""},
}


def execute(connection: Connection, statements: str) -> None:
    """Run statements separated by ``;`` with ``{id}``, ``{bytes}`` and ``{clustered}`` in the database's words."""
    for statement in statements.format_map(_WORDS[connection.dialect.name]).split(";"):
        if statement.strip():
            connection.exec_driver_sql(statement)
