"""Addresses: where in a document a value stands, said so that it is found again after the file has moved around it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

from driftbot.actions.strict import Strict
from driftbot.documents.documents import Documents
from driftbot.documents.node import Node, Shape
from driftbot.edits.setting_file import Location

_NAMES = ("alert", "record", "name", "id", "key", "job_name", "host", "metric")
"""Fields by which people tell the items of a list apart, the most telling first."""

_SCALAR = Shape.SCALAR
_KUBERNETES = "metadata.name"
_OBJECT = frozenset({"kind", "metadata.namespace", "metadata.name"})


class Named(Strict):
    """The one item of a list, or the one document of a file, that has this name."""

    field: str
    name: str


class Counted(Strict):
    """The item at a position (from 0) of a list of so many, where none has a name of its own.

    ``rest`` is a digest of all that the item holds beside the value itself: whatever moved is another item.
    """

    number: int
    of: int
    rest: str


class Address(Strict):
    """A document, then keys and items on the way to a value."""

    turns: tuple[str | Named | Counted, ...]

    def find(self, documents: Documents) -> Location | None:
        """The place in these documents, or None where it is not the same one beyond doubt."""
        if not documents.complete:
            return None
        location: list[str | int] = []
        level: Sequence[Node] = documents.nodes
        node: Node | None = None
        for position, turn in enumerate(self.turns):
            if isinstance(turn, str):
                node = node.get(turn) if node is not None and node.shape is Shape.MAPPING else None
                location.append(turn)
            else:
                index = _index(turn, level, self.turns[position + 1 :])
                node = None if index is None else level[index]
                location.append(-1 if index is None else index)
            if node is None:
                return None
            level = node.items
        return tuple(location)


def address_of(location: Location, documents: Documents) -> Address:
    """The address of a place that these documents have."""
    turns: list[str | Named | Counted] = []
    level: Sequence[Node] = documents.nodes
    for position, step in enumerate(location):
        if isinstance(step, int):
            lone = position == 0 and len(level) == 1
            turns.append(_turn(step, level, location[position + 1 :], lone=lone))
            node = level[step]
        else:
            turns.append(step)
            node = node.members[step].value
        level = node.items
    return Address(turns=tuple(turns))


def _turn(index: int, level: Sequence[Node], below: Sequence[str | int], *, lone: bool) -> Named | Counted:
    """How an item is told from its siblings; of a lone document what else it holds says nothing about which it is."""
    for name in _names(level[index], below):
        if sum(_has(other, name) for other in level) == 1:
            return name
    return Counted(number=index, of=len(level), rest="" if lone else _rest(level[index], below))


def _index(turn: Named | Counted, level: Sequence[Node], below: Sequence[str | Named | Counted]) -> int | None:
    if isinstance(turn, Named):
        found = [index for index, node in enumerate(level) if _has(node, turn)]
        return found[0] if len(found) == 1 else None
    if len(level) != turn.of:
        return None
    same = not turn.rest or _rest(level[turn.number], _resolved(level[turn.number], below)) == turn.rest
    return turn.number if same else None


def _resolved(node: Node, below: Sequence[str | Named | Counted]) -> tuple[str | int, ...]:
    """The keys and positions below a node, as far as they can be followed."""
    path: list[str | int] = []
    for turn in below:
        if isinstance(turn, str):
            step: str | int = turn
        elif isinstance(turn, Counted):
            step = turn.number
        else:
            step = next((index for index, item in enumerate(node.items) if _has(item, turn)), -1)
        found = node.get(step)
        if found is None:
            break
        path.append(step)
        node = found
    return tuple(path)


def _names(node: Node, below: Sequence[str | int]) -> Iterator[Named]:
    """What an item may be known by, the most telling first; never the very value that an address leads to."""
    if node.shape is not Shape.MAPPING:
        return
    path = ".".join(map(str, below))
    if (name := _object(node)) and path not in _OBJECT:
        yield Named(field=_KUBERNETES, name=name)
    for field in _NAMES:
        if (text := _text(node, field)) and path != field:
            yield Named(field=field, name=text)


def _has(node: Node, name: Named) -> bool:
    return (_object(node) if name.field == _KUBERNETES else _text(node, name.field)) == name.name


def _object(node: Node) -> str:
    """An object of Kubernetes by kind, namespace and name; empty for everything else."""
    kind, metadata = _text(node, "kind"), node.members.get("metadata")
    own = _text(metadata.value, "name") if kind and metadata else ""
    return f"{kind} {_text(metadata.value, 'namespace')}/{own}" if metadata and own else ""


def _text(node: Node, name: str) -> str:
    entry = node.members.get(name)
    return entry.value.text if entry and entry.value.shape is _SCALAR and not entry.value.is_null else ""


def _rest(node: Node, below: Sequence[str | int]) -> str:
    """A digest of what a node holds beside the value that a path leads to."""
    leaves = [
        (path, other.text, other.tag)
        for path, other in node.walk()
        if other.shape is Shape.SCALAR and path[: len(below)] != tuple(below)
    ]
    return hashlib.sha256(json.dumps(leaves).encode()).hexdigest()[:16] if below else ""
