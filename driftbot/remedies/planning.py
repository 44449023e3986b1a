"""Planning: from the findings of a night to remedies, and to what is held back with every reason. Pure but for looking.

Nothing is planned for what is unknown or waived, and nothing is done here: a plan is a value that a person can read,
keep, approve by its digest, and apply later or never.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from driftbot.actions.action import Action
from driftbot.core.fact import Fact
from driftbot.core.history import FindingLife
from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Covered, Remedy
from driftbot.core.rule import Rule
from driftbot.core.subject import SubjectId
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.holds import hold
from driftbot.playbooks.document import PlaybookDocument
from driftbot.playbooks.together import Together
from driftbot.remedies.candidate import Candidate, candidates
from driftbot.remedies.look import Look
from driftbot.remedies.proposing import Workshop, proposed


@dataclass(frozen=True, slots=True)
class PlanningWorld:
    """All that planning knows: the findings of the last night and what stood around them.

    ``night`` is the ``as_of`` of that scan. ``facts`` are those known then of every subject that is judged as drift,
    by subject. ``waived`` are fingerprints that somebody waived since. ``broken`` says of the ids of playbooks that
    could not be read why. The time that counts as now, the options and the playbooks are the circumstances'.
    """

    night: datetime
    lives: tuple[FindingLife, ...]
    facts: Mapping[SubjectId, tuple[Fact, ...]]
    rules: Mapping[str, Rule]
    actions: Mapping[str, Action]
    circumstances: Circumstances
    waived: frozenset[str] = frozenset()
    broken: Mapping[str, str] = field(default_factory=dict)


def plan(world: PlanningWorld, look: Look) -> Plan:
    """What would be done about each finding whose rule names a playbook, and what holds the rest back.

    Everything is in a deterministic order: the worst findings first, then by playbook, rule and subject.
    """
    known = world.circumstances
    workshop = Workshop(world.actions, world.facts, look, known.now)
    remedies: list[Remedy] = []
    held: list[Held] = []
    for group in _groups(candidates(world.lives, world.rules, world.waived, known.options), known.playbooks):
        playbook = known.playbooks.get(group[0].playbook)
        if playbook is None:
            held.append(_without_playbook(group, known.playbooks, world.broken))
            continue
        remedy, refused = proposed(playbook, group, workshop)
        remedies += [remedy] if remedy else []
        held += refused
    free, held_back = hold(tuple(sorted(remedies, key=_order)), known)
    return Plan(known.now, world.night, free, tuple(sorted((*held_back, *held), key=_held_order)))


def _groups(found: Iterable[Candidate], playbooks: Mapping[str, PlaybookDocument]) -> Iterable[Sequence[Candidate]]:
    """What is mended together: the findings of a rule on one level where the playbook says so, else each alone."""
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in found:
        playbook = playbooks.get(candidate.playbook)
        alone = playbook is None or playbook.together is Together.FINDING
        apart = candidate.finding.fingerprint if alone else ""
        groups.setdefault((candidate.playbook, candidate.rule.id, candidate.level, apart), []).append(candidate)
    return groups.values()


def _without_playbook(group: Sequence[Candidate], known: Collection[str], broken: Mapping[str, str]) -> Held:
    name = group[0].playbook
    if name in broken:
        reason = f"the playbook {name} cannot be read: {broken[name]}"
    else:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `driftbot playbooks list` shows those there are"
        reason = f"the rule {group[0].rule.id} names a playbook {name!r} that no folder holds{hint}"
    return Held(name, tuple(one.covered for one in group), (Hold(Guard.REFUSED, reason),))


def _order(remedy: Remedy) -> tuple[object, ...]:
    return _first(remedy.covers, remedy.playbook)


def _held_order(held: Held) -> tuple[object, ...]:
    return _first(held.covers, held.playbook)


def _first(covers: Sequence[Covered], playbook: str) -> tuple[object, ...]:
    worst = min(covers, key=lambda one: (one.severity.rank, one.rule, str(one.subject)))
    return worst.severity.rank, playbook, worst.rule, str(worst.subject)
