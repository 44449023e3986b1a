"""What a store holds, counted without reading it whole: what driftbot's own metrics rest on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import zstandard
from sqlalchemy import ColumnElement, Connection, func, select

from driftbot.core.chat_decision import ChatVerb
from driftbot.core.exit_code import ExitCode
from driftbot.core.finding import Verdict
from driftbot.core.history import Life
from driftbot.core.rule import Severity
from driftbot.core.run import RunState, StepState
from driftbot.store import chat_tables, run_tables, tables

_NIGHT = tables.night.c
_AT_ONCE = 500

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class NightMark:
    """One night: the time it speaks of, when it began and ended by the clock (where told), and its exit code."""

    as_of: datetime
    started: datetime | None
    ended: datetime | None
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """``last`` is the last night, ``seeing`` the last one that was not blind; ``judged`` counts its judgements.

    ``runs`` and ``steps`` count by state, ``due`` the runs whose time to be looked at has come. ``asked`` counts what
    was asked for in chats, by verb and whether it was accepted. ``waiting`` notices are still to be told, the oldest of
    them since ``oldest``.
    """

    last: NightMark | None
    seeing: NightMark | None
    judged: Mapping[Verdict, int]
    runs: Mapping[RunState, int]
    steps: Mapping[StepState, int]
    due: int
    snoozed: int
    not_useful: Mapping[str, int]
    asked: Mapping[tuple[ChatVerb, bool], int]
    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class FindingCount:
    """Findings that have one verdict, one severity, stand in one place of their life, and are over or not."""

    verdict: Verdict
    severity: Severity
    life: Life
    resolved: bool


def counts(connection: Connection, now: datetime) -> Counts:
    """What the store holds at this moment."""
    kept = select(_NIGHT.id, _NIGHT.as_of, _NIGHT.started, _NIGHT.ended, _NIGHT.exit_code).where(_NIGHT.pruned == 0)
    newest = kept.order_by(_NIGHT.id.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    seeing = connection.execute(newest.where(_NIGHT.exit_code != int(ExitCode.BLIND))).one_or_none()
    outbox, run = run_tables.outbox.c, run_tables.run.c
    waits = select(func.count(), func.min(outbox.at)).where(outbox.delivered.is_(None))
    waiting, oldest = connection.execute(waits).one()
    snoozed = select(func.count()).where(chat_tables.snooze.c.until > now)
    due = select(func.count()).where(run.ended.is_(None), run.due <= now)
    return Counts(
        last=_mark(last),
        seeing=_mark(seeing),
        judged=_judged(connection, last.id) if last is not None else {},
        runs=_states(connection, run.state, RunState),
        steps=_states(connection, run_tables.run_step.c.state, StepState),
        due=connection.execute(due).scalar_one(),
        snoozed=connection.execute(snoozed).scalar_one(),
        not_useful=_not_useful(connection),
        asked=_asked(connection),
        waiting=waiting,
        oldest=oldest,
    )


def finding_counts(connection: Connection) -> Mapping[FindingCount, int]:
    """The findings that stand since the last night, and those that it resolved, counted; in bounded memory."""
    life = tables.finding_life.c
    query = select(life.life, life.resolved, tables.finding.c.body).join_from(tables.finding_life, tables.finding)
    query = query.where(life.closed.is_(None)).execution_options(yield_per=_AT_ONCE)
    reader = zstandard.ZstdDecompressor()
    found: Counter[FindingCount] = Counter()
    for row in connection.execute(query):
        finding = json.loads(reader.decompress(bytes(row.body)))
        verdict, severity = Verdict(finding["verdict"]), Severity(finding["severity"])
        found[FindingCount(verdict, severity, Life(row.life), row.resolved is not None)] += 1
    return found


def standing(connection: Connection, fingerprints: Collection[str]) -> frozenset[str]:
    """Those of these findings that the last night did not find resolved, or gone."""
    life, asked = tables.finding_life.c, sorted(fingerprints)
    found: set[str] = set()
    for first in range(0, len(asked), _AT_ONCE):
        some = life.fingerprint.in_(asked[first : first + _AT_ONCE])
        stands = select(life.fingerprint).where(some, life.closed.is_(None), life.resolved.is_(None))
        found.update(connection.execute(stands).scalars())
    return frozenset(found)


def _mark(row: Any) -> NightMark | None:
    return None if row is None else NightMark(row.as_of, row.started, row.ended, row.exit_code)


def _judged(connection: Connection, night: int) -> Mapping[Verdict, int]:
    tally = tables.tally.c
    sums = (func.coalesce(func.sum(tally[verdict.value]), 0) for verdict in Verdict)
    row = connection.execute(select(*sums).where(tally.night == night)).one()
    return {verdict: int(count) for verdict, count in zip(Verdict, row, strict=True)}


def _states(connection: Connection, column: ColumnElement[str], kind: type[State]) -> Mapping[State, int]:
    rows = connection.execute(select(column, func.count()).group_by(column))
    counted = {str(name): int(count) for name, count in rows}
    return {state: counted.get(state.value, 0) for state in kind}


def _not_useful(connection: Connection) -> Mapping[str, int]:
    rule = chat_tables.not_useful.c.rule
    rows = connection.execute(select(rule, func.count()).group_by(rule))
    return dict(sorted((name, count) for name, count in rows))


def _asked(connection: Connection) -> Mapping[tuple[ChatVerb, bool], int]:
    decision = chat_tables.chat_decision.c
    named = decision.verb, decision.accepted
    rows = connection.execute(select(*named, func.count()).group_by(*named))
    return {(ChatVerb(verb), bool(accepted)): count for verb, accepted, count in rows}
