"""Decisions of people: which findings to waive and which values to approve, chosen by patterns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from driftbot.core.approved import COMPARED, SINCE_APPROVAL
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.fact import Fact, Value, View
from driftbot.core.finding import Evidence, Verdict
from driftbot.core.history import FindingLife
from driftbot.core.rule import Severity
from driftbot.core.subject import SubjectId
from driftbot.core.triage import is_standing


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings by pattern; what is empty chooses everything."""

    rules: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    def chosen(self, lives: Iterable[FindingLife]) -> tuple[FindingLife, ...]:
        """Standing drift, read or not, that all patterns match and nobody waived, sorted by rule and subject."""
        found = (life for life in lives if is_standing(life) and life.finding.verdict is not Verdict.WAIVED)
        return tuple(
            sorted(
                (life for life in found if self._matches(life)),
                key=lambda life: (life.finding.rule, str(life.finding.subject)),
            )
        )

    def _matches(self, life: FindingLife) -> bool:
        finding = life.finding
        severe = not self.severities or finding.severity in self.severities
        return severe and matches(finding.rule, self.rules) and subject_matches(finding.subject.id, self.subjects)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A key whose facts do not agree, so that no value can be approved."""

    subject: SubjectId
    key: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Values by pattern; what is empty chooses everything."""

    subjects: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def chosen(self, facts: Iterable[Fact]) -> tuple[tuple[Fact, ...], tuple[Disagreement, ...]]:
        """One fact a subject and key as rules read ``self`` (effective, declared, observed), and what conflicts."""
        by_place: dict[tuple[SubjectId, str], list[Fact]] = {}
        for fact in facts:
            if matches(fact.key, self.keys) and subject_matches(fact.subject.id, self.subjects):
                by_place.setdefault((fact.subject.id, fact.key), []).append(fact)
        taken, conflicts = [], []
        for (subject, key), alike in sorted(by_place.items()):
            best = _strongest(alike)
            values = {fact.value: fact for fact in best}
            if len(values) > 1:
                conflicts.append(Disagreement(subject, key, tuple(values)))
            else:
                taken += best[:1]
        return tuple(taken), tuple(conflicts)


def _strongest(facts: Iterable[Fact]) -> list[Fact]:
    known = list(facts)
    for view in (View.EFFECTIVE, View.DECLARED, View.OBSERVED):
        if of_view := [fact for fact in known if fact.view is view]:
            return of_view
    return []


def keys_of(evidence: Iterable[Evidence], known: Iterable[str]) -> tuple[str, ...]:
    """The keys among ``known`` that a finding's evidence names, or that what it names was compared from."""
    names = [entry.name.removeprefix("self.") for entry in evidence]
    compared = COMPARED if any(name.startswith(SINCE_APPROVAL) for name in names) else frozenset()
    named = {key for key in known if key in compared or any(_names(name, key) for name in names)}
    return tuple(sorted(key for key in named if not key.startswith(SINCE_APPROVAL)))


def approved_keys_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The keys whose approved value a finding names, sorted."""
    root = f"{View.APPROVED.value}."
    return tuple(sorted({entry.name.removeprefix(root) for entry in evidence if entry.name.startswith(root)}))


def compares_with_approved(evidence: Iterable[Evidence]) -> bool:
    """Whether the finding rests on an approved value at all, known or not: else approving changes nothing about it."""
    names = [(entry.view, entry.name.removeprefix("self.")) for entry in evidence]
    return any(view is View.APPROVED or name.startswith((f"{View.APPROVED}.", SINCE_APPROVAL)) for view, name in names)


def _names(name: str, key: str) -> bool:
    for view in View:
        name = name.removeprefix(f"{view.value}.")
    return name == key or name.startswith(f"{key}.")


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether a glob among them matches the text (``*`` takes slashes and dots, too); no pattern matches everything."""
    wanted = tuple(patterns)
    return not wanted or any(fnmatchcase(text, pattern) for pattern in wanted)


def subject_matches(subject: SubjectId, patterns: Iterable[str]) -> bool:
    """Whether a glob matches ``kind:environment/name`` or the name alone; no pattern matches everything."""
    wanted = tuple(patterns)
    return not wanted or matches(str(subject), wanted) or matches(subject.name, wanted)


def approval(fact: Fact, approved_by: str, reason: str, at: datetime) -> Approval:
    """The fact's value as a baseline."""
    return Approval(fact.subject.id, fact.key, fact.value, approved_by, reason, at)


def waiver(life: FindingLife, owner: str, reason: str, created: datetime, expires: datetime) -> Waiver:
    """The finding excused until ``expires``."""
    finding = life.finding
    return Waiver(finding.fingerprint, finding.rule, finding.subject.id, owner, reason, created, expires)
