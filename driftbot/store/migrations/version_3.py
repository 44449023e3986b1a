"""Version 3: markers, the moments at which somebody released or changed something."""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.store.migrations.ddl import execute

STATEMENTS = """
CREATE TABLE marker (
  id {id},
  subject BIGINT NOT NULL REFERENCES subject (id),
  cause TEXT NOT NULL,
  name TEXT NOT NULL,
  "at" DOUBLE PRECISION NOT NULL,
  late_by DOUBLE PRECISION NOT NULL,
  commit_id TEXT NOT NULL,
  place BIGINT NOT NULL REFERENCES place (id),
  line BIGINT NOT NULL,
  query BIGINT REFERENCES content (id),
  labels BIGINT REFERENCES content (id),
  opened BIGINT NOT NULL REFERENCES night (id),
  closed BIGINT REFERENCES night (id));
CREATE INDEX marker_at ON marker ("at");
"""


def upgrade(connection: Connection) -> None:
    """Make the table; nothing of what older stores hold is a marker."""
    execute(connection, STATEMENTS)
