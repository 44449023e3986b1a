"""The dictionaries of one night's transaction, shared by everything that it writes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from driftbot.core.subject import Labels
from driftbot.store import tables
from driftbot.store.dictionary import Contents, Names
from driftbot.store.value_text import compact


class Vocabulary:
    """Numbers of subjects, keys, places, scopes and texts."""

    def __init__(self, connection: Connection) -> None:
        self.subjects = Names(connection, tables.subject, ("kind", "environment", "name"), digested=True)
        self.keys = Names(connection, tables.fact_key, ("name",))
        self.places = Names(connection, tables.place, ("source", "locator"))
        self.scopes = Names(connection, tables.scope, ("source", "environment", "kind"))
        self.contents = Contents(connection, tables.content)
        self._labels: dict[Labels, int] = {}
        self._texts: dict[str, int | None] = {"": None}

    def flush(self) -> None:
        """Insert what is new, before rows that refer to it."""
        for names in (self.subjects, self.keys, self.places, self.scopes):
            names.flush()

    def text(self, text: str) -> int | None:
        """The number of a text; None for the empty one."""
        if text not in self._texts:
            self._texts[text] = self.contents.number(compact(text))
        return self._texts[text]

    def learn_labels(self, sets: Iterable[Labels]) -> None:
        """Look up many sets of labels at once, so that ``labels`` needs no query for each."""
        new = sorted({labels for labels in sets if labels and labels not in self._labels})
        numbers = self.contents.numbers([compact(dict(labels)) for labels in new])
        self._labels.update(zip(new, numbers, strict=True))

    def labels(self, labels: Labels) -> int | None:
        """The number of a set of labels; None for no labels."""
        if labels and labels not in self._labels:
            self._labels[labels] = self.contents.number(compact(dict(labels)))
        return self._labels[labels] if labels else None
