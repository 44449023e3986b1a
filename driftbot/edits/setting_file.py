"""A file whose settings are edited: its documents, its leaves, and every place that one of them feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from driftbot.core.rule import Problem
from driftbot.documents.documents import Documents
from driftbot.documents.format import Format, format_of, read_documents
from driftbot.documents.node import Node, Scalar, Shape
from driftbot.edits.diff import Change, changes_diff
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.masked import Masked, mask

Location = tuple[str | int, ...]
"""A document's position in its file, then the keys and positions that lead to a value."""


class Leaf(NamedTuple):
    """A scalar and where it is: what must not change when another one is edited."""

    location: Location
    text: str
    value: Scalar
    tag: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a file was read as, and the masked content if it is a template that cannot be read as it is."""

    documents: Documents
    masked: Masked | None = None


@dataclass(frozen=True)
class SettingFile:
    """A file by its path (as facts name it) and content; without a ``format`` its suffix tells, else it is YAML.

    It is read once, for all the edits that are made of it. A template is read without its placeholders.
    """

    path: str
    content: bytes
    format: Format | None = None

    @cached_property
    def known_format(self) -> Format:
        """The format that the file is read in."""
        return self.format or format_of(self.path) or Format.YAML

    @cached_property
    def _reading(self) -> _Reading:
        plain = self._read(self.content)
        if plain.complete:
            return _Reading(plain)
        masked = mask(self.content, self.known_format)
        without = self._read(masked.content) if masked else plain
        return _Reading(without, masked) if without.complete else _Reading(plain)

    def _read(self, content: bytes) -> Documents:
        return read_documents(content, "", self.path, self.known_format)

    @cached_property
    def documents(self) -> Documents:
        """What the file holds, its problems beside it."""
        return self._reading.documents

    @cached_property
    def masked(self) -> Masked | None:
        """Where placeholders stand, if the file is a template that can be read only without them."""
        return self._reading.masked

    @cached_property
    def readable(self) -> bytes:
        """The content that the documents were read from: the file's own, or that without its placeholders."""
        return self.masked.content if self.masked else self.content

    @property
    def encoding(self) -> str:
        """The file's encoding; of a file without any document UTF-8."""
        nodes = self.documents.nodes
        return nodes[0].content.encoding if nodes else "utf-8"

    @property
    def first(self) -> int:
        """The byte behind the byte order mark."""
        nodes = self.documents.nodes
        return nodes[0].content.first if nodes else 0

    def encoded(self, text: str) -> bytes:
        """The text as bytes of the file.

        Raises:
            Refused: the file's encoding does not have a character.
        """
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = f"U+{ord(text[error.start]):04X}"
            reason = f"{self.path}: the file is in {self.encoding.upper()}, which has no {character}"
            raise Refused(reason, Refusal.UNWRITABLE_VALUE) from None

    def changed(self, content: bytes) -> SettingFile:
        """The file with other content."""
        return replace(self, content=content)

    @cached_property
    def nodes(self) -> tuple[tuple[Location, Node], ...]:
        """Every value of the file in its order; one that an alias repeats stands at each of its locations."""
        return tuple(
            place for number, document in enumerate(self.documents.nodes) for place in document.walk((number,))
        )

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every scalar of the file; a collection without any is one, too."""
        return tuple(
            Leaf(location, node.text if node.shape is Shape.SCALAR else node.shape, node.value, node.tag)
            for location, node in self.nodes
            if node.shape is Shape.SCALAR or not node.children or node.tag
        )

    @cached_property
    def _locations(self) -> Mapping[Node, tuple[Location, ...]]:
        found: dict[Node, tuple[Location, ...]] = {}
        for location, node in self.nodes:
            found[node] = (*found[node], location) if node in found else (location,)
        return found

    @cached_property
    def _spans(self) -> Mapping[tuple[int, int, Shape], Node]:
        return {(node.start, node.end, node.shape): node for _, node in reversed(self.nodes)}

    def locations(self, node: Node) -> tuple[Location, ...]:
        """Everywhere the value counts: more than once where an alias or a merge key takes it over."""
        return self._locations.get(node, ())

    def at(self, start: int, end: int) -> Node:
        """The scalar that is written at these bytes, quotes included.

        Raises:
            Refused: the file cannot be read whole, or something else stands there.
        """
        self.refuse_unreadable()
        node = self.span(start, end)
        if node is None:
            reason = f"{self.path}: the file has changed, what was read stands elsewhere now; scan again"
            raise Refused(reason, Refusal.MOVED)
        return node

    def span(self, start: int, end: int, shape: Shape = Shape.SCALAR) -> Node | None:
        """The scalar (or collection) that is written at exactly these bytes, or None."""
        return self._spans.get((start, end, shape))

    def node(self, location: Location) -> Node | None:
        """The value at a location, or None where there is none.

        Raises:
            Refused: the file cannot be read whole.
        """
        self.refuse_unreadable()
        document = int(location[0])
        nodes = self.documents.nodes
        return nodes[document].get(*location[1:]) if 0 <= document < len(nodes) else None

    def refuse_unreadable(self) -> None:
        """Nothing can be proved of a file that is not read whole.

        Raises:
            Refused: it is not.
        """
        if not self.documents.complete:
            raise Refused(f"the file cannot be read whole: {_first(self.documents.problems)}", Refusal.UNREADABLE)

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

    def edit(self, start: int, end: int, new: bytes) -> Edit:
        """These bytes replaced, not proved."""
        line = self.content.count(b"\n", 0, start) + 1 if self.encoding in ("utf-8", "latin-1") else 0
        if not line:
            line = self.documents.nodes[0].content.place(start)[0]
        told = changes_diff(self.path, self.content, [Change(start, end, new)], self.encoding)
        return Edit(self.path, start, end, self.content[start:end], new, line, told, self.encoding)


def _first(problems: tuple[Problem, ...]) -> str:
    return str(problems[0]) if problems else "it is no text"
