"""A node of a document: a mapping, a sequence or a scalar that knows where in its file it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from driftbot.core.fact import Origin
from driftbot.documents.content import Content

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

DEEPEST = 200
"""Levels of nesting that readers take; no configuration file that people write comes near it."""

_NO_MEMBERS: Mapping[str, Entry] = MappingProxyType({})


class Shape(StrEnum):
    """What a node is."""

    MAPPING = "mapping"
    SEQUENCE = "sequence"
    SCALAR = "scalar"


_SCALAR = Shape.SCALAR


class Entry(NamedTuple):
    """One key of a mapping with its value."""

    key: Node
    value: Node


@dataclass(slots=True, eq=False)
class Node:
    """A value and its place; nothing of it changes, which the type checker holds.

    A file is millions of these, and making one of a frozen class takes six times as long.

    ``start`` and ``end`` (exclusive) are byte offsets of the value as it is written: with its quotes or brackets,
    without anchor, tag and comment. ``text`` is a scalar's text with quotes and escapes undone and ``value`` what the
    format makes of it (``yes`` → True in YAML 1.1); dates stay text. ``tag`` is a tag the author wrote, else empty.
    ``members`` holds a mapping's entries by the text of their keys (``on``, not True), in the order of the file.
    """

    content: Final[Content] = field(repr=False)
    shape: Final[Shape]
    start: Final[int]
    end: Final[int]
    text: Final[str] = ""
    value: Final[Scalar] = None
    tag: Final[str] = ""
    items: Final[tuple[Node, ...]] = ()
    members: Final[Mapping[str, Entry]] = field(default_factory=lambda: _NO_MEMBERS, repr=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The keys and values of a mapping, in the order of the file; empty for everything else."""
        return tuple(self.members.values())

    @property
    def children(self) -> tuple[Node, ...]:
        """The values of a mapping or the items of a sequence."""
        return self.items or tuple(entry.value for entry in self.members.values())

    @property
    def line(self) -> int:
        """The line the value starts on, from 1."""
        return self.content.place(self.start)[0]

    @property
    def column(self) -> int:
        """The column (in characters) the value starts at, from 1."""
        return self.content.place(self.start)[1]

    @property
    def origin(self) -> Origin:
        """Where the value stands, for a fact or a problem."""
        return self.content.origin(self.start, self.end)

    @property
    def raw(self) -> str:
        """The value exactly as it is written in the file."""
        return self.content.slice(self.start, self.end)

    @property
    def is_null(self) -> bool:
        """Whether it is a scalar without a value: ``null``, ``~`` or nothing at all."""
        return self.shape is Shape.SCALAR and self.value is None

    def get(self, *path: str | int) -> Node | None:
        """The node below: mapping keys as text, sequence positions as numbers (negative from the end), or None."""
        node: Node | None = self
        for step in path:
            node = node._child(step) if node is not None else None
        return node

    def _child(self, step: str | int) -> Node | None:
        if isinstance(step, int):
            return self.items[step] if -len(self.items) <= step < len(self.items) else None
        entry = self.members.get(step)
        return entry.value if entry else None

    def key(self, name: str) -> Node | None:
        """The key itself as a node, for its place; None where the mapping does not have it."""
        entry = self.members.get(name)
        return entry.key if entry else None

    def walk(self, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
        """This node and all below with their paths behind ``at``, in the order of the file."""
        waiting: list[tuple[tuple[str | int, ...], Node]] = [(at, self)]
        while waiting:
            path, node = waiting.pop()
            yield path, node
            if node.shape is _SCALAR:
                continue
            below: list[tuple[str | int, Node]] = [*enumerate(node.items)]
            below += [(name, entry.value) for name, entry in node.members.items()]
            waiting += [((*path, step), child) for step, child in reversed(below)]

    def plain(self) -> Plain:
        """The value in plain Python types, mapping keys as text; what an alias shares is one object."""
        return _plain(self, {})


def _plain(node: Node, seen: dict[int, Plain]) -> Plain:
    if node.shape is Shape.SCALAR:
        return node.value
    known = seen.get(id(node))
    if known is None:
        if node.shape is Shape.SEQUENCE:
            known = [_plain(item, seen) for item in node.items]
        else:
            known = {name: _plain(entry.value, seen) for name, entry in node.members.items()}
        seen[id(node)] = known
    return known
