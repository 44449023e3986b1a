"""Scope: which alerts, conditions and recording rules one server answers for when more is asked about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from driftbot.core.fact import Fact, Value, View
from driftbot.core.sighting import LOADED
from driftbot.core.subject import Subject, SubjectId


@dataclass(frozen=True, slots=True)
class Scoped:
    """A subject that the server answers for, under its lasting name, with what one speaker says of it, by key.

    The speaker is the server itself where it has loaded the subject, else another server, else a file: what several say
    is never mixed.
    """

    subject: Subject
    said: Mapping[str, Fact]

    def value(self, key: str) -> Value | None:
        """What is said under a key; None where nothing is."""
        fact = self.said.get(key)
        return None if fact is None else fact.value


@dataclass(frozen=True, slots=True)
class Scope:
    """What a source answers for in its environment.

    A server answers for what it has loaded itself. What no server of the environment has loaded that could be asked (as
    a vmalert cannot: ``mute``), every server with series answers for; one that has no rules of its own
    (``rules: false``) for everything.
    """

    source: str
    environment: str
    has_rules: bool
    mute: frozenset[str] = frozenset()

    def of_kind(self, about: Iterable[Fact], kind: str) -> tuple[Scoped, ...]:
        """The subjects of a kind that the source answers for, sorted, from the facts of the inventory."""
        found: dict[SubjectId, list[Fact]] = defaultdict(list)
        for fact in about:
            if fact.subject.kind == kind and fact.subject.environment == self.environment and fact.view in _SPEAKING:
                found[fact.subject.id].append(fact)
        return tuple(self._scoped(found[subject]) for subject in sorted(found) if self._answers_for(found[subject]))

    def _answers_for(self, facts: list[Fact]) -> bool:
        loaded_by = {fact.origin.source for fact in facts if fact.view is View.EFFECTIVE and fact.key != LOADED}
        return not self.has_rules or loaded_by <= self.mute or self.source in loaded_by

    def _scoped(self, facts: list[Fact]) -> Scoped:
        told = [fact for fact in facts if fact.key != LOADED]
        first = min(told or facts, key=self._rank)
        spoken = [fact for fact in facts if self._rank(fact) == self._rank(first)]
        return Scoped(first.subject, {fact.key: fact for fact in reversed(spoken)})

    def _rank(self, fact: Fact) -> tuple[bool, int, str]:
        """Whose word counts first: the source's own, then another server's, then a file's."""
        return fact.origin.source != self.source, _SPEAKING.index(fact.view), fact.origin.source


_SPEAKING = (View.EFFECTIVE, View.DECLARED)
