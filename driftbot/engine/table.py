"""The table: a snapshot's facts and series by kind and key, and the columns that expressions read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from driftbot.core.coverage import Coverage, is_absent
from driftbot.core.fact import Fact, Provenance, View
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine.column import Column, Flags, Value
from driftbot.engine.detections import Detections
from driftbot.engine.entries import Entries, Reading, first_of, read_entries
from driftbot.engine.remains import derived_only, without
from driftbot.engine.statistics import Statistics
from driftbot.rules import expression as ex
from driftbot.rules.scope import LABEL_PREFIX

SELF_VIEWS = (View.EFFECTIVE, View.DECLARED, View.OBSERVED)
"""In which order ``self.<key>`` looks for a value."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that a rule wants and nobody knows: the facts that were read, and whether it is known to be absent."""

    subject: Subject
    key: str
    facts: tuple[Fact, ...]
    conflict: bool
    absent: bool


class Table:
    """All subjects of one kind as rows, sorted by environment and name, with what is known about each.

    ``limits`` says what of the estate is not among the rows, ``beyond`` which keys are stated beside the inventory, of
    which only who names them says that they were looked for.
    """

    limits = ""
    beyond: frozenset[str] = frozenset()

    def __init__(self, kind: str, snapshot: Snapshot) -> None:
        self.kind = kind
        self.snapshot = snapshot
        self.subjects: tuple[Subject, ...] = ()
        self._row: dict[Subject, int] = {}
        self._entries: dict[tuple[str, View], Entries] = {}
        self._readings: dict[tuple[str, View, ex.Type], Reading] = {}
        self._absence: dict[str, Flags] = {}
        self._measured_by: dict[int, set[str]] = {}
        self._told: tuple[frozenset[str], ...] = ()
        self._views_of: dict[str, set[View]] = {}
        self._environments: dict[str, Flags] = {}
        self._labels: dict[str, tuple[Column, Flags]] = {}
        self._derived: Flags | None = None
        self.as_of = snapshot.as_of.timestamp()
        self.statistics = Statistics(0, self.as_of)
        self.detections = Detections(self)

    def __len__(self) -> int:
        return len(self.subjects)

    def fill(self, subjects: Mapping[Subject, Mapping[str, str]]) -> None:
        """Take the subjects with the labels of all that was said about each."""
        ordered = sorted(subjects, key=lambda subject: (subject.environment, subject.name))
        self.subjects = tuple(subject.with_labels(subjects[subject]) for subject in ordered)
        self._row = {subject: row for row, subject in enumerate(self.subjects)}
        self.statistics = Statistics(len(self.subjects), self.as_of)

    def add_facts(self, facts: Iterable[Fact]) -> None:
        """Take facts about the subjects of this kind."""
        rows: dict[int, int] = {}
        for fact in facts:
            subject = fact.subject
            row = rows.get(id(subject))
            if row is None:
                row = rows[id(subject)] = self._row.get(subject, -1)
            if row < 0:
                continue
            entries = self._entries.get((fact.key, fact.view))
            if entries is None:
                entries = self._entries[fact.key, fact.view] = Entries()
            entries.rows.append(row)
            entries.facts.append(fact)

    def add_series(self, series: Iterable[Series]) -> None:
        """Take measured series of the subjects of this kind."""
        for measured in series:
            row = self._row[measured.subject]
            self.statistics.add(row, measured)
            self._measured_by.setdefault(row, set()).add(measured.origin.source)

    def seen(self, key: str) -> bool:
        """Whether any subject carries a value of the key."""
        return self.statistics.measured(key) or any((key, view) in self._entries for view in View)

    def may_be_unread(self, key: str, measured: bool) -> bool:
        """Whether somebody who looks for the key was not read whole; who reads files only never measures."""
        return any(
            entry.kind == self.kind
            and not entry.complete
            and (key in entry.keys or not (entry.keys or measured or key in self.beyond))
            for entry in self.snapshot.coverage
        )

    def seen_label(self, name: str) -> bool:
        """Whether any subject carries the label."""
        return bool(self.carries(name).values.any())

    def facts_of(self, key: str, row: int, views: tuple[View, ...]) -> tuple[Fact, ...]:
        """The facts that the first of these views with any states about one subject."""
        for view in views:
            entries = self._entries.get((key, view))
            found = entries.of(row) if entries else ()
            if found:
                return found
        return ()

    def unread(self, node: ex.Reference, row: int) -> Iterator[Unread]:
        """What is known about a value that a reference does not have for one subject."""
        facts = self.facts_of(node.key, row, SELF_VIEWS if node.view is None else (node.view,))
        conflict = bool(self.reading(node).conflict[row])
        yield Unread(self.subjects[row], node.key, facts, conflict, bool(self.absent(node.key)[row]))

    def absent(self, key: str) -> Flags:
        """Per subject, whether a key without a value is known to be absent (everybody who looked saw everything).

        Of a subject that nobody told of, and that something unread may hide, nothing is known to be absent.
        """
        if key not in self._absence:
            absent = np.zeros(len(self), dtype=np.bool_)
            for environment, rows in self._by_environment().items():
                about = self.looked_for(environment, key)
                if is_absent(about, environment, self.kind, key):
                    absent |= rows & ~self._hidden(environment)
                elif any(entry.may_settle(key) for entry in about):
                    absent[self._settled(about, rows, key)] = True
            self._absence[key] = absent
        return self._absence[key]

    def looked_for(self, environment: str, key: str) -> list[Coverage]:
        """Who looked for the key in an environment."""
        found = [entry for entry in self.snapshot.coverage if entry.speaks_of(environment, self.kind, key)]
        return [entry for entry in found if key in entry.keys] if key in self.beyond else found

    def row_of(self, subject: Subject) -> int | None:
        """The subject's row; None where it is none of this table (a call of a path)."""
        return self._row.get(subject)

    def remains(self, keys: Collection[str]) -> Flags:
        """The subjects that only derived facts keep in sight, none of them of these keys: what is gone, for others."""
        if self._derived is None:
            lingering = (self._row.get(subject) for subject in self.snapshot.lingering)
            seen = [*self._measured_by, *(row for row in lingering if row is not None)]
            self._derived = derived_only(self._entries, len(self), seen)
        return without(self._derived, self._entries, keys)

    def told_by(self, row: int) -> frozenset[str]:
        """The sources that told of one subject tonight."""
        return self._told_by()[row]

    def states(self, source: str, view: View) -> bool | None:
        """Whether a source states that view of this kind; None where it told nothing of the kind tonight."""
        if not self._views_of:
            for (_, stated), entries in self._entries.items():
                for name in {fact.origin.source for fact in entries.facts}:
                    self._views_of.setdefault(name, set()).add(stated)
        return view in self._views_of[source] if source in self._views_of else None

    def _hidden(self, environment: str) -> Flags:
        """The subjects that are only remembered, where something unread may hold them."""
        hidden = np.zeros(len(self), dtype=np.bool_)
        scope = (environment, self.kind)
        if any((entry.environment, entry.kind) == scope and not entry.complete for entry in self.snapshot.coverage):
            told = self._told_by()
            rows = (self._row.get(subject) for subject in self.snapshot.lingering)
            hidden[[row for row in rows if row is not None and not told[row]]] = True
        return hidden

    def _settled(self, about: Sequence[Coverage], rows: Flags, key: str) -> list[int]:
        """The rows for which everybody who looked saw all that can state the key, whatever else is unread."""
        told, subjects = self._told_by(), self.subjects
        return [
            row
            for row in np.flatnonzero(rows).tolist()
            if is_absent(about, subjects[row].environment, self.kind, key, subjects[row].name, told[row])
        ]

    def _told_by(self) -> tuple[frozenset[str], ...]:
        """Per subject, the sources that told of it tonight."""
        if len(self._told) != len(self):
            told = [self._measured_by.get(row, set()) for row in range(len(self))]
            for (_, view), entries in self._entries.items():
                if view is not View.APPROVED:
                    for row, fact in zip(entries.rows, entries.facts, strict=True):
                        told[row].add(fact.origin.source)
            self._told = tuple(map(frozenset, told))
        return self._told

    def _by_environment(self) -> dict[str, Flags]:
        if not self._environments:
            names = np.array([subject.environment for subject in self.subjects], dtype=object)
            self._environments = {name: names == name for name in sorted(set(names))}
        return self._environments

    def labels(self, name: str) -> Column:
        """A label of each subject; one known to be missing reads as the empty text."""
        if name not in self._labels:
            values = np.empty(len(self), dtype=object)
            values[:] = [subject.label(name) for subject in self.subjects]
            carried = np.array(values != None, dtype=np.bool_)  # noqa: E711 - elementwise
            values[~carried] = ""
            self._labels[name] = (Column(values, carried | self._label_absent(name)), carried)
        return self._labels[name][0]

    def carries(self, name: str) -> Column:
        """Whether each subject carries a label; not known where nobody looked completely."""
        known = self.labels(name).known
        return Column(self._labels[name][1], known)

    def _label_absent(self, name: str) -> Flags:
        return self.absent(LABEL_PREFIX + name)

    def explicit(self, node: ex.Reference) -> Column:
        """Whether somebody wrote the value there, rather than inheriting it or leaving it to the system's default."""
        written = np.zeros(len(self), dtype=np.bool_)
        for view in reversed(SELF_VIEWS if node.view is None else (node.view,)):
            entries = self._entries.get((node.key, view))
            if entries is not None:
                # Of several facts that agree one may be a default and another written: then somebody wrote it.
                found = [fact.provenance is Provenance.EXPLICIT for fact in entries.facts]
                stated = np.zeros(len(self), dtype=np.bool_)
                np.logical_or.at(stated, entries.row_array(), found)
                written[entries.row_array()] = stated[entries.row_array()]
        reading = self.reading(node)
        return Column(written & reading.value.known, reading.value.known | (self.absent(node.key) & ~reading.stated))

    def reference(self, node: ex.Reference) -> Value:
        """The values a reference names: of its view, or of the first view of ``self`` that states any."""
        return self.reading(node).value

    def reading(self, node: ex.Reference) -> Reading:
        """The values a reference names, with who states one and where statements differ."""
        if node.view is not None:
            return self._view(node.key, node.view, node.type)
        reading = self._view(node.key, SELF_VIEWS[0], node.type)
        for view in SELF_VIEWS[1:]:
            if (node.key, view) in self._entries:
                reading = first_of(reading, self._view(node.key, view, node.type))
        return reading

    def _view(self, key: str, view: View, kind: ex.Type) -> Reading:
        name = (key, view, kind)
        if name not in self._readings:
            entries = self._entries.get((key, view), Entries())
            self._readings[name] = read_entries(entries, kind, len(self))
        return self._readings[name]


def tables(
    snapshot: Snapshot, kinds: frozenset[str], beyond: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> dict[str, Table]:
    """The snapshot's tables of these kinds; ``beyond`` are the keys beside the inventory by kind."""
    found = {kind: Table(kind, snapshot) for kind in sorted(kinds)}
    for kind, table in found.items():
        table.beyond = beyond.get(kind, frozenset())
    labels: dict[str, dict[Subject, dict[str, str]]] = {kind: {} for kind in found}
    facts: dict[str, list[Fact]] = {kind: [] for kind in found}
    series: dict[str, list[Series]] = {kind: [] for kind in found}
    for fact in snapshot.facts:
        if fact.subject.kind in facts:
            facts[fact.subject.kind].append(fact)
    for measured in snapshot.series:
        if measured.subject.kind in series:
            series[measured.subject.kind].append(measured)
    seen: set[int] = set()
    for subject in _subjects(snapshot):
        if subject.kind in labels and id(subject) not in seen:
            seen.add(id(subject))
            labels[subject.kind].setdefault(subject, {}).update(subject.labels)
    for kind, table in found.items():
        table.fill(labels[kind])
        table.add_facts(facts[kind])
        table.add_series(series[kind])
    return found


def _subjects(snapshot: Snapshot) -> Iterator[Subject]:
    """Every subject once or more; an approval alone keeps no subject alive."""
    yield from snapshot.lingering
    yield from (series.subject for series in snapshot.series)
    yield from (fact.subject for fact in snapshot.facts if fact.view is not View.APPROVED)
