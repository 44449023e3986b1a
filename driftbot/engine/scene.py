"""Scenes: the few subjects of one rule that people will read about, with the value of any expression for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from driftbot.core.fact import Value as FactValue
from driftbot.core.fact import show
from driftbot.core.quantity import Quantity, Unit, format_quantity
from driftbot.engine.answers import Answer
from driftbot.engine.charted_series import ChartedSeries
from driftbot.engine.column import Column, Lists, Rows, Value
from driftbot.engine.compute import Computation
from driftbot.engine.table import Table
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES, Gives
from driftbot.rules.program import Program

UNREAD = "unknown"
EMPTY = "nothing known"
"""An empty text where a sentence would end for lack of it."""

MOST_NAMES = 5
"""How many items of a list a sentence shows."""

LONGEST_TEXT = 200
"""Characters of a text that a sentence shows."""


Leaf = ex.Reference | ex.Label | ex.Measure


@dataclass(frozen=True, slots=True)
class Below:
    """What an expression rests on: names of ``let``, and what was read, each once."""

    names: tuple[str, ...]
    leaves: tuple[Leaf, ...]


def shortened(value: FactValue) -> str:
    """A value as a person reads it: of a long list the first names, of a long text the beginning."""
    if isinstance(value, tuple) and len(value) > MOST_NAMES:
        return f"{shortened(value[:MOST_NAMES])} and {len(value) - MOST_NAMES} more"
    text = show(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _instant(seconds: float) -> FactValue:
    """The instant; in words where no calendar has it, so that one absurd value does not stop a rule for all others."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return "beyond the calendar"


class Scene:
    """Values of a program's expressions for chosen rows of its table; ``line`` counts those rows from 0."""

    def __init__(self, program: Program, table: Table, computation: Computation, rows: Rows) -> None:
        self.program = program
        self.table = table
        self.rows = rows
        self.lets = dict(program.lets)
        self._computation = computation
        self._values: dict[ex.Node, Value] = {}
        # Nodes are deep, and hashing one costs as much as a sentence; the node kept beside keeps its id its own.
        self._seen: dict[int, tuple[ex.Node, Value]] = {}
        self._below: dict[int, tuple[ex.Node, Below]] = {}
        self._answers: dict[int, tuple[ex.Node, Answer]] = {}
        self.charted = ChartedSeries(table, rows)

    def resolve(self, node: ex.Node) -> ex.Node:
        """What a name of ``let`` stands for; any other node itself."""
        while isinstance(node, ex.Bound) and not node.local:
            node = self.lets[node.name]
        return node

    def below(self, node: ex.Node) -> Below:
        """The names and leaves of an expression, through the names of ``let``."""
        seen = self._below.get(id(node))
        if seen is None:
            seen = self._below[id(node)] = (node, self._gather(node))
        return seen[1]

    def _gather(self, top: ex.Node) -> Below:
        names: dict[str, None] = {}
        leaves: dict[Leaf, None] = {}
        waiting = [top]
        while waiting:
            for part in ex.walk(waiting.pop(0)):
                if isinstance(part, Leaf):
                    leaves.setdefault(part)
                elif isinstance(part, ex.Bound) and not part.local and part.name not in names:
                    names[part.name] = None
                    waiting.append(self.lets[part.name])
        return Below(tuple(names), tuple(leaves))

    def answer(self, node: ex.Measure) -> Answer:
        """What a detector says of the whole table, where the measure is a detector's."""
        seen = self._answers.get(id(node))
        if seen is None:
            seen = self._answers[id(node)] = (node, self._computation.answer(node))
        return seen[1]

    def known(self, node: ex.Node, line: int) -> bool:
        """Whether the node's value is known; of a list, every item."""
        value = self._value(node)
        if isinstance(value, Lists) and value.known[line]:
            return bool(value.items.known[value.offsets[line] : value.offsets[line + 1]].all())
        return bool(value.known[line])

    def truth(self, node: ex.Node, line: int) -> bool | None:
        """A condition's value; None where it is not known."""
        value = self._value(node)
        assert isinstance(value, Column)
        return bool(value.values[line]) if value.known[line] else None

    def number(self, node: ex.Node, line: int) -> float:
        """A number's value where it is known."""
        value = self._value(node)
        assert isinstance(value, Column)
        return float(value.values[line])

    def fact_value(self, node: ex.Node, line: int) -> FactValue | None:
        """The value as facts hold it; None where it is not known."""
        value = self._value(node)
        if not value.known[line]:
            return None
        if isinstance(value, Lists):
            part = slice(int(value.offsets[line]), int(value.offsets[line + 1]))
            item = node.type.item or ex.TEXT
            entries = zip(value.items.values[part].tolist(), value.items.known[part].tolist(), strict=True)
            return tuple(show(self._scalar(entry, item, node)) if known else UNREAD for entry, known in entries)
        return self._scalar(value.values[line], node.type, node)

    def text(self, node: ex.Node, line: int) -> str:
        """The value as a person reads it."""
        value = self.fact_value(node, line)
        if value is None:
            return UNREAD
        return shortened(value)

    def words(self, node: ex.Node, line: int) -> str:
        """The value as a message has it: never empty, and of what a detector estimates no more digits than it knows."""
        return self._estimate(node, line) or self.text(node, line) or EMPTY

    def _estimate(self, node: ex.Node, line: int) -> str:
        """A detector's share or odds in two digits; empty for any other value."""
        measure = self.resolve(node)
        if not isinstance(measure, ex.Measure) or measure.name not in DETECTOR_MEASURES:
            return ""
        value = self.fact_value(node, line)
        if DETECTOR_MEASURES[measure.name].gives is not Gives.RATIO or not isinstance(value, Quantity):
            return ""
        return format_quantity(Quantity(float(f"{value.value:.2g}"), Unit.RATIO))

    def _value(self, node: ex.Node) -> Value:
        seen = self._seen.get(id(node))
        if seen is not None:
            return seen[1]
        found = self._values.get(node)
        if found is None:
            found = self._values[node] = self._computation.value(node, self.rows)
        self._seen[id(node)] = (node, found)
        return found

    def _scalar(self, value: object, kind: ex.Type, node: ex.Node) -> FactValue:
        match kind.sort:
            case ex.Sort.QUANTITY if kind.unit is not None:
                number = float(value)  # type: ignore[arg-type]
                return Quantity(number, kind.unit) if np.isfinite(number) else self._beyond(node)
            case ex.Sort.NUMBER:
                return Quantity(float(value), Unit.COUNT)  # type: ignore[arg-type]
            case ex.Sort.INSTANT:
                return _instant(float(value))  # type: ignore[arg-type]
            case ex.Sort.FLAG:
                return bool(value)
            case _:
                return str(value)

    def _beyond(self, node: ex.Node) -> str:
        """An infinite value: a time that never comes, or a change from nothing."""
        measure = self.resolve(node)
        if isinstance(measure, ex.Measure) and measure.name == "step":
            return "endlessly"
        if isinstance(measure, ex.Measure):
            return f"not within {format_quantity(Quantity(measure.window, Unit.SECONDS))}"
        return "not foreseeable"
