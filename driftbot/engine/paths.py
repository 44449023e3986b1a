"""The table of paths: ways through the service graph, with the values of the calls on each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from driftbot.core.fact import Fact, View
from driftbot.core.graph import walk
from driftbot.core.snapshot import Snapshot
from driftbot.engine.column import Column, Flags, Lists, Rows, offsets_of
from driftbot.engine.entries import Reading
from driftbot.engine.table import Table, Unread, tables
from driftbot.rules import expression as ex
from driftbot.rules.scope import CALL, HOPS_PREFIX, LENGTH, PATH


def judged_tables(
    snapshot: Snapshot, kinds: frozenset[str], beyond: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> dict[str, Table]:
    """The tables of these kinds; paths are made from the calls. ``beyond`` as in ``tables``."""
    found = tables(snapshot, (kinds - {PATH}) | ({CALL} if PATH in kinds else frozenset()), beyond)
    return {**found, **({PATH: PathTable(snapshot, found[CALL])} if PATH in kinds else {})}


class PathTable(Table):
    """Paths as rows; what is known about a path is known about its calls."""

    def __init__(self, snapshot: Snapshot, calls: Table) -> None:
        super().__init__(PATH, snapshot)
        self._calls = calls
        rows = {subject: row for row, subject in enumerate(calls.subjects)}
        found = walk(calls.subjects)
        paths = sorted(found.paths, key=lambda path: (path.subject.environment, path.subject.name))
        self.fill({path.subject: {} for path in paths})
        self._hops: Rows = np.array([rows[call] for path in paths for call in path.calls], dtype=np.int64)
        self._offsets = offsets_of(np.array([len(path.calls) for path in paths], dtype=np.int64))
        if found.unfinished:
            self.limits = (
                f"the service graph has too many paths: not every one from {', '.join(found.unfinished)} was followed"
            )

    def _part(self, row: int) -> Rows:
        return self._hops[self._offsets[row] : self._offsets[row + 1]]

    def _over_hops(self, marks: Flags) -> Rows:
        """How many calls of each path are marked."""
        owners = np.repeat(np.arange(len(self)), np.diff(self._offsets))
        return np.bincount(owners, weights=marks[self._hops], minlength=len(self)).astype(np.int64)

    def seen(self, key: str) -> bool:
        """Whether any call carries a value of the key."""
        return key == LENGTH.name or self._calls.seen(key.removeprefix(HOPS_PREFIX))

    def remains(self, keys: Collection[str]) -> Flags:  # noqa: ARG002 - a path is what its calls are
        """No path: nothing is told of one but through its calls."""
        return np.zeros(len(self), dtype=np.bool_)

    def _label_absent(self, name: str) -> Flags:  # noqa: ARG002 - labels come from the graph itself, whatever the name
        return np.ones(len(self), dtype=np.bool_)

    def absent(self, key: str) -> Flags:
        """Whether some call on the path is known not to have the value."""
        return self._over_hops(self._calls.absent(key.removeprefix(HOPS_PREFIX))) > 0

    def explicit(self, node: ex.Reference) -> Column:
        """Whether the value is written explicitly for every call."""
        column = self._calls.explicit(_of_call(node))
        known = self._over_hops(~column.known) == 0
        return Column(known & (self._over_hops(column.known & ~column.values) == 0), known)

    def facts_of(self, key: str, row: int, views: tuple[View, ...]) -> tuple[Fact, ...]:
        """The facts about each call on the way, in its order."""
        name = key.removeprefix(HOPS_PREFIX)
        return tuple(fact for call in self._part(row) for fact in self._calls.facts_of(name, int(call), views))

    def unread(self, node: ex.Reference, row: int) -> Iterator[Unread]:
        """The calls on the way whose value is not known."""
        known = self._calls.reference(_of_call(node)).known
        for call in self._part(row):
            if not known[call]:
                yield from self._calls.unread(_of_call(node), int(call))

    def reading(self, node: ex.Reference) -> Reading:
        """For each path the list of its calls' values."""
        lengths = np.diff(self._offsets)
        every = np.ones(len(self), dtype=np.bool_)
        if node.key == LENGTH.name:
            return Reading(Column(lengths.astype(np.float64), every), every, ~every)
        reading = self._calls.reading(_of_call(node))
        assert isinstance(reading.value, Column)
        items = reading.value.at(self._hops)
        stated = self._over_hops(~reading.stated) == 0
        return Reading(Lists(self._offsets, items, every), stated, self._over_hops(reading.conflict) > 0)


def _of_call(node: ex.Reference) -> ex.Reference:
    return ex.Reference(node.key.removeprefix(HOPS_PREFIX), node.view, node.type.item or node.type)
