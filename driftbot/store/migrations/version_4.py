"""Version 4: plans, who approved them, the journal of runs, notices that wait, and the lease of those who act."""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.store.migrations.ddl import execute

STATEMENTS = """
INSERT INTO lease (name, token, holder) VALUES ('act', 0, '');
CREATE TABLE plan (
  digest TEXT NOT NULL PRIMARY KEY,
  made BIGINT NOT NULL,
  night BIGINT NOT NULL,
  body {bytes} NOT NULL);
CREATE TABLE plan_remedy (
  plan TEXT NOT NULL REFERENCES plan (digest),
  digest TEXT NOT NULL,
  PRIMARY KEY (plan, digest)) {clustered};
CREATE INDEX plan_remedy_digest ON plan_remedy (digest);
CREATE TABLE plan_approval (
  digest TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  "at" BIGINT NOT NULL,
  PRIMARY KEY (digest, approved_by)) {clustered};
CREATE TABLE run (
  id {id},
  plan TEXT NOT NULL,
  digest TEXT NOT NULL,
  remedy {bytes} NOT NULL,
  approvals TEXT NOT NULL,
  started BIGINT NOT NULL,
  started_by TEXT NOT NULL,
  state TEXT NOT NULL,
  told TEXT NOT NULL,
  due BIGINT,
  ended BIGINT,
  token BIGINT NOT NULL);
CREATE TABLE run_step (
  run BIGINT NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  state TEXT NOT NULL,
  effect TEXT NOT NULL,
  detail TEXT NOT NULL,
  intended BIGINT,
  concluded BIGINT,
  PRIMARY KEY (run, number)) {clustered};
CREATE TABLE run_check (
  run BIGINT NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  "at" BIGINT NOT NULL,
  verdict TEXT NOT NULL,
  told TEXT NOT NULL,
  PRIMARY KEY (run, number)) {clustered};
CREATE TABLE outbox (
  fingerprint TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  "at" BIGINT NOT NULL,
  delivered BIGINT,
  PRIMARY KEY (fingerprint, kind)) {clustered};
"""


def upgrade(connection: Connection) -> None:
    """Make the tables; an older driftbot planned nothing and did nothing."""
    execute(connection, STATEMENTS)
