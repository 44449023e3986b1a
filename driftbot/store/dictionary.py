"""Dictionaries: what is said again and again is stored once and then goes by a number."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Table, func, insert, select

from driftbot.store.bulk import Plain, insert_rows

Item = TypeVar("Item")
Row = dict[str, object]
_AT_ONCE = 500


def digest(text: str) -> bytes:
    """Sixteen bytes that stand for a text: two texts with the same digest are the same text (BLAKE2b)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def subject_digest(kind: str, environment: str, name: str) -> bytes:
    """The digest of a subject's identity; lengths keep the parts apart."""
    return digest(f"{len(kind)}:{len(environment)}:{kind}{environment}{name}")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def next_id(connection: Connection, table: Table) -> int:
    """The first free number of a table. Only the holder of the store's write lock may use it."""
    return (connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1


class Names(dict[tuple[str, ...], int]):
    """The numbers of all rows of a table that is small enough to be known whole; unknown names get a new number.

    Call ``flush`` before a row that refers to a new number is inserted.
    """

    def __init__(self, connection: Connection, table: Table, columns: Collection[str], digested: bool = False) -> None:
        self._connection, self._table, self._columns, self._digested = connection, table, tuple(columns), digested
        rows = connection.execute(select(table.c.id, *(table.c[name] for name in columns))).all()
        super().__init__((tuple(row[1:]), row[0]) for row in rows)
        self._fresh: list[Row] = []
        self._next = next_id(connection, table)

    def __missing__(self, name: tuple[str, ...]) -> int:
        number, self._next = self._next, self._next + 1
        row: Row = {"id": number, **dict(zip(self._columns, name, strict=True))}
        if self._digested:
            row["digest"] = subject_digest(*name)
        self._fresh.append(row)
        self[name] = number
        return number

    def flush(self) -> None:
        """Insert the rows of new names."""
        if self._fresh:
            self._connection.execute(insert(self._table), self._fresh)
            self._fresh = []


class Contents:
    """The numbers of texts, looked up in batches by their digest, because there are too many to know all."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection, self._table = connection, table
        self._known: dict[bytes, int] = {}
        self._next = next_id(connection, table)

    def remember(self, numbers: Iterable[tuple[bytes, int]]) -> None:
        """Digests whose numbers are known already, so that they need not be looked up."""
        self._known.update(numbers)

    def numbers(self, bodies: Collection[str], stored: Iterable[str | bytes] | None = None) -> list[int]:
        """The number of each text, in order; unknown ones are inserted (as ``stored``, if that differs)."""
        digests = [digest(body) for body in bodies]
        self._look_up({key for key in digests if key not in self._known})
        fresh: list[Plain] = []
        for key, body in zip(digests, bodies if stored is None else stored, strict=True):
            if key not in self._known:
                self._known[key] = self._next
                fresh.append((self._next, key, body))
                self._next += 1
        insert_rows(self._connection, self._table, ("id", "digest", "body"), fresh)
        return [self._known[key] for key in digests]

    def number(self, body: str) -> int:
        """The number of one text."""
        return self.numbers([body])[0]

    def _look_up(self, digests: Collection[bytes]) -> None:
        table = self._table
        for batch in batches(digests, _AT_ONCE):
            rows = self._connection.execute(select(table.c.digest, table.c.id).where(table.c.digest.in_(batch)))
            self._known.update((bytes(key), number) for key, number in rows)
