"""Version 1: the first store. Frozen: a later change of the tables is a new version."""

from __future__ import annotations

from sqlalchemy import Connection

from driftbot.store.migrations.ddl import execute

STATEMENTS = """
CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY, token BIGINT NOT NULL, holder TEXT NOT NULL, expires BIGINT);
INSERT INTO lease (name, token, holder) VALUES ('scan', 0, '');
CREATE TABLE night (
  id {id}, as_of BIGINT NOT NULL, started BIGINT, ended BIGINT, exit_code INTEGER, token BIGINT NOT NULL,
  pruned INTEGER NOT NULL);
CREATE INDEX night_as_of ON night (as_of);
CREATE TABLE content (id {id}, digest {bytes} NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE subject (
  id {id}, digest {bytes} NOT NULL UNIQUE, kind TEXT NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE fact_key (id {id}, name TEXT NOT NULL);
CREATE TABLE place (id {id}, source TEXT NOT NULL, locator TEXT NOT NULL);
CREATE TABLE scope (id {id}, source TEXT NOT NULL, environment TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE fact (
  id {id},
  subject BIGINT NOT NULL REFERENCES subject (id),
  "key" BIGINT NOT NULL REFERENCES fact_key (id),
  "view" INTEGER NOT NULL,
  place BIGINT NOT NULL REFERENCES place (id),
  provenance INTEGER NOT NULL,
  value BIGINT NOT NULL REFERENCES content (id),
  line BIGINT NOT NULL, column_number BIGINT NOT NULL, start_byte BIGINT NOT NULL, end_byte BIGINT NOT NULL,
  query BIGINT REFERENCES content (id),
  opened BIGINT NOT NULL REFERENCES night (id),
  closed BIGINT REFERENCES night (id));
CREATE INDEX fact_subject ON fact (subject);
CREATE INDEX fact_standing ON fact (id) WHERE closed IS NULL;
CREATE TABLE lapse (
  fact BIGINT NOT NULL REFERENCES fact (id),
  since BIGINT NOT NULL REFERENCES night (id),
  until BIGINT REFERENCES night (id),
  PRIMARY KEY (fact, since)) {clustered};
CREATE TABLE heard (
  night BIGINT NOT NULL REFERENCES night (id),
  scope BIGINT NOT NULL REFERENCES scope (id),
  PRIMARY KEY (night, scope)) {clustered};
CREATE TABLE coverage (
  night BIGINT NOT NULL REFERENCES night (id),
  number INTEGER NOT NULL,
  entry BIGINT NOT NULL REFERENCES content (id),
  PRIMARY KEY (night, number)) {clustered};
CREATE TABLE label_set (
  subject BIGINT NOT NULL REFERENCES subject (id),
  scope BIGINT NOT NULL REFERENCES scope (id),
  opened BIGINT NOT NULL REFERENCES night (id),
  labels BIGINT NOT NULL REFERENCES content (id),
  closed BIGINT REFERENCES night (id),
  PRIMARY KEY (subject, scope, opened)) {clustered};
CREATE TABLE finding (id {id}, digest {bytes} NOT NULL UNIQUE, body {bytes} NOT NULL);
CREATE TABLE finding_life (
  id {id},
  fingerprint TEXT NOT NULL,
  finding BIGINT NOT NULL REFERENCES finding (id),
  life TEXT NOT NULL,
  first_seen BIGINT NOT NULL, last_seen BIGINT, changed BIGINT, previous TEXT NOT NULL, resolved BIGINT,
  times_opened INTEGER NOT NULL,
  opened BIGINT NOT NULL REFERENCES night (id),
  closed BIGINT REFERENCES night (id));
CREATE INDEX finding_life_fingerprint ON finding_life (fingerprint);
CREATE INDEX finding_life_standing ON finding_life (id) WHERE closed IS NULL;
CREATE TABLE tally (
  night BIGINT NOT NULL REFERENCES night (id),
  rule TEXT NOT NULL,
  subjects INTEGER NOT NULL, selected INTEGER NOT NULL, ok INTEGER NOT NULL, drift INTEGER NOT NULL,
  unknown INTEGER NOT NULL, waived INTEGER NOT NULL, undecided INTEGER NOT NULL,
  never_seen TEXT NOT NULL, stopped TEXT NOT NULL,
  PRIMARY KEY (night, rule)) {clustered};
CREATE TABLE rule_digest (
  rule TEXT NOT NULL,
  opened BIGINT NOT NULL REFERENCES night (id),
  digest TEXT NOT NULL,
  closed BIGINT REFERENCES night (id),
  PRIMARY KEY (rule, opened)) {clustered};
CREATE TABLE waiver (
  id {id}, fingerprint TEXT NOT NULL, rule TEXT NOT NULL,
  kind TEXT NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL,
  owner TEXT NOT NULL, reason TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL,
  ended BIGINT, ended_by TEXT NOT NULL, ended_because TEXT NOT NULL);
CREATE TABLE approval (
  id {id}, kind TEXT NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL, "key" TEXT NOT NULL,
  value TEXT NOT NULL, approved_by TEXT NOT NULL, reason TEXT NOT NULL, "at" BIGINT NOT NULL,
  ended BIGINT, ended_by TEXT NOT NULL, ended_because TEXT NOT NULL);
CREATE TABLE series (
  id {id},
  subject BIGINT NOT NULL REFERENCES subject (id),
  "key" BIGINT NOT NULL REFERENCES fact_key (id),
  place BIGINT NOT NULL REFERENCES place (id),
  query BIGINT REFERENCES content (id),
  labels BIGINT REFERENCES content (id));
CREATE TABLE chunk (
  series BIGINT NOT NULL REFERENCES series (id),
  number BIGINT NOT NULL,
  samples INTEGER NOT NULL,
  body {bytes} NOT NULL,
  PRIMARY KEY (series, number));
CREATE TABLE measured (
  environment TEXT NOT NULL, kind TEXT NOT NULL, "key" TEXT NOT NULL, source TEXT NOT NULL,
  until DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (environment, kind, "key", source)) {clustered};
CREATE TABLE note ("key" TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);
"""


def upgrade(connection: Connection) -> None:
    """Make the tables of the first version in an empty database."""
    execute(connection, STATEMENTS)
