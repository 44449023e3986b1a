"""The estate as derivations see it: the facts of one inventory under their lasting names, and what was approved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from driftbot.alerts.step import Step, steps
from driftbot.core.coverage import Coverage
from driftbot.core.excuse import Approval
from driftbot.core.fact import Fact, View
from driftbot.core.past import Past
from driftbot.core.subject import SubjectId

Found = TypeVar("Found")


@dataclass(frozen=True)
class Estate:
    """What is known before anything is measured; ``as_of`` is timezone-aware.

    ``pasts`` are what git and earlier nights tell of alerts, ``approvals`` what ``approved`` rests on.
    """

    as_of: datetime
    facts: tuple[Fact, ...]
    approved: tuple[Fact, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    pasts: tuple[Past, ...] = ()
    approvals: tuple[Approval, ...] = ()

    @cached_property
    def past_of(self) -> Mapping[SubjectId, Past]:
        """The past of each alert of which one is known: of several the one with the most versions."""
        found: dict[SubjectId, Past] = {}
        for past in self.pasts:
            known = found.get(past.subject.id)
            if known is None or len(past.revisions) > len(known.revisions):
                found[past.subject.id] = past
        return found

    @cached_property
    def steps_of(self) -> Mapping[SubjectId, tuple[Step, ...]]:
        """The steps of each alert whose past is known, the oldest first."""
        return {subject: steps(past) for subject, past in self.past_of.items()}

    def once(self, find: Callable[[Estate], Found]) -> Found:
        """What the function finds here; it is asked once, however many derivations want to know."""
        found: dict[object, Found] = self._found
        if find not in found:
            found[find] = find(self)
        return found[find]

    @cached_property
    def _found(self) -> dict[object, Any]:
        return {}

    @cached_property
    def _by_kind(self) -> dict[str, dict[SubjectId, list[Fact]]]:
        found: dict[str, dict[SubjectId, list[Fact]]] = {}
        for fact in (*self.facts, *self.approved):
            found.setdefault(fact.subject.kind, {}).setdefault(fact.subject.id, []).append(fact)
        return found

    def of_kind(self, kind: str) -> Iterator[tuple[SubjectId, tuple[Fact, ...]]]:
        """The subjects of a kind, sorted, each with the facts about it (approved ones as well)."""
        for subject, facts in sorted(self._by_kind.get(kind, {}).items()):
            yield subject, tuple(facts)

    def told_of_kind(self, kind: str) -> Iterator[tuple[SubjectId, tuple[Fact, ...]]]:
        """The subjects of a kind that some source tells of, sorted, each with what they tell: approvals make none."""
        for subject, facts in self.of_kind(kind):
            told = tuple(fact for fact in facts if fact.view is not View.APPROVED)
            if told:
                yield subject, told

    def complete(self, environment: str, kind: str) -> bool:
        """Whether somebody looked for subjects of the kind in the environment, and all who looked saw everything."""
        about = [entry for entry in self.coverage if (entry.environment, entry.kind) == (environment, kind)]
        return bool(about) and all(entry.complete for entry in about)


def stated(facts: tuple[Fact, ...], view: View, key: str) -> Fact | None:
    """The one fact of that view and key; None where nobody states it or statements differ."""
    found = [fact for fact in facts if fact.view is view and fact.key == key]
    return found[0] if found and all(fact.value == found[0].value for fact in found) else None
