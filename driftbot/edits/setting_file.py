"""A file whose settings are edited: its documents, its leaves, and every place that one of them feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from driftbot.core.rule import Problem
from driftbot.documents.documents import Documents
from driftbot.documents.format import Format, format_of, read_documents
from driftbot.documents.node import Node, Scalar, Shape
from driftbot.edits.edit import Refused

Location = tuple[str | int, ...]
"""A document's position in its file, then the keys and positions that lead to a value."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar and where it is: what must not change when another one is edited."""

    location: Location
    text: str
    value: Scalar
    tag: str


@dataclass(frozen=True)
class SettingFile:
    """A file by its path (as facts name it) and content; without a ``format`` its suffix tells, else it is YAML."""

    path: str
    content: bytes
    format: Format | None = None

    @cached_property
    def documents(self) -> Documents:
        """What the file holds, its problems beside it."""
        return read_documents(self.content, "", self.path, self.format or format_of(self.path) or Format.YAML)

    def changed(self, content: bytes) -> SettingFile:
        """The file with other content."""
        return replace(self, content=content)

    @cached_property
    def nodes(self) -> tuple[tuple[Location, Node], ...]:
        """Every value of the file in its order; one that an alias repeats stands at each of its locations."""
        return tuple(
            ((number, *location), node)
            for number, document in enumerate(self.documents.nodes)
            for location, node in document.walk()
        )

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every scalar of the file; a collection without any is one, too."""
        return tuple(
            Leaf(location, node.text if node.shape is Shape.SCALAR else node.shape, node.value, node.tag)
            for location, node in self.nodes
            if node.shape is Shape.SCALAR or not node.children or node.tag
        )

    def locations(self, node: Node) -> tuple[Location, ...]:
        """Everywhere the value counts: more than once where an alias or a merge key takes it over."""
        return tuple(location for location, other in self.nodes if other is node)

    def at(self, start: int, end: int) -> Node:
        """The scalar that is written at these bytes, quotes included.

        Raises:
            Refused: the file cannot be read whole, or something else stands there.
        """
        if not self.documents.complete:
            raise Refused(f"the file cannot be read whole: {_first(self.documents.problems)}")
        for _, node in self.nodes:
            if node.shape is Shape.SCALAR and (node.start, node.end) == (start, end):
                return node
        raise Refused(f"{self.path}: the file has changed, what was read stands elsewhere now; scan again")

    def rule(self, location: Location) -> Node | None:
        """The alerting or recording rule that a location is part of, or None."""
        rules = (holder for holder in self.holders(location) if holder.get("expr"))
        return next((rule for rule in rules if rule.get("alert") or rule.get("record")), None)

    def holders(self, location: Location) -> Iterator[Node]:
        """What the value at this location is part of: the nearest first, the document last."""
        document = self.documents.nodes[int(location[0])]
        for length in range(len(location) - 1, 0, -1):
            holder = document.get(*location[1:length])
            if holder is not None:
                yield holder


def _first(problems: tuple[Problem, ...]) -> str:
    return str(problems[0]) if problems else "it is no text"
