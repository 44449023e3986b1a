"""Many rows of plain numbers, bytes and ASCII text at once, as the driver takes them.

SQLAlchemy looks at every parameter of every row; for a hundred thousand facts that takes longer than storing them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table

Plain = tuple[int | str | bytes | None, ...]


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Plain]) -> None:
    """Insert rows whose values stand in the order of ``columns``."""
    names = ", ".join(_name(connection, table, column) for column in columns)
    marks = ", ".join([_mark(connection)] * len(columns))
    _run(connection, f"INSERT INTO {_table(connection, table)} ({names}) VALUES ({marks})", rows)


def update_rows(
    connection: Connection, table: Table, columns: Sequence[str], keys: Sequence[str], rows: Sequence[Plain]
) -> None:
    """Set ``columns`` of the row with these ``keys``; each of ``rows`` has the columns' values, then the keys'."""
    mark = _mark(connection)
    changes = ", ".join(f"{_name(connection, table, column)} = {mark}" for column in columns)
    found = " AND ".join(f"{_name(connection, table, key)} = {mark}" for key in keys)
    _run(connection, f"UPDATE {_table(connection, table)} SET {changes} WHERE {found}", rows)


def _run(connection: Connection, statement: str, rows: Sequence[Plain]) -> None:
    if rows:
        connection.exec_driver_sql(statement, list(rows))


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _table(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)


def _name(connection: Connection, table: Table, column: str) -> str:
    return connection.dialect.identifier_preparer.format_column(table.c[column])
