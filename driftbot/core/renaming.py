"""Renaming: the lasting names of tonight's alerts, for every place that names one by what its source calls it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from driftbot.core.coverage import Coverage
from driftbot.core.sighting import ALERT, CONDITION, Mark
from driftbot.core.subject import Subject


class Renaming:
    """Lasting names for tonight's alerts and the conditions in them."""

    def __init__(self, names: Mapping[Mark, str]) -> None:
        self._names = names
        self._like: dict[tuple[str, str, str], list[Mark]] = defaultdict(list)
        for mark in names:
            self._like[mark.environment, mark.name, mark.source].append(mark)
        # By place in memory, which is cheap to hash; the subject is kept so that nobody else comes to lie there.
        self._made: dict[tuple[int, str], tuple[Subject, Subject]] = {}

    def __call__(self, subject: Subject, source: str) -> Subject:
        """The subject, as a source calls it, under its lasting name; made once for all facts about it."""
        if subject.kind not in (ALERT, CONDITION):
            return subject
        made = self._made.get((id(subject), source))
        if made is None:
            made = self._made[id(subject), source] = subject, self._renamed(subject, source)
        return made[1]

    def _renamed(self, subject: Subject, source: str) -> Subject:
        if subject.kind == ALERT:
            name = self._find(subject, subject.name, source)
            return replace(subject, name=name) if name else subject
        alert, slash, number = subject.name.rpartition("/")
        name = self._find(subject, alert, source)
        labels = tuple((key, name if key == ALERT else value) for key, value in subject.labels)
        return replace(subject, name=f"{name}{slash}{number}", labels=labels) if name else subject

    def doubted(self, entry: Coverage) -> frozenset[str]:
        """The doubted subjects of a coverage under their lasting names."""
        return frozenset(name for doubted in entry.doubted for name in self._lasting(entry, doubted))

    def _lasting(self, entry: Coverage, name: str) -> Iterator[str]:
        alert, number = name, ""
        if entry.kind == CONDITION:
            alert, slash, number = name.rpartition("/")
            number = f"{slash}{number}"
        marks = self._like.get((entry.environment, alert, entry.source), ()) if entry.kind in (ALERT, CONDITION) else ()
        yield from (f"{self._names[mark]}{number}" for mark in marks)
        if not marks:
            yield name

    def _find(self, subject: Subject, name: str, source: str) -> str:
        """The lasting name; of several alerts that look alike the one whose labels the subject shares most."""
        marks = self._like.get((subject.environment, name, source), [])
        if len(marks) > 1:
            own = set(subject.labels)
            marks = sorted(marks, key=lambda mark: (-len(own & set(mark.labels)), mark.labels))
        return self._names[marks[0]] if marks else ""
