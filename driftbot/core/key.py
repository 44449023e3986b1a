"""Keys: the declared vocabulary of facts and rules, with units, meanings and providers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from driftbot.core.quantity import Unit

KEY_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


class ValueType(StrEnum):
    """What the value of a key is."""

    QUANTITY = "quantity"
    TEXT = "text"
    FLAG = "flag"
    INSTANT = "instant"
    NAMES = "names"
    SERIES = "series"


class Delivery(StrEnum):
    """When a fact is stated: with the inventory, or only if an enabled rule names its key.

    Then it is derived from the inventory, or asked of a server, which costs.
    """

    INVENTORY = "inventory"
    DERIVED = "derived"
    ON_DEMAND = "on_demand"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A fact's name within a kind of subject, declared once.

    ``unit`` is set for quantities and series and None for everything else. ``providers`` are the collectors or signals
    that may deliver it. Series are measured on demand whatever ``delivery`` says.
    """

    subject_kind: str
    name: str
    type: ValueType
    meaning: str
    unit: Unit | None = None
    providers: tuple[str, ...] = ()
    delivery: Delivery = Delivery.INVENTORY

    def __post_init__(self) -> None:
        if not KEY_NAME.fullmatch(self.name):
            raise ValueError(f"key {self.name!r} is not lower-case words joined by dots")
        if (self.unit is not None) != (self.type in {ValueType.QUANTITY, ValueType.SERIES}):
            raise ValueError(f"key {self.name!r}: a unit belongs to quantities and series, and only to them")


class UnknownKey(LookupError):
    """Nobody provides this key for this kind of subject."""

    def __init__(self, subject_kind: str, name: str, nearest: tuple[str, ...]) -> None:
        self.subject_kind, self.name, self.nearest = subject_kind, name, nearest
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"nobody provides {name!r} for a {subject_kind}{hint}")


class Vocabulary:
    """Every key that somebody provides: the vocabulary of rules and the source of load errors."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys: dict[tuple[str, str], Key] = {}
        for key in keys:
            self._add(key)

    def _add(self, key: Key) -> None:
        known = self._keys.get((key.subject_kind, key.name))
        if known is None:
            self._keys[key.subject_kind, key.name] = key
            return
        if (known.type, known.unit) != (key.type, key.unit):
            raise ValueError(
                f"key {key.name!r} of a {key.subject_kind} is declared twice: as {known.type} {known.unit or ''} by"
                f" {', '.join(known.providers)} and as {key.type} {key.unit or ''} by {', '.join(key.providers)}"
            )
        providers = tuple(sorted({*known.providers, *key.providers}))
        self._keys[key.subject_kind, key.name] = replace(known, providers=providers)

    def __iter__(self) -> Iterator[Key]:
        return iter(sorted(self._keys.values()))

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, subject_kind: str, name: str) -> Key | None:
        """The key, or None where nobody provides it."""
        return self._keys.get((subject_kind, name))

    def get(self, subject_kind: str, name: str) -> Key:
        """The key.

        Raises:
            UnknownKey: nobody provides it; carries the nearest legal names.
        """
        key = self.find(subject_kind, name)
        if key is None:
            raise UnknownKey(subject_kind, name, self.nearest(subject_kind, name))
        return key

    def nearest(self, subject_kind: str, name: str) -> tuple[str, ...]:
        """Up to three names of this kind that look like ``name``."""
        names = [key.name for key in self.of_kind(subject_kind)]
        return tuple(difflib.get_close_matches(name, names, n=3, cutoff=0.5))

    def of_kind(self, subject_kind: str) -> tuple[Key, ...]:
        """All keys of one kind of subject, sorted."""
        return tuple(sorted(key for key in self._keys.values() if key.subject_kind == subject_kind))

    def beyond(self) -> dict[str, frozenset[str]]:
        """The names of keys that are not stated with the inventory, by kind of subject."""
        found: dict[str, set[str]] = {}
        for key in self._keys.values():
            if key.delivery is not Delivery.INVENTORY:
                found.setdefault(key.subject_kind, set()).add(key.name)
        return {kind: frozenset(names) for kind, names in found.items()}

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of subject that somebody describes, sorted."""
        return tuple(sorted({kind for kind, _ in self._keys}))
