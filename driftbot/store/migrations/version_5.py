"""Version 5: who decided against a run and had it undone."""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.store.migrations.ddl import execute

STATEMENTS = """
ALTER TABLE run ADD COLUMN undone_by TEXT NOT NULL DEFAULT '';
"""


def upgrade(connection: Connection) -> None:
    """Add the column; nobody is known to have decided against earlier runs."""
    execute(connection, STATEMENTS)
