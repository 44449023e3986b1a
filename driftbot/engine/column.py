"""Columns: one value for each of many subjects, with a mask of which are known; three-valued logic lives here.

Where a value is not known, what stands in its place is arbitrary but well-formed (0, False, "").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values (float64 for numbers, quantities and instants; bool; or object for texts) and which of them are known."""

    values: NDArray[Any]
    known: Flags

    def __len__(self) -> int:
        return len(self.known)

    def at(self, rows: Rows) -> Column:
        """The values of these rows, in that order; a row may come more than once."""
        return Column(self.values[rows], self.known[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """A list for each of many subjects: row ``i`` holds ``items[offsets[i]:offsets[i + 1]]``.

    ``known`` says whether the list itself is known; each item has its own mask beside.
    """

    offsets: Rows
    items: Column
    known: Flags

    def __len__(self) -> int:
        return len(self.known)

    @property
    def lengths(self) -> Rows:
        """How many items each row has."""
        return np.diff(self.offsets)

    def rows(self) -> Rows:
        """For each item the row it belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    def at(self, rows: Rows) -> Lists:
        """The lists of these rows, in that order."""
        lengths = self.lengths[rows]
        offsets = offsets_of(lengths)
        within = np.arange(offsets[-1], dtype=np.int64) - np.repeat(offsets[:-1], lengths)
        picked = np.repeat(self.offsets[:-1][rows], lengths) + within
        return Lists(offsets, self.items.at(picked), self.known[rows])


Value = Column | Lists


def offsets_of(lengths: Rows) -> Rows:
    """Where rows of these lengths begin and end when they lie one after the other."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def constant(value: float | bool | str, length: int) -> Column:
    """The same known value everywhere."""
    kind: type = object if isinstance(value, str) else type(value)
    values: NDArray[Any] = np.empty(length, dtype=kind)
    values[:] = value
    return Column(values, np.ones(length, dtype=np.bool_))


def flags(values: Flags, known: Flags) -> Column:
    """A column of truth values; what is not known reads False."""
    return Column(values & known, known)


def both(left: Column, right: Column) -> Column:
    """Kleene's and: false as soon as one is known to be false."""
    surely_false = (left.known & ~_true(left)) | (right.known & ~_true(right))
    known = (left.known & right.known) | surely_false
    return flags(_true(left) & _true(right), known)


def either(left: Column, right: Column) -> Column:
    """Kleene's or: true as soon as one is known to be true."""
    surely_true = (left.known & _true(left)) | (right.known & _true(right))
    return flags(surely_true, (left.known & right.known) | surely_true)


def negated(column: Column) -> Column:
    """Kleene's not: what is not known stays so."""
    return flags(~_true(column), column.known)


def choice(condition: Column, then: Column, otherwise: Column) -> Column:
    """``condition ? then : otherwise``; where the condition is not known but both would give the same, that."""
    picked = np.where(_true(condition), then.values, otherwise.values)
    known = np.where(_true(condition), then.known, otherwise.known)
    same = then.known & otherwise.known & np.asarray(then.values == otherwise.values, dtype=np.bool_)
    return Column(picked, (condition.known & known) | same)


def all_of(column: Column, lists: Lists) -> Column:
    """Whether all items of each list hold: false when one surely does not."""
    failing = _any(column.known & ~_true(column), lists)
    unread = _any(~column.known, lists)
    return flags(~failing & ~unread, lists.known & (failing | ~unread))


def any_of(column: Column, lists: Lists) -> Column:
    """Whether some item of each list holds: true when one surely does."""
    holding = _any(column.known & _true(column), lists)
    unread = _any(~column.known, lists)
    return flags(holding, lists.known & (holding | ~unread))


def _any(marks: Flags, lists: Lists) -> Flags:
    return np.bincount(lists.rows(), weights=marks, minlength=len(lists)) > 0


def _true(column: Column) -> Flags:
    return column.values.astype(np.bool_, copy=False)


class RowIndex:
    """Where each row's entries stand in a list of entries that came in any order."""

    def __init__(self, rows: Rows) -> None:
        self._order = np.argsort(rows, kind="stable")
        self._rows = rows[self._order]

    def at(self, row: int) -> list[int]:
        """The places of a row's entries, in the order they came."""
        first, last = np.searchsorted(self._rows, (row, row + 1))
        found: list[int] = self._order[first:last].tolist()
        return found
