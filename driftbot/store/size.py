"""How large a store is, and what makes it so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from driftbot.store import tables


@dataclass(frozen=True, slots=True)
class TableSize:
    """One table: its rows, and its bytes with its indexes (None where the database does not tell)."""

    name: str
    rows: int
    bytes: int | None


@dataclass(frozen=True, slots=True)
class StoreSize:
    """The whole store in bytes, and its tables, the largest first."""

    bytes: int
    tables: tuple[TableSize, ...]


def size_of(connection: Connection) -> StoreSize:
    """Measure the store."""
    known = _sqlite_tables(connection) if connection.dialect.name == "sqlite" else _postgresql_tables(connection)
    measured = [
        TableSize(
            table.name, connection.execute(select(func.count()).select_from(table)).scalar_one(), known.get(table.name)
        )
        for table in tables.metadata.sorted_tables
    ]
    measured.sort(key=lambda entry: (-(entry.bytes or 0), -entry.rows, entry.name))
    return StoreSize(_whole(connection), tuple(measured))


def _whole(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(pages.scalar_one())
    return sum(filter(None, _postgresql_tables(connection).values()))


def _sqlite_tables(connection: Connection) -> dict[str, int]:
    # dbstat is an option of SQLite's build: most have it, not all.
    if not connection.execute(text("SELECT sqlite_compileoption_used('ENABLE_DBSTAT_VTAB')")).scalar():
        return {}
    pages = text(
        "SELECT schema.tbl_name, SUM(pages.pgsize) FROM dbstat AS pages JOIN sqlite_schema AS schema"
        " ON schema.name = pages.name WHERE pages.aggregate = 1 GROUP BY schema.tbl_name"
    )
    return {row[0]: int(row[1]) for row in connection.execute(pages)}


def _postgresql_tables(connection: Connection) -> dict[str, int]:
    sizes = text(
        "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables WHERE schemaname = current_schema()"
    )
    return {row[0]: int(row[1]) for row in connection.execute(sizes)}
