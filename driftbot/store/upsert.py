"""Insert a row, or change the one that is there."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, names: Mapping[str, str], values: Mapping[str, object]) -> None:
    """Write ``values`` into the row that ``names`` (its primary key) tell apart."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values({**names, **values})
    connection.execute(statement.on_conflict_do_update(index_elements=list(names), set_=dict(values)))
