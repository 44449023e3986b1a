"""Version 6: what is out there in channels, how they fare, and what people said in chats."""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.store.migrations.ddl import execute

STATEMENTS = """
CREATE TABLE message (
  channel TEXT NOT NULL,
  "key" TEXT NOT NULL,
  place TEXT NOT NULL,
  content TEXT NOT NULL,
  "at" BIGINT NOT NULL,
  state TEXT NOT NULL,
  reference TEXT NOT NULL,
  thread TEXT NOT NULL,
  PRIMARY KEY (channel, "key")) {clustered};
CREATE TABLE channel_health (
  channel TEXT NOT NULL PRIMARY KEY,
  tried BIGINT NOT NULL,
  delivered BIGINT,
  failing_since BIGINT,
  failure TEXT NOT NULL,
  posted BIGINT NOT NULL,
  edited BIGINT NOT NULL,
  failed BIGINT NOT NULL);
CREATE TABLE snooze (
  fingerprint TEXT NOT NULL PRIMARY KEY,
  until BIGINT NOT NULL,
  snoozed_by TEXT NOT NULL,
  "at" BIGINT NOT NULL);
CREATE TABLE not_useful (
  fingerprint TEXT NOT NULL,
  said_by TEXT NOT NULL,
  rule TEXT NOT NULL,
  "at" BIGINT NOT NULL,
  PRIMARY KEY (fingerprint, said_by)) {clustered};
CREATE TABLE chat_decision (
  id {id},
  "at" BIGINT NOT NULL,
  verb TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  about TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  told TEXT NOT NULL,
  request TEXT NOT NULL);
CREATE INDEX chat_decision_request ON chat_decision (request);
INSERT INTO lease (name, token, holder) VALUES ('serve', 0, '');
INSERT INTO lease (name, token, holder) VALUES ('deliver', 0, '');
"""


def upgrade(connection: Connection) -> None:
    """Make the tables; an older driftbot told no channel anything."""
    execute(connection, STATEMENTS)
