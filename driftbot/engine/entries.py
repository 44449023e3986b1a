"""Entries: what many sources state about one key, read into one column with its conflicts."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftbot.core.fact import Fact
from driftbot.core.quantity import Quantity
from driftbot.engine.column import Column, Flags, Lists, RowIndex, Rows, Value, offsets_of
from driftbot.rules import expression as ex


@dataclass(slots=True)
class Entries:
    """The facts of one (kind, key, view), in the order of the snapshot, with the row of the subject of each."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    facts: list[Fact] = field(default_factory=list)
    index: RowIndex | None = None

    def of(self, row: int) -> tuple[Fact, ...]:
        """The facts about one subject."""
        if self.index is None:
            self.index = RowIndex(self.row_array())
        return tuple(self.facts[at] for at in self.index.at(row))

    def row_array(self) -> Rows:
        """The row of each fact's subject."""
        return np.frombuffer(self.rows, dtype=np.int64) if len(self.rows) else np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One view of one key: for each subject whether somebody states it, whether statements differ, and the value."""

    value: Value
    stated: Flags
    conflict: Flags


def first_of(first: Reading, second: Reading) -> Reading:
    """Row by row the first reading where anybody states a value there, else the second."""
    stated = first.stated | second.stated
    conflict = np.where(first.stated, first.conflict, second.conflict)
    return Reading(merged(first.value, second.value, first.stated), stated, conflict)


def merged(first: Value, second: Value, from_first: Flags) -> Value:
    """Row by row the first value where the mask says so, else the second."""
    known = np.where(from_first, first.known, second.known)
    if isinstance(first, Column) and isinstance(second, Column):
        return Column(np.where(from_first, first.values, second.values), known)
    assert isinstance(first, Lists) and isinstance(second, Lists)
    joined = Lists(
        np.concatenate((first.offsets, second.offsets[1:] + first.offsets[-1])),
        Column(
            np.concatenate((first.items.values, second.items.values)),
            np.concatenate((first.items.known, second.items.known)),
        ),
        np.concatenate((first.known, second.known)),
    )
    rows = np.arange(len(from_first), dtype=np.int64)
    return joined.at(np.where(from_first, rows, rows + len(from_first)))


def read_entries(entries: Entries, kind: ex.Type, length: int) -> Reading:
    """The entries as one value a subject; a value of another type than the key's is stated, but not known."""
    rows = entries.row_array()
    stated = np.zeros(length, dtype=np.bool_)
    stated[rows] = True
    conflict = _conflicts(entries, rows, length)
    if kind.sort is ex.Sort.LIST:
        return Reading(_read_lists(entries, rows, conflict, length), stated, conflict)
    values, fits = _read_values([fact.value for fact in entries.facts], kind)
    column = np.zeros(length, dtype=values.dtype)
    if values.dtype == object:
        column[:] = ""
    known = np.zeros(length, dtype=np.bool_)
    column[rows] = values
    known[rows] = fits
    return Reading(Column(column, known & ~conflict), stated, conflict)


def _conflicts(entries: Entries, rows: Rows, length: int) -> Flags:
    conflict = np.zeros(length, dtype=np.bool_)
    counts = np.bincount(rows, minlength=length)
    if not len(rows) or counts.max() < 2:
        return conflict
    first: dict[int, object] = {}
    for index in np.flatnonzero(counts[rows] > 1):
        row, value = int(rows[index]), entries.facts[index].value
        if first.setdefault(row, value) != value:
            conflict[row] = True
    return conflict


def _read_values(values: list[object], kind: ex.Type) -> tuple[NDArray[Any], Flags]:
    """The values as an array of the sort's own type, and which of them are of the declared type at all."""
    match kind.sort:
        case ex.Sort.QUANTITY:
            fits = [isinstance(value, Quantity) and value.unit is kind.unit for value in values]
            numbers = [value.value if fit else 0.0 for value, fit in zip(values, fits, strict=True)]  # type: ignore[attr-defined]
            return np.array(numbers, dtype=np.float64), np.array(fits, dtype=np.bool_)
        case ex.Sort.FLAG:
            fits = [isinstance(value, bool) for value in values]
            return np.array([value is True for value in values], dtype=np.bool_), np.array(fits, dtype=np.bool_)
        case ex.Sort.INSTANT:
            fits = [hasattr(value, "timestamp") for value in values]
            seconds = [value.timestamp() if fit else 0.0 for value, fit in zip(values, fits, strict=True)]  # type: ignore[attr-defined]
            return np.array(seconds, dtype=np.float64), np.array(fits, dtype=np.bool_)
        case _:
            fits = [isinstance(value, str) for value in values]
            texts = np.empty(len(values), dtype=object)
            texts[:] = [value if fit else "" for value, fit in zip(values, fits, strict=True)]
            return texts, np.array(fits, dtype=np.bool_)


def _read_lists(entries: Entries, rows: Rows, conflict: Flags, length: int) -> Lists:
    found: dict[int, tuple[str, ...]] = {}
    for row, fact in zip(rows.tolist(), entries.facts, strict=True):
        if isinstance(fact.value, tuple):
            found[row] = fact.value
    lengths = np.zeros(length, dtype=np.int64)
    for row, names in found.items():
        lengths[row] = len(names)
    items = np.empty(int(lengths.sum()), dtype=object)
    items[:] = [name for row in sorted(found) for name in found[row]]
    known = np.zeros(length, dtype=np.bool_)
    known[list(found)] = True
    return Lists(offsets_of(lengths), Column(items, np.ones(len(items), dtype=np.bool_)), known & ~conflict)
