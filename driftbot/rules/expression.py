"""Lowered expressions: what remains of a checked tree once every name, unit, window and literal is resolved.

Nodes are values: equal nodes mean the same column, whatever rule they stand in. ``offset`` (characters from the start
of the text) is for messages and takes no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from driftbot.core.fact import View
from driftbot.core.quantity import Unit


class Sort(StrEnum):
    """What a value is."""

    NUMBER = "number"
    QUANTITY = "quantity"
    TEXT = "text"
    FLAG = "flag"
    INSTANT = "instant"
    LIST = "list"
    SERIES = "series"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Type:
    """A sort with its unit (quantities and series) or the type of its items (lists)."""

    sort: Sort
    unit: Unit | None = None
    item: Type | None = None

    def __str__(self) -> str:
        match self.sort:
            case Sort.QUANTITY:
                return str(self.unit)
            case Sort.SERIES:
                return f"a series of {self.unit}"
            case Sort.LIST:
                return f"a list of {self.item}"
            case _:
                return str(self.sort)


NUMBER, TEXT, FLAG, INSTANT = Type(Sort.NUMBER), Type(Sort.TEXT), Type(Sort.FLAG), Type(Sort.INSTANT)
NAMES = Type(Sort.LIST, item=TEXT)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule; instants are timezone-aware."""

    value: float | str | bool | datetime
    type: Type
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """A key of the subject; ``view`` None is ``self``: the effective, else the declared, else the observed value.

    For a path, keys that start with ``hops.`` are lists: the value of each call on the way.
    """

    key: str
    view: View | None
    type: Type
    offset: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The reference as a rule writes it."""
        return f"{self.view or 'self'}.{self.key}"


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the subject; one it is known not to carry reads as the empty text."""

    name: str
    type: Type = TEXT
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The time that counts as now."""

    type: Type = INSTANT
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """A name of ``let``, or of a list's item inside a macro (``local``)."""

    name: str
    type: Type
    local: bool = False
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of a series over a window (seconds); ``arguments`` are its other arguments, ``unit`` is the series'."""

    key: str
    name: str
    window: float
    arguments: tuple[Node, ...]
    type: Type
    offset: int = field(default=0, compare=False)
    unit: Unit | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """``known``, ``present`` or ``explicit`` about a value."""

    name: str
    about: Node
    type: Type = FLAG
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function in CEL's name for it (``_<=_``); a member's target is its first argument."""

    function: str
    arguments: tuple[Node, ...]
    type: Type
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Quantifier:
    """``all`` or ``exists`` over a list."""

    macro: str
    variable: str
    over: Node
    body: Node
    type: Type = FLAG
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Collect:
    """``filter`` and ``map``: ``each`` of those items that ``keep`` (None: all of them)."""

    variable: str
    over: Node
    keep: Node | None
    each: Node
    type: Type
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list written in the rule."""

    items: tuple[Node, ...]
    type: Type
    offset: int = field(default=0, compare=False)


Node = (
    Literal | Reference | Label | AsOf | Bound | Measure | Question | Call | Quantifier | Collect | Listing
)  # fmt: skip


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Measure() | Call():
            return node.arguments
        case Question():
            return (node.about,)
        case Quantifier():
            return (node.over, node.body)
        case Collect():
            return (node.over, *((node.keep,) if node.keep else ()), node.each)
        case Listing():
            return node.items
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)
