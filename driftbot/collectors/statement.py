"""A statement: what a document says about one subject, as facts, and what in it could not be read, as gaps."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import Enum, auto

from driftbot.core.coverage import Gap
from driftbot.core.fact import Fact, Origin, Provenance, Value
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject
from driftbot.documents.node import Node, Shape

PLACEHOLDER = re.compile(r"\{\{|\$\{|<%|\$\(")
"""What a template or a shell would still replace: a text with it is no value yet."""


class Zero(Enum):
    """What a written zero means: itself, or, as the API server reads it in some fields, the default."""

    ZERO = auto()
    DEFAULT = auto()


class Statement:
    """Collects the facts about one subject, each with its place and its provenance."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.facts: list[Fact] = []
        self.gaps: list[Gap] = []

    def state(self, key: str, value: Value, at: Node | Origin, provenance: Provenance = Provenance.EXPLICIT) -> Fact:
        """Add a fact that stands at a node or at an exact place."""
        origin = at if isinstance(at, Origin) else at.origin
        fact = Fact(self.subject, key, value, provenance=provenance, origin=origin)
        self.facts.append(fact)
        return fact

    def quantity(
        self, key: str, unit: Unit, holder: Node, field: str, default: float | None = None, zero: Zero = Zero.ZERO
    ) -> Fact | None:
        """The number in ``holder[field]``, else the API's default, else nothing; a gap where it is no number."""
        node = _written(holder, field)
        if node is not None:
            value = self._number(key, unit, node)
            if value is None or value.value or zero is Zero.ZERO or default is None:
                return self.state(key, value, node) if value else None
        if default is None:
            return None
        return self.state(key, Quantity(float(default), unit), node or holder, Provenance.DEFAULT)

    def text(self, key: str, holder: Node, field: str, default: str | None = None) -> Fact | None:
        """The text in ``holder[field]``, else the API's default, else nothing; a gap where it is a placeholder."""
        node = _written(holder, field)
        if node is None:
            return None if default is None else self.state(key, default, holder, Provenance.DEFAULT)
        if node.shape is not Shape.SCALAR or PLACEHOLDER.search(node.text):
            self.doubt(node, f"{key}: {node.raw[:80]!r} is no text that could be read")
            return None
        return self.state(key, node.text, node)

    def flag(self, key: str, holder: Node, field: str, default: bool) -> Fact | None:
        """The boolean in ``holder[field]``, else the API's default."""
        node = _written(holder, field)
        if node is None:
            return self.state(key, default, holder, Provenance.DEFAULT)
        if not isinstance(node.value, bool):
            self.doubt(node, f"{key}: {node.raw[:80]!r} is neither true nor false")
            return None
        return self.state(key, node.value, node)

    def share(self, key: str, holder: Node, field: str, default: str | int | None = None) -> Fact | None:
        """A number of pods or a percentage of them: ``<key>.count`` or ``<key>.ratio``."""
        node = _written(holder, field)
        if node is None:
            return None if default is None else self._share(key, default, holder, Provenance.DEFAULT)
        return self._share(key, node.text, node, Provenance.EXPLICIT)

    def names(self, key: str, names: Iterable[str], at: Node, written: bool = True) -> Fact:
        """A set of names, sorted; ``written`` is False where nobody wrote the list."""
        provenance = Provenance.EXPLICIT if written else Provenance.DEFAULT
        return self.state(key, tuple(sorted(set(names))), at, provenance)

    def inherit(self, fact: Fact | None, key: str = "") -> None:
        """Take over a fact stated on the level above, unless a key of this name is stated here."""
        if fact and not any(known.key == (key or fact.key) for known in self.facts):
            unwritten = fact.provenance in (Provenance.DEFAULT, Provenance.COMPUTED)
            provenance = fact.provenance if unwritten else Provenance.INHERITED
            self.facts.append(Fact(self.subject, key or fact.key, fact.value, fact.view, provenance, fact.origin))

    def adopt(self, fact: Fact, key: str) -> None:
        """State under a key of this subject what another object says about it, with that object's provenance."""
        self.facts.append(Fact(self.subject, key, fact.value, fact.view, fact.provenance, fact.origin))

    def derive(self, key: str, value: float, unit: Unit, at: Node, *inputs: Fact) -> Fact:
        """A computed number: as firm as its inputs, and ``computed`` where some were written and some are defaults.

        It stands ``at`` the object it is computed for, or where its only input stands if it is that very value.
        """
        derived = Quantity(float(value), unit)
        if len(inputs) == 1 and inputs[0].value == derived:
            self.adopt(inputs[0], key)
            return self.facts[-1]
        return self.state(key, derived, at, weakest(inputs))

    def doubt(self, node: Node, reason: str) -> None:
        """Note something that could not be read."""
        self.gaps.append(Gap(node.origin, f"{self.subject.kind} {self.subject.name}: {reason}"))

    def find(self, key: str) -> Fact | None:
        """The fact stated last for a key."""
        return next((fact for fact in reversed(self.facts) if fact.key == key), None)

    def _number(self, key: str, unit: Unit, node: Node) -> Quantity | None:
        try:
            if node.shape is not Shape.SCALAR or node.value is None:
                raise NotAQuantity(f"{node.raw[:80]!r} is not a quantity in {unit}")
            return parse_quantity(node.value, unit)
        except NotAQuantity as error:
            self.doubt(node, f"{key}: {error}")
            return None

    def _share(self, key: str, written: str | int, at: Node, provenance: Provenance) -> Fact | None:
        percent = str(written).strip().endswith("%")
        unit = Unit.RATIO if percent else Unit.COUNT
        try:
            return self.state(f"{key}.{'ratio' if percent else 'count'}", parse_quantity(written, unit), at, provenance)
        except NotAQuantity as error:
            self.doubt(at, f"{key}: {error}")
            return None


def part(node: Node, start: int, end: int) -> Origin:
    """Where these characters of a scalar's text stand; the whole value where it is not written plainly."""
    inset = node.raw.find(node.text)
    if inset < 0 or node.end - node.start != len(node.raw):
        return node.origin
    first = node.start + inset
    return node.content.origin(first + start, first + end)


def number(fact: Fact | None) -> float:
    """A fact's number; NaN where there is none."""
    return fact.value.value if fact and isinstance(fact.value, Quantity) else math.nan


def weakest(facts: Iterable[Fact]) -> Provenance:
    """How firmly something stands that rests on all of these facts; with a default among others, it is computed."""
    found = {fact.provenance for fact in facts}
    if Provenance.COMPUTED in found or (Provenance.DEFAULT in found and len(found) > 1):
        return Provenance.COMPUTED
    strength = (Provenance.DEFAULT, Provenance.INHERITED, Provenance.EXPLICIT)
    return min(found, key=strength.index, default=Provenance.EXPLICIT)


def _written(holder: Node, field: str) -> Node | None:
    node = holder.get(field)
    return None if node is None or node.is_null else node
