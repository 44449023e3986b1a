"""Labels of subjects over the nights: each source's word for itself, so that a silent source takes none away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from driftbot.core.subject import Labels, Subject, labels_of
from driftbot.store import tables
from driftbot.store.vocabulary import Vocabulary

Holder = tuple[int, int]
"""The numbers of a subject and of the scope (a source's view of its kind) whose word its labels are."""


class LabelWriter:
    """Writes one night's labels. A subject without facts of a source has no labels of that source either."""

    def __init__(self, connection: Connection, vocabulary: Vocabulary, night: int) -> None:
        self._connection, self._vocabulary, self._night = connection, vocabulary, night
        self._stated: dict[Holder, Labels] = {}

    def note(self, holder: Holder, subject: Subject) -> None:
        """Remember what a source says of a subject; several statements of one night add up."""
        known = self._stated.setdefault(holder, subject.labels)
        if known is not subject.labels and known != subject.labels:
            self._stated[holder] = labels_of({**dict(known), **dict(subject.labels)})

    def finish(self, lingering: Collection[Holder]) -> None:
        """Write what changed; labels end with the last fact of their source, but for those that only were not seen."""
        standing = self._standing()
        self._vocabulary.learn_labels(self._stated.values())
        tonight = {holder: self._vocabulary.labels(labels) for holder, labels in self._stated.items()}
        changed = [
            holder
            for holder, labels in tonight.items()
            if labels != (standing[holder].labels if holder in standing else None)
        ]
        gone = [holder for holder in standing if holder not in tonight and holder not in lingering]
        self._vocabulary.flush()
        self._end([standing[holder] for holder in (*changed, *gone) if holder in standing])
        self._begin([(holder, tonight[holder]) for holder in changed])

    def _standing(self) -> dict[Holder, Any]:
        labels = tables.label_set.c
        columns = select(labels.subject, labels.scope, labels.opened, labels.labels)
        rows = self._connection.execute(columns.where(labels.closed.is_(None))).all()
        return {(row.subject, row.scope): row for row in rows}

    def _end(self, ended: list[Any]) -> None:
        labels = tables.label_set.c
        found = (
            (labels.subject == bindparam("of_subject"))
            & (labels.scope == bindparam("of_scope"))
            & (labels.opened == bindparam("since"))
        )
        rows = [{"of_subject": row.subject, "of_scope": row.scope, "since": row.opened} for row in ended]
        if rows:
            self._connection.execute(update(tables.label_set).where(found).values(closed=self._night), rows)

    def _begin(self, begun: list[tuple[Holder, int | None]]) -> None:
        rows = [
            {"subject": holder[0], "scope": holder[1], "opened": self._night, "labels": labels}
            for holder, labels in begun
            if labels is not None
        ]
        if rows:
            self._connection.execute(insert(tables.label_set), rows)
