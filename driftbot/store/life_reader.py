"""Findings and their lives as they were known on a night, and the last that is known of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, Select, func, or_, select

from driftbot.core.finding import Finding, order
from driftbot.core.history import FindingLife, Life
from driftbot.store import documents, tables
from driftbot.store.errors import StoreError

_AT_ONCE = 1000


def lives_at(connection: Connection, night: int, as_of: datetime) -> tuple[FindingLife, ...]:
    """The lives that stood on the night and those it resolved, in report order."""
    life = tables.finding_life.c
    stood = (life.opened <= night) & or_(life.closed.is_(None), life.closed > night)
    return _lives(connection, _selected().where(stood), as_of)


def latest_lives(connection: Connection, nights: dict[int, datetime]) -> tuple[FindingLife, ...]:
    """The last that was known of every finding on the last of ``nights``, resolved ones too, in report order."""
    life = tables.finding_life.c
    newest = select(func.max(life.id)).where(life.opened <= max(nights, default=0)).group_by(life.fingerprint)
    rows = connection.execute(_selected().where(life.id.in_(newest)))
    press = zstandard.ZstdDecompressor()
    return _sorted(_life(row, _last_night(row, nights), press) for row in rows)


def settled_since(connection: Connection, since: datetime, nights: dict[int, datetime]) -> tuple[FindingLife, ...]:
    """What was drift, was resolved at or after ``since`` and did not come back, in report order."""
    life, later = tables.finding_life.c, tables.finding_life.alias("later")
    came_back = select(later.c.id).where((later.c.fingerprint == life.fingerprint) & (later.c.id > life.id)).exists()
    query = _selected().where((life.resolved >= since) & (life.times_opened > 0) & ~came_back)
    press = zstandard.ZstdDecompressor()
    return _sorted(_life(row, _last_night(row, nights), press) for row in connection.execute(query))


def findings_before(connection: Connection, night: int) -> tuple[Finding, ...]:
    """What was last known, before the night, of every standing finding of which it learned something else."""
    now, before = tables.finding_life.alias("now"), tables.finding_life.alias("before")
    same = (before.c.fingerprint == now.c.fingerprint) & (before.c.closed == night)
    fresh = (now.c.opened == night) & now.c.resolved.is_(None) & (now.c.finding != before.c.finding)
    query = select(tables.finding.c.body).join_from(now, before, same).where(fresh)
    rows = connection.execute(query.join(tables.finding, tables.finding.c.id == before.c.finding))
    press = zstandard.ZstdDecompressor()
    return tuple(sorted((_finding(row, press) for row in rows), key=order))


def reopened(connection: Connection) -> dict[str, datetime]:
    """Since which night a finding stands that came back after it was resolved, by fingerprint."""
    now, then, night = tables.finding_life.alias("now"), tables.finding_life.alias("then"), tables.night
    stands = now.c.closed.is_(None) & now.c.resolved.is_(None) & (now.c.times_opened > 1)
    same = (then.c.fingerprint == now.c.fingerprint) & (then.c.times_opened == now.c.times_opened)
    first = (
        select(now.c.fingerprint, func.min(then.c.opened).label("night"))
        .join_from(now, then, same & then.c.resolved.is_(None))
        .where(stands)
        .group_by(now.c.fingerprint)
        .subquery()
    )
    query = select(first.c.fingerprint, night.c.as_of).join(night, night.c.id == first.c.night)
    return {row.fingerprint: row.as_of for row in connection.execute(query.order_by(first.c.fingerprint))}


def life_of(connection: Connection, prefix: str, nights: dict[int, datetime]) -> FindingLife | None:
    """The last that is known of the finding whose fingerprint starts so; None where there is none.

    Raises:
        StoreError: several findings start so.
    """
    life = tables.finding_life.c
    known = select(life.fingerprint).where(life.fingerprint.startswith(prefix, autoescape=True)).distinct()
    found = sorted(connection.execute(known).scalars())
    if len(found) > 1:
        shown = ", ".join(found[:3]) + (" and more" if len(found) > 3 else "")
        raise StoreError(f"{len(found)} findings start with {prefix!r}: {shown}", "write more of the fingerprint")
    if not found:
        return None
    row = connection.execute(_selected().where(life.fingerprint == found[0]).order_by(life.id.desc()).limit(1)).one()
    return _life(row, _last_night(row, nights), zstandard.ZstdDecompressor())


def every_life(
    connection: Connection, nights: dict[int, datetime]
) -> Iterator[tuple[FindingLife, datetime, datetime | None]]:
    """Every stretch of nights in every finding's life: what was known, from which night, and until which (excluded)."""
    life = tables.finding_life.c
    query = _selected().order_by(life.fingerprint, life.id).execution_options(yield_per=_AT_ONCE)
    press = zstandard.ZstdDecompressor()
    for row in connection.execute(query):
        yield _life(row, _last_night(row, nights), press), nights[row.opened], nights.get(row.closed)


def _last_night(row: Any, nights: dict[int, datetime]) -> datetime:
    """The last night for which a row speaks."""
    newest = next(reversed(nights))
    return nights[newest if row.closed is None else min(row.closed - 1, newest)]


def _selected() -> Select[Any]:
    return select(tables.finding_life, tables.finding.c.body).join_from(tables.finding_life, tables.finding)


def _lives(connection: Connection, query: Select[Any], as_of: datetime) -> tuple[FindingLife, ...]:
    press = zstandard.ZstdDecompressor()
    return _sorted(_life(row, as_of, press) for row in connection.execute(query))


def _sorted(lives: Iterable[FindingLife]) -> tuple[FindingLife, ...]:
    return tuple(sorted(lives, key=lambda life: order(life.finding)))


def _finding(row: Any, press: zstandard.ZstdDecompressor) -> Finding:
    return documents.finding(json.loads(press.decompress(bytes(row.body))))


def _life(row: Any, as_of: datetime, press: zstandard.ZstdDecompressor) -> FindingLife:
    return FindingLife(
        finding=_finding(row, press),
        life=Life(row.life),
        first_seen=row.first_seen,
        last_seen=as_of if row.last_seen is None else row.last_seen,
        changed=row.changed,
        previous=row.previous,
        resolved=row.resolved,
        times_opened=row.times_opened,
    )
