"""Version 2: what is held of a measured key is a span with its step and signals; series of replaced signals retire.

Version 1 knew only until when a key was fetched: what rules ask for is fetched again once; the stored samples stay.
"""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.store.migrations.ddl import execute

STATEMENTS = """
ALTER TABLE series ADD COLUMN retired BIGINT REFERENCES night (id);
CREATE TABLE span (
  environment TEXT NOT NULL, kind TEXT NOT NULL, "key" TEXT NOT NULL, source TEXT NOT NULL,
  since DOUBLE PRECISION NOT NULL, until DOUBLE PRECISION NOT NULL, step DOUBLE PRECISION NOT NULL,
  signals TEXT NOT NULL,
  PRIMARY KEY (environment, kind, "key", source)) {clustered};
INSERT INTO span SELECT environment, kind, "key", source, until, until, 0, '' FROM measured;
DROP TABLE measured;
ALTER TABLE span RENAME TO measured;
"""


def upgrade(connection: Connection) -> None:
    """Turn ends into spans that begin where they end."""
    execute(connection, STATEMENTS)
