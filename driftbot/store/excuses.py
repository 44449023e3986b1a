"""Waivers and approvals with their whole history: nothing that a person decided is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, or_, select, update

from driftbot.core.excuse import Approval, Waiver
from driftbot.core.subject import SubjectId
from driftbot.store import tables
from driftbot.store.dictionary import next_id
from driftbot.store.value_text import from_text, to_text

REPLACED = "replaced by a newer decision"


@dataclass(frozen=True, slots=True)
class Ending:
    """When, by whom and why a decision ended before its time."""

    at: datetime
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class WaiverRecord:
    """A waiver as it was given, and its ending where somebody ended it."""

    waiver: Waiver
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approval as it was given, and its ending where somebody ended or replaced it."""

    approval: Approval
    ending: Ending | None = None


def add_waivers(connection: Connection, waivers: Iterable[Waiver]) -> None:
    """Write waivers down; one that stands for the same finding is ended by the newer one."""
    for number, waiver in enumerate(waivers, start=next_id(connection, tables.waiver)):
        about = tables.waiver.c.fingerprint == waiver.fingerprint
        _end(connection, tables.waiver, about, Ending(waiver.created, waiver.owner, REPLACED))
        row = {
            "id": number,
            "fingerprint": waiver.fingerprint,
            "rule": waiver.rule,
            **_identity(waiver.subject),
            "owner": waiver.owner,
            "reason": waiver.reason,
            "created": waiver.created,
            "expires": waiver.expires,
        }
        connection.execute(insert(tables.waiver).values(ended_by="", ended_because="", **row))


def add_approvals(connection: Connection, approvals: Iterable[Approval]) -> None:
    """Write approvals down; one that stands for the same key of the same subject is ended by the newer one."""
    for number, approval in enumerate(approvals, start=next_id(connection, tables.approval)):
        about = _about(tables.approval, approval.subject, approval.key)
        _end(connection, tables.approval, about, Ending(approval.at, approval.approved_by, REPLACED))
        row = {
            "id": number,
            **_identity(approval.subject),
            "key": approval.key,
            "value": to_text(approval.value),
            "approved_by": approval.approved_by,
            "reason": approval.reason,
            "at": approval.at,
        }
        connection.execute(insert(tables.approval).values(ended_by="", ended_because="", **row))


def end_waiver(connection: Connection, fingerprint: str, ending: Ending) -> int:
    """End the standing waiver of a finding; how many were ended."""
    return _end(connection, tables.waiver, tables.waiver.c.fingerprint == fingerprint, ending)


def end_approval(connection: Connection, subject: SubjectId, key: str, ending: Ending) -> int:
    """End the standing approval of a value; how many were ended."""
    return _end(connection, tables.approval, _about(tables.approval, subject, key), ending)


def waiver_records(connection: Connection, as_of: datetime | None, standing_only: bool) -> tuple[WaiverRecord, ...]:
    """Waivers by creation; ``standing_only`` leaves out what was ended (an expired one was not)."""
    table = tables.waiver
    rows = connection.execute(_chosen(table, table.c.created, as_of, standing_only))
    return tuple(WaiverRecord(_waiver(row), _ending(row)) for row in rows)


def approval_records(connection: Connection, as_of: datetime | None, standing_only: bool) -> tuple[ApprovalRecord, ...]:
    """Approvals by time; ``standing_only`` leaves out what was ended or replaced."""
    table = tables.approval
    rows = connection.execute(_chosen(table, table.c.at, as_of, standing_only))
    return tuple(ApprovalRecord(_approval(row), _ending(row)) for row in rows)


def _chosen(table: Table, made: Any, as_of: datetime | None, standing_only: bool) -> Any:
    query = select(table).order_by(made, table.c.id)
    if as_of is not None:
        query = query.where(made <= as_of)
    if not standing_only:
        return query
    ended = table.c.ended
    return query.where(ended.is_(None) if as_of is None else or_(ended.is_(None), ended > as_of))


def _end(connection: Connection, table: Table, about: ColumnElement[bool], ending: Ending) -> int:
    standing = update(table).where(about, table.c.ended.is_(None))
    values = {"ended": ending.at, "ended_by": ending.by, "ended_because": ending.because}
    return connection.execute(standing.values(values)).rowcount


def _about(table: Table, subject: SubjectId, key: str) -> ColumnElement[bool]:
    columns = table.c
    same = (columns.kind == subject.kind) & (columns.environment == subject.environment)
    return same & (columns.name == subject.name) & (columns.key == key)


def _identity(subject: SubjectId) -> dict[str, str]:
    return {"kind": subject.kind, "environment": subject.environment, "name": subject.name}


def _ending(row: Any) -> Ending | None:
    return None if row.ended is None else Ending(row.ended, row.ended_by, row.ended_because)


def _waiver(row: Any) -> Waiver:
    subject = SubjectId(row.kind, row.environment, row.name)
    return Waiver(row.fingerprint, row.rule, subject, row.owner, row.reason, row.created, row.expires)


def _approval(row: Any) -> Approval:
    subject = SubjectId(row.kind, row.environment, row.name)
    return Approval(subject, row.key, from_text(row.value), row.approved_by, row.reason, row.at)
