"""Tonight's findings against the lives that stood: a night in which nothing changed writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, bindparam, insert, select, update

from driftbot.core.history import FindingLife
from driftbot.store import documents, tables
from driftbot.store.dictionary import Contents, next_id
from driftbot.store.value_text import compact

_COLUMNS = ("finding", "life", "first_seen", "last_seen", "changed", "previous", "resolved", "times_opened")


class LifeWriter:
    """Writes one night's lives.

    A life that nobody mentions tonight (a partial scan) stands as it was, seen when it was last seen; a resolved one
    belongs to the night that resolved it.
    """

    def __init__(self, connection: Connection, night: int, as_of: datetime) -> None:
        self._connection, self._night, self._as_of = connection, night, as_of
        self._contents = Contents(connection, tables.finding)
        self._next = next_id(connection, tables.finding_life)
        self._written: set[str] = set()

    def add(self, lives: Iterable[FindingLife]) -> None:
        """Write the lives that the night is about, once."""
        told = {life.finding.fingerprint: life for life in lives}
        standing = self._standing()
        ended: list[int] = []
        fresh: list[dict[str, object]] = []
        for (fingerprint, life), finding in zip(told.items(), self._findings(told.values()), strict=True):
            row = self._row(life, finding)
            held = standing.pop(fingerprint, None)
            if held is not None and tuple(held[2:]) == tuple(row[name] for name in _COLUMNS):
                continue
            if held is not None:
                ended.append(held.id)
            fresh.append({"fingerprint": fingerprint, **row})
        for untold in standing.values():
            self._carry(untold, ended, fresh)
        self._write(ended, fresh)

    def _carry(self, row: Any, ended: list[int], fresh: list[dict[str, object]]) -> None:
        if row.resolved is not None:
            ended.append(row.id)
        elif row.last_seen is None:
            ended.append(row.id)
            carried: dict[str, object] = dict(zip(_COLUMNS, row[2:], strict=True))
            fresh.append({"fingerprint": row.fingerprint, **carried, "last_seen": self._night_before()})

    def _night_before(self) -> datetime:
        night = tables.night.c
        before = select(night.as_of).where(night.id == self._night - 1)
        as_of: datetime = self._connection.execute(before).scalar_one()
        return as_of

    def _standing(self) -> dict[str, Any]:
        life = tables.finding_life.c
        columns = (life.id, life.fingerprint, *(life[name] for name in _COLUMNS))
        rows = self._connection.execute(select(*columns).where(life.closed.is_(None)))
        return {row.fingerprint: row for row in rows}

    def _findings(self, lives: Iterable[FindingLife]) -> list[int]:
        bodies = [compact(documents.of_finding(life.finding)) for life in lives]
        press = zstandard.ZstdCompressor(level=3)
        return self._contents.numbers(bodies, (press.compress(body.encode()) for body in bodies))

    def _row(self, life: FindingLife, finding: int) -> dict[str, object]:
        seen = replace(life, last_seen=self._as_of) == life
        return {
            "finding": finding,
            "life": life.life.value,
            "first_seen": life.first_seen,
            "last_seen": None if seen else life.last_seen,
            "changed": life.changed,
            "previous": life.previous,
            "resolved": life.resolved,
            "times_opened": life.times_opened,
        }

    def _write(self, ended: list[int], fresh: list[dict[str, object]]) -> None:
        life = tables.finding_life
        if ended:
            found = update(life).where(life.c.id == bindparam("of_life")).values(closed=self._night)
            self._connection.execute(found, [{"of_life": number} for number in ended])
        rows = [
            {"id": number, "opened": self._night, "closed": None, **row}
            for number, row in enumerate(fresh, start=self._next)
        ]
        self._next += len(rows)
        if rows:
            self._connection.execute(insert(life), rows)
