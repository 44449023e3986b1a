"""Scope: the names that an expression of a rule may use, with their types."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from driftbot.core.coverage import LABELS
from driftbot.core.fact import View
from driftbot.core.graph import CALL_KIND, PATH_KIND
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Unit
from driftbot.rules import expression as ex
from driftbot.rules import language
from driftbot.rules.fault import Fault

PATH = PATH_KIND
"""The kind whose subjects are ways through the graph of ``call`` subjects."""

CALL = CALL_KIND
"""The kind of the hops of a path."""

LABEL_PREFIX = LABELS
"""Keys under this prefix declare the labels of a kind; where one is declared, only declared labels are legal."""

HOPS_PREFIX = "hops."

LENGTH = Key(PATH, "length", ValueType.QUANTITY, "how many calls the path has", Unit.COUNT, ("graph",))

VIEWS = tuple(str(view) for view in View)
ROOTS = ("self", *VIEWS)
_SCALARS = {ValueType.TEXT: ex.TEXT, ValueType.FLAG: ex.FLAG, ValueType.INSTANT: ex.INSTANT, ValueType.NAMES: ex.NAMES}


def type_of(key: Key) -> ex.Type:
    """The type of a key's value."""
    if key.type is ValueType.QUANTITY:
        return ex.Type(ex.Sort.QUANTITY, key.unit)
    if key.type is ValueType.SERIES:
        return ex.Type(ex.Sort.SERIES, key.unit)
    return _SCALARS[key.type]


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be named in a rule for one kind of subject; ``lets`` are the names bound so far, with their nodes."""

    kind: str
    vocabulary: Vocabulary
    lets: Mapping[str, ex.Node] = field(default_factory=dict)

    def keys(self) -> Mapping[str, ex.Type]:
        """Every key of the kind with its type."""
        if self.kind != PATH:
            found = {key.name: type_of(key) for key in self.vocabulary.of_kind(self.kind)}
            return {name: kind for name, kind in found.items() if not name.startswith(LABEL_PREFIX)}
        hops = {
            HOPS_PREFIX + key.name: ex.Type(ex.Sort.LIST, item=type_of(key))
            for key in self.vocabulary.of_kind(CALL)
            if key.type not in {ValueType.SERIES, ValueType.NAMES} and not key.name.startswith(LABEL_PREFIX)
        }
        return {LENGTH.name: type_of(LENGTH), **hops}

    def variables(self, text: str) -> dict[str, str]:
        """The CEL declarations of all names that the text can mean."""
        roots = [root for root in ROOTS if f"{root}." in text]
        found = {"as_of": "instant"} if "as_of" in text else {}
        if "self.labels" in text:
            found["self.labels"] = "map<string,string>"
        for name, kind in self.keys().items():
            if name in text:
                found.update({f"{root}.{name}": cel_type(of_view) for root, of_view in _views(kind, roots)})
        found.update({name: cel_type(node.type) for name, node in self.lets.items() if name in text})
        return found

    def bound(self, name: str, kind: ex.Type, offset: int) -> ex.Node:
        """A name of ``let``; one that only renames a key is that key."""
        node = self.lets.get(name)
        if isinstance(node, ex.Reference | ex.Label):
            return node
        return ex.Bound(name, kind, offset=offset)

    def labels(self) -> tuple[str, ...]:
        """The declared labels of the kind; empty where nobody declares them."""
        names = (key.name for key in self.vocabulary.of_kind(self.kind))
        return tuple(name.removeprefix(LABEL_PREFIX) for name in names if name.startswith(LABEL_PREFIX))

    def unknown_label(self, name: str, offset: int) -> Fault | None:
        """What is wrong with a label's name; nothing where the kind's labels are not declared."""
        declared = self.labels()
        if not declared or name in declared:
            return None
        near = difflib.get_close_matches(name, declared, n=3, cutoff=0.5)
        return Fault(offset, f"a {self.kind} has no label {name!r}", _did_you_mean(near or declared[:5]))


def _views(kind: ex.Type, roots: Iterable[str]) -> Iterator[tuple[str, ex.Type]]:
    """What a key is by each name before its dot: a series is measured, and its baseline is a quantity once approved."""
    for root in roots:
        if kind.sort is not ex.Sort.SERIES or root == "self":
            yield root, kind
        elif root == View.APPROVED:
            yield root, ex.Type(ex.Sort.QUANTITY, kind.unit)


def _did_you_mean(names: list[str] | tuple[str, ...]) -> str:
    return f"did you mean {' or '.join(names)}?" if names else ""


def cel_type(kind: ex.Type) -> str:
    """Our type as CEL spells it."""
    match kind.sort:
        case ex.Sort.QUANTITY:
            return language.quantity(str(kind.unit))
        case ex.Sort.SERIES:
            return language.series(str(kind.unit))
        case ex.Sort.LIST if kind.item is not None:
            return f"list<{cel_type(kind.item)}>"
        case ex.Sort.NUMBER:
            return "double"
        case ex.Sort.TEXT:
            return "string"
        case ex.Sort.FLAG:
            return "bool"
        case ex.Sort.INSTANT:
            return "instant"
        case _:
            return "map<string,string>"
