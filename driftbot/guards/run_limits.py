"""Limits of a run: how many subjects may change together; over one of them nothing at all is applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import floor

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.core.subject import SubjectId
from driftbot.guards.circumstances import Circumstances, Population
from driftbot.guards.ledger import earlier, last_change, later, span_told, subjects_of
from driftbot.guards.options import Limit

_ROUNDING = 1e-9
"""A tenth of ten is one, whatever binary fractions make of it."""


@dataclass(slots=True)
class _Group:
    """Subjects that change together: those of the plan, and those that runs changed lately."""

    planned: set[SubjectId] = field(default_factory=set)
    recent: set[SubjectId] = field(default_factory=set)
    latest: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Name:
    """What is limited: ``run``, ``playbook`` (or what it does for one rule), ``rule``, ``owner`` or ``environment``."""

    kind: str
    name: str = ""
    rule: str = ""

    def __str__(self) -> str:
        told = f"the {self.kind} {self.name or 'of nobody'}" + (f" for the rule {self.rule}" if self.rule else "")
        return "everything together" if self.kind == "run" else told


def held_by_limits(remedies: Sequence[Remedy], circumstances: Circumstances) -> Iterator[Hold]:
    """Every limit that these remedies exceed together, with what runs changed lately; each holds all of them back."""
    groups = _groups(remedies, circumstances)
    for name in sorted(groups):
        yield from _exceeded(name, groups[name], circumstances)


def _groups(remedies: Sequence[Remedy], circumstances: Circumstances) -> Mapping[_Name, _Group]:
    groups: dict[_Name, _Group] = defaultdict(_Group)
    for remedy in remedies:
        for name, subject in _members(remedy):
            groups[name].planned.add(subject)
    since = earlier(circumstances.now, circumstances.options.limits.within)
    for run in circumstances.ledger.touching:
        if (at := last_change(run)) > since:
            for name, subject in _members(run.remedy):
                if name in groups:
                    group = groups[name]
                    group.recent.add(subject)
                    group.latest = max(at, group.latest or at)
    return groups


def _members(remedy: Remedy) -> Iterator[tuple[_Name, SubjectId]]:
    for subject in subjects_of(remedy):
        yield _Name("run"), subject
        yield _Name("playbook", remedy.playbook), subject
        yield _Name("environment", subject.environment), subject
    for covered in remedy.covers:
        yield _Name("rule", covered.rule), covered.subject
        yield _Name("playbook", remedy.playbook, covered.rule), covered.subject
        yield _Name("owner", covered.owner), covered.subject


def _limit(name: _Name, circumstances: Circumstances) -> tuple[str, Limit]:
    """The limit of a group, and the setting that says it."""
    limits = circumstances.options.limits
    match name.kind:
        case "playbook":
            playbook = circumstances.playbooks.get(name.name)
            said = playbook.limits if playbook else None
            limit = Limit(share=said.share if said else None) if name.rule else Limit(most=said.most if said else None)
            return "its limits", limit
        case "rule":
            return "acting.limits.rule", limits.rule
        case "owner":
            return "acting.limits.owner", limits.owner
        case "environment":
            return "acting.limits.environment", limits.environment
        case _:
            return "acting.limits.run", limits.run


def _population(name: _Name, population: Population) -> int | None:
    """How many subjects the group has in all; None where nobody counted."""
    match name.kind:
        case "playbook":
            return population.rules.get(name.rule)
        case "rule":
            return population.rules.get(name.name)
        case "owner":
            return population.owners.get(name.name)
        case "environment":
            return population.environments.get(name.name)
        case _:
            return sum(population.environments.values()) or None


def _exceeded(name: _Name, group: _Group, circumstances: Circumstances) -> Iterator[Hold]:
    setting, limit = _limit(name, circumstances)
    population = _population(name, circumstances.population)
    count = len(group.planned | group.recent)
    told = f"{_counted(group, circumstances)} of {name}"
    advice = "so nothing is applied; select fewer with --rule or --subject, or raise"
    if limit.most is not None and count > limit.most:
        reason = f"{told} would change, at most {limit.most} may, {advice} {setting}.most"
        yield Hold(Guard.RUN_LIMIT, reason, _until(group, limit.most, circumstances))
    if limit.share is not None and population is not None:
        most = max(circumstances.options.limits.few, floor(limit.share * population + _ROUNDING))
        if count > most:
            few = ", which always may: acting.limits.few" if most > limit.share * population else ""
            allowed = f"at most {limit.share:.3g} of them may ({most}{few})"
            reason = f"{told} of {max(population, count)} would change, {allowed}, {advice} {setting}.share"
            yield Hold(Guard.RUN_LIMIT, reason, _until(group, most, circumstances))


def _counted(group: _Group, circumstances: Circumstances) -> str:
    count, recent = len(group.planned | group.recent), len(group.recent)
    lately = f" ({recent} of them did within {span_told(circumstances.options.limits.within)})" if recent else ""
    return f"{count} subject{'s' if count != 1 else ''}{lately}"


def _until(group: _Group, most: int, circumstances: Circumstances) -> datetime | None:
    """When the plan fits by itself, at the latest: once what was changed lately counts no more."""
    if group.latest is None or len(group.planned) > most:
        return None
    return later(group.latest, circumstances.options.limits.within)
