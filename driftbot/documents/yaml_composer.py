"""YAML events into nodes: anchors, merge keys, duplicate keys, and bounds against bombs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

from driftbot.core.rule import Problem
from driftbot.documents import template
from driftbot.documents.content import Decoded
from driftbot.documents.duplicate import twice
from driftbot.documents.node import DEEPEST, Entry, Node, Scalar, Shape
from driftbot.documents.yaml_scalar import construct, resolve, tag_name

MOST_REPEATED = 1_000_000
"""Nodes that aliases and merge keys may add to one document (a "billion laughs" bomb adds more)."""

MOST_DOUBTS = 100
"""Duplicate keys that are named one by one in a document."""

_PROPERTIES = re.compile(r"(?:(?:&\S+|!<[^>]*>|![^\s,\[\]{}]*)(?:[\s\uFEFF]+(?:#[^\r\n]*)?)*)+")
_BLANK_LINES = " \t\r\n"
_BLOCK_STYLES = ("|", ">")
# A member of an enumeration is looked up by its class each time it is named; these are asked for with every event.
_MAPPING, _SEQUENCE, _SCALAR = Shape.MAPPING, Shape.SEQUENCE, Shape.SCALAR


class Unreadable(Exception):
    """The rest of the document cannot be taken: carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Measure(NamedTuple):
    """How much a node is with its aliases written out: nodes, and levels below it."""

    size: int = 1
    height: int = 0


_LEAF = _Measure()


@dataclass(slots=True, eq=False)
class _Open:
    """A collection whose end has not come yet; ``size`` and ``height`` count with aliases written out."""

    shape: Shape
    start: int
    flow: bool
    tag: str
    anchor: str | None
    end: int
    size: int = 1
    height: int = 0
    items: list[Node] = field(default_factory=list)
    members: dict[str, Entry] = field(default_factory=dict)
    merges: list[Node] = field(default_factory=list)
    key: Node | None = None
    key_is_merge: bool = False


class Composer:
    """Builds the nodes of one document from its events.

    Most events are scalars and most scalars are plain: these two are kept free of everything that only others need.
    """

    def __init__(self, decoded: Decoded, base: int) -> None:
        self._decoded = decoded
        self._content = decoded.content
        self._offsets = decoded.offsets
        self._base = base
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, _Measure] | None] = {}
        self._repeated = 0
        self.root: Node | None = None
        self.problems: list[Problem] = []

    def take(self, event: yaml.Event) -> None:
        """Add what the event says.

        Raises:
            Unreadable: the document is a bomb, nested too deeply, a template, or refers to an unknown anchor.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(event, _MAPPING)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._finish(self.ends(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(event, _SEQUENCE)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def begins(self, event: yaml.Event) -> int:
        """The character the event starts at, in the whole text."""
        assert event.start_mark is not None
        return self._base + event.start_mark.index

    def ends(self, event: yaml.Event) -> int:
        """The character after the event, in the whole text."""
        assert event.end_mark is not None
        return self._base + event.end_mark.index

    def _unreadable(self, at: int, message: str, hint: str = "") -> Unreadable:
        return Unreadable(Problem(self._decoded.origin(at), message, hint))

    def _too_deep(self, at: int) -> Unreadable:
        return self._unreadable(at, f"nested more than {DEEPEST} levels deep", "split the document")

    def _value_start(self, event: yaml.NodeEvent, end: int) -> int:
        start = self.begins(event)
        properties = _PROPERTIES.match(self._decoded.text, start)
        return min(properties.end(), end) if properties else start

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        assert event.start_mark is not None and event.end_mark is not None
        text, style, tag = event.value, event.style, event.tag
        start, end = self._base + event.start_mark.index, self._base + event.end_mark.index
        value: Scalar = text
        if tag is not None or event.anchor is not None:
            start = self._value_start(event, end)
            value = self._tagged(event)
        elif not style:
            value = resolve(text)
        if style in _BLOCK_STYLES:
            end = self._block_end(start, end)
        offsets = self._offsets
        node = Node(self._content, _SCALAR, offsets[start], offsets[end], text, value, self._tag(tag))
        if event.anchor is not None:
            self._anchors[event.anchor] = node, _LEAF
        self._add(node, end, _LEAF, text == "<<" and not style)

    def _tagged(self, event: yaml.ScalarEvent) -> Scalar:
        """The value of a scalar with a tag or an anchor."""
        name = tag_name(event.tag)
        if name:
            return construct(name, event.value)
        return resolve(event.value) if event.tag is None and not event.style else event.value

    def _block_end(self, start: int, end: int) -> int:
        text = self._decoded.text
        if "+" in text[start : start + 3]:
            return end
        last = start + len(text[start:end].rstrip(_BLANK_LINES))
        newline = re.compile(r"[ \t]*(\r\n|\n|\r)?").match(text, last, end)
        return newline.end() if newline else last

    def _tag(self, tag: str | None) -> str:
        return "" if tag is None or tag == "!" else tag

    def _begin(self, event: yaml.CollectionStartEvent, shape: Shape) -> None:
        start = self.begins(event)
        if len(self._open) >= DEEPEST:
            raise self._too_deep(start)
        if event.tag is not None or event.anchor is not None:
            start = self._value_start(event, len(self._decoded.text))
        flow = bool(event.flow_style)
        if flow and self._decoded.text.startswith("{{", start - 1) and self._is_doubled(start):
            raise self._template(start - 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open(shape, start, flow, self._tag(event.tag), event.anchor, start))

    def _is_doubled(self, start: int) -> bool:
        return bool(self._open) and self._open[-1].flow and self._open[-1].start == start - 1

    def _template(self, at: int) -> Unreadable:
        text = self._decoded.text
        end = text.find("}}", at)
        stop = end + 2 if end >= 0 else at + 2
        found = text[at : min(stop, at + 80)]
        return Unreadable(Problem(self._decoded.origin(at, stop), f"placeholder {found} is not YAML", template.HINT))

    def _finish(self, end: int) -> None:
        done = self._open.pop()
        stop = end if done.flow else done.end
        members = done.members
        for merged in done.merges:
            self._merge(done, members, merged)
        offsets = self._offsets
        place = offsets[done.start], offsets[stop]
        node = Node(self._content, done.shape, *place, "", None, done.tag, tuple(done.items), members)
        measure = _Measure(done.size, done.height)
        if done.anchor is not None:
            self._anchors[done.anchor] = node, measure
        self._add(node, stop, measure)

    def _alias(self, event: yaml.AliasEvent) -> None:
        at = self.begins(event)
        if event.anchor not in self._anchors:
            raise self._unreadable(at, f"alias *{event.anchor} has no anchor &{event.anchor} before it")
        known = self._anchors[event.anchor]
        if known is None:
            raise self._unreadable(at, f"alias *{event.anchor} stands inside the value it names", "write the value out")
        node, measure = known
        self._repeat(measure.size, at)
        if len(self._open) + measure.height > DEEPEST:
            raise self._too_deep(at)
        self._add(node, self.ends(event), measure)

    def _repeat(self, size: int, at: int) -> None:
        self._repeated += size
        if self._repeated > MOST_REPEATED:
            raise self._unreadable(
                at, f"aliases repeat more than {MOST_REPEATED:,} nodes (a bomb?)", "write the values out"
            )

    def _add(self, node: Node, end: int, measure: _Measure, merge: bool = False) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += measure.size
        # What a merge key takes over stands on the level of the mapping itself.
        height = measure.height + (not parent.key_is_merge)
        if height > parent.height:
            parent.height = height
        parent.end = end
        key = parent.key
        if parent.shape is _SEQUENCE:
            parent.items.append(node)
        elif key is None:
            parent.key, parent.key_is_merge = node, merge
        else:
            parent.key = None
            if parent.key_is_merge:
                parent.merges.append(node)
                parent.key_is_merge = False
            else:
                self._enter(parent.members, key, node)

    def _enter(self, members: dict[str, Entry], key: Node, value: Node) -> None:
        name = key.text if key.shape is _SCALAR else key.raw
        if name in members:
            self._twice(name, key, members.pop(name).key)
        members[name] = Entry(key, value)

    def _twice(self, name: str, key: Node, earlier: Node) -> None:
        if len(self.problems) > MOST_DOUBTS:
            return
        if len(self.problems) < MOST_DOUBTS:
            self.problems.append(twice(name, key, earlier))
        else:
            message = f"more than {MOST_DOUBTS} keys stand twice"
            self.problems.append(Problem(key.origin, message, "the rest of the document is not listed"))

    def _merge(self, into: _Open, members: dict[str, Entry], merged: Node) -> None:
        sources = merged.items if merged.shape is Shape.SEQUENCE else (merged,)
        for source in sources:
            if source.shape is not Shape.MAPPING:
                self.problems.append(Problem(source.origin, "a merge key << takes a mapping or a list of mappings"))
                continue
            self._repeat(len(source.members), into.start)
            for name, entry in source.members.items():
                members.setdefault(name, entry)
