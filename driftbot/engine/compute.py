"""Computing lowered expressions: every node once for all subjects, with CEL's meaning where all values are known.

Nothing here can hang: a node costs as much as its rows, macros only go through lists, and what a macro spreads out is
bounded by ``MOST_ITEMS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from driftbot.core.fact import View
from driftbot.engine import column as co
from driftbot.engine.answers import Answer
from driftbot.engine.column import Column, Flags, Lists, Rows, Value
from driftbot.engine.entries import merged
from driftbot.engine.operators import apply
from driftbot.engine.statistics import LEVEL, SLOPE, names_of
from driftbot.engine.table import Table
from driftbot.engine.trend import time_until
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES, Takes

MOST_ITEMS = 5_000_000
"""List items that one macro of one rule may spread out over all subjects: a few hundred megabytes, a few seconds."""


class TooLarge(Exception):
    """A rule wants to go through more list items than any rule may."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The rows an expression is computed for: the table's own, or inside a macro one for each item."""

    rows: Rows
    items: Mapping[str, Value] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def within(self, lists: Lists, variable: str) -> Frame:
        """The frame of a macro's body: one row for each item, the names around it spread out."""
        if len(lists.items) > MOST_ITEMS:
            raise _too_large(len(lists.items))
        owners = lists.rows()
        around = {name: spread(value, owners) for name, value in self.items.items()}
        return Frame(self.rows[owners], {**around, variable: lists.items})


def spread(value: Value, rows: Rows) -> Value:
    """The value at these rows.

    Raises:
        TooLarge: lists would have to be repeated beyond ``MOST_ITEMS``.
    """
    if isinstance(value, Lists):
        size = int(value.lengths[rows].sum())
        if size > MOST_ITEMS:
            raise _too_large(size)
    return value.at(rows)


def _too_large(size: int) -> TooLarge:
    return TooLarge(f"the rule goes through {size:,} list items; at most {MOST_ITEMS:,} are gone through")


class Computation:
    """Computes the expressions of one rule over a table; ``lets`` are computed when first named."""

    def __init__(self, table: Table, lets: Mapping[str, ex.Node]) -> None:
        self._table = table
        self._lets = lets
        self._known_lets: dict[str, Value] = {}
        self._all_rows = np.arange(len(table), dtype=np.int64)

    def column(self, node: ex.Node) -> Column:
        """The node's value for every subject of the table.

        Raises:
            TooLarge: the rule goes through too many list items.
        """
        value = self.value(node)
        assert isinstance(value, Column), node
        return value

    def value(self, node: ex.Node, rows: Rows | None = None) -> Value:
        """The node's value, a list or not, for every subject of the table, or for those of the rows."""
        return self._value(node, Frame(self._all_rows if rows is None else rows))

    def _value(self, node: ex.Node, frame: Frame) -> Value:
        match node:
            case ex.Bound(name=name, local=True):
                return frame.items[name]
            case ex.Bound() | ex.Reference() | ex.Label() | ex.Measure() | ex.Question(name="present" | "explicit"):
                value = self._of_subject(node)
                return value if frame.rows is self._all_rows else spread(value, frame.rows)
            case ex.Literal(value=literal):
                return co.constant(literal.timestamp() if isinstance(literal, datetime) else literal, len(frame))
            case ex.AsOf():
                return co.constant(self._table.as_of, len(frame))
            case ex.Question(about=about):
                known = self._value(about, frame).known
                return Column(known, np.ones(len(frame), dtype=np.bool_))
            case ex.Quantifier():
                return self._quantified(node, frame)
            case ex.Collect():
                return self._collected(node, frame)
            case ex.Listing(items=items):
                return _listing([self._column(item, frame) for item in items], len(frame))
            case ex.Call():
                return self._called(node, frame)

    def _column(self, node: ex.Node, frame: Frame) -> Column:
        value = self._value(node, frame)
        assert isinstance(value, Column), node
        return value

    def _of_subject(self, node: ex.Node) -> Value:
        match node:
            case ex.Bound(name=name):
                if name not in self._known_lets:
                    self._known_lets[name] = self.value(self._lets[name])
                return self._known_lets[name]
            case ex.Reference():
                return self._table.reference(node)
            case ex.Label(name=name):
                return self._table.labels(name)
            case ex.Measure():
                return self._measured(node)
            case ex.Question(name="explicit", about=ex.Reference() as about):
                return self._table.explicit(about)
            case ex.Question(about=about):
                return self._present(about)
            case _:
                raise AssertionError(node)

    def _present(self, about: ex.Node) -> Column:
        match about:
            case ex.Reference(key=key, view=view):
                stated = self._table.reading(about).stated
                # Approvals are driftbot's own record and completely known.
                settled = stated | self._table.absent(key) | (view is View.APPROVED)
                return co.flags(stated, settled)
            case ex.Label(name=name):
                return self._table.carries(name)
            case ex.Measure(key=key):
                statistics = self._table.statistics
                count = statistics.column(ex.Measure(key, "count", about.window, (), about.type), ("count", None))
                return co.flags(count.known, count.known | self._unmeasured(key))
            case _:
                raise AssertionError(about)

    def answer(self, node: ex.Measure) -> Answer:
        """What a detector says of the series, where its measure is a detector's."""
        limited = DETECTOR_MEASURES[node.name].takes is Takes.LIMIT
        return self._table.detections.answer(node, self.column(node.arguments[0]) if limited else None)

    def _measured(self, node: ex.Measure) -> Column:
        statistics = self._table.statistics
        if node.name in DETECTOR_MEASURES:
            return self.answer(node).column(node.name)
        if node.name in {"time_until", "time_until_below"}:
            limit = self.column(node.arguments[0])
            level, slope = (statistics.column(node, (name, None)) for name in (LEVEL, SLOPE))
            return time_until(level, slope, limit, node.window, rising=node.name == "time_until")
        found = statistics.column(node, names_of(node)[0])
        if node.name == "count":
            return Column(found.values, found.known | self._unmeasured(node.key))
        return found

    def _unmeasured(self, key: str) -> Flags:
        """Where no sample is known to mean that there is none: two series that conflict are not nothing."""
        return self._table.absent(key) & ~self._table.statistics.conflicts(key)

    def _quantified(self, node: ex.Quantifier, frame: Frame) -> Column:
        lists = self._list(node.over, frame)
        body = self._column(node.body, frame.within(lists, node.variable))
        return co.all_of(body, lists) if node.macro == "all" else co.any_of(body, lists)

    def _collected(self, node: ex.Collect, frame: Frame) -> Lists:
        lists = self._list(node.over, frame)
        inner = frame.within(lists, node.variable)
        each = self._column(node.each, inner)
        if node.keep is None:
            return Lists(lists.offsets, each, lists.known)
        keep = self._column(node.keep, inner)
        kept = keep.known & keep.values.astype(np.bool_)
        owners = lists.rows()
        undecided = np.bincount(owners, weights=~keep.known, minlength=len(frame)) > 0
        lengths = np.bincount(owners[kept], minlength=len(frame)).astype(np.int64)
        return Lists(co.offsets_of(lengths), each.at(np.flatnonzero(kept)), lists.known & ~undecided)

    def _list(self, node: ex.Node, frame: Frame) -> Lists:
        value = self._value(node, frame)
        assert isinstance(value, Lists), node
        return value

    def _called(self, node: ex.Call, frame: Frame) -> Value:
        if node.function == "@in":
            return self._membership(node, frame)
        arguments = [self._value(argument, frame) for argument in node.arguments]
        if node.function == "_?_:_":
            return _chosen(arguments)
        if isinstance(arguments[0], Lists):
            return _LIST_FUNCTIONS[node.function](arguments[0])
        return apply(node.function, [argument for argument in arguments if isinstance(argument, Column)])

    def _membership(self, node: ex.Call, frame: Frame) -> Column:
        """Whether a text is in a list; the list is not repeated for each item of a macro that does not name it."""
        needle = self._column(node.arguments[0], frame)
        haystack = node.arguments[1]
        if any(isinstance(part, ex.Bound) and part.local for part in ex.walk(haystack)):
            return _contains(needle, self._list(haystack, frame), np.arange(len(frame)))
        return _contains(needle, self._list(haystack, Frame(self._all_rows)), frame.rows)


def _chosen(arguments: list[Value]) -> Value:
    condition, then, otherwise = arguments
    assert isinstance(condition, Column)
    if isinstance(then, Column) and isinstance(otherwise, Column):
        return co.choice(condition, then, otherwise)
    found = merged(then, otherwise, condition.values.astype(np.bool_))
    assert isinstance(found, Lists)
    return Lists(found.offsets, found.items, found.known & condition.known)


def _listing(items: list[Column], length: int) -> Lists:
    offsets = np.arange(length + 1, dtype=np.int64) * len(items)
    if not items:
        return Lists(offsets, co.constant("", 0), np.ones(length, dtype=np.bool_))
    values = np.stack([item.values for item in items], axis=1).ravel()
    known = np.stack([item.known for item in items], axis=1).ravel()
    return Lists(offsets, Column(values, known), np.ones(length, dtype=np.bool_))


def _contains(needle: Column, lists: Lists, rows: Rows) -> Column:
    sets: dict[int, frozenset[object]] = {}
    unread = np.bincount(lists.rows(), weights=~lists.items.known, minlength=len(lists)) > 0
    found = np.zeros(len(needle), dtype=np.bool_)
    for index, row in enumerate(rows.tolist()):
        names = sets.get(row)
        if names is None:
            part = slice(int(lists.offsets[row]), int(lists.offsets[row + 1]))
            names = sets[row] = frozenset(lists.items.values[part][lists.items.known[part]].tolist())
        found[index] = needle.values[index] in names
    return co.flags(found, needle.known & lists.known[rows] & (found | ~unread[rows]))


def _size(lists: Lists) -> Column:
    return Column(lists.lengths.astype(np.float64), lists.known)


def _reduced(lists: Lists, reduce: np.ufunc, of_nothing: float | None) -> Column:
    """All items of each list taken together; unknown as soon as one is."""
    filled = np.flatnonzero(lists.lengths)
    values = np.full(len(lists), 0.0 if of_nothing is None else of_nothing)
    with np.errstate(all="ignore"):
        if len(filled):
            values[filled] = reduce.reduceat(lists.items.values.astype(np.float64), lists.offsets[filled])
    known = lists.known & (np.bincount(lists.rows(), weights=~lists.items.known, minlength=len(lists)) == 0)
    if of_nothing is None:
        known &= lists.lengths > 0
    return Column(values, known & np.isfinite(values))


_LIST_FUNCTIONS: dict[str, Callable[[Lists], Column]] = {
    "size": _size,
    "sum": lambda lists: _reduced(lists, np.add, 0.0),
    "product": lambda lists: _reduced(lists, np.multiply, 1.0),
    "max": lambda lists: _reduced(lists, np.maximum, None),
    "min": lambda lists: _reduced(lists, np.minimum, None),
}
