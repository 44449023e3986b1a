"""Conflicts: two remedies that want different things of one setting, and several that want the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy, Step, ValueChange
from driftbot.guards.ledger import Setting


def held_by_conflicts(remedies: Sequence[Remedy]) -> Iterator[tuple[int, Hold]]:
    """The remedies, by their index, that contradict another one, or do what another one does already.

    What changes settings is held against others setting by setting; they may share a file, or a server to reload.
    What changes none is held against others by its targets. Of those that want the same, the one stays whose level is
    the highest, then the gravest, then the first by name.
    """
    settings: dict[Setting, dict[int, ValueChange]] = defaultdict(dict)
    targets: dict[str, dict[int, Step]] = defaultdict(dict)
    for index, remedy in enumerate(remedies):
        changes = [change for step in remedy.steps for change in step.changes]
        for change in changes:
            settings[change.subject, change.key][index] = change
        if not changes:
            for step in remedy.steps:
                targets[step.target][index] = step
    yield from _different_values(remedies, settings)
    yield from _different_steps(remedies, targets)
    yield from _equals(
        remedies, [changes for changes in settings.values() if not _differ(map(_wish, changes.values()))]
    )
    yield from _equals(remedies, [steps for steps in targets.values() if not _differ(map(_deed, steps.values()))])


def _different_values(
    remedies: Sequence[Remedy], wanted: Mapping[Setting, Mapping[int, ValueChange]]
) -> Iterator[tuple[int, Hold]]:
    for (subject, key), changes in wanted.items():
        if _differ(map(_wish, changes.values())):
            wishes = "; ".join(sorted({f"{_named(remedies[index])} → {one.after}" for index, one in changes.items()}))
            reason = (
                f"{key} of {subject} would get different values: {wishes}; a person has to decide which lesson holds"
            )
            yield from ((index, Hold(Guard.CONFLICT, reason)) for index in changes)


def _different_steps(
    remedies: Sequence[Remedy], targets: Mapping[str, Mapping[int, Step]]
) -> Iterator[tuple[int, Hold]]:
    for target, steps in targets.items():
        if _differ(map(_deed, steps.values())):
            names = ", ".join(sorted({_named(remedies[index]) for index in steps}))
            reason = f"{names} would do different things to {target}; a person has to decide which"
            yield from ((index, Hold(Guard.CONFLICT, reason)) for index in steps)


def _equals(remedies: Sequence[Remedy], alike: Sequence[Collection[int]]) -> Iterator[tuple[int, Hold]]:
    told: set[tuple[int, int]] = set()
    for members in alike:
        first = min(members, key=lambda index: (*_precedence(remedies[index]), index))
        for index in members:
            if index != first and (index, first) not in told:
                told.add((index, first))
                reason = f"{_named(remedies[first])} changes the same; if anything is left to do, the next plan has it"
                yield index, Hold(Guard.DUPLICATE, reason)


def _wish(change: ValueChange) -> float | str:
    return change.after if change.becomes is None else change.becomes


def _deed(step: Step) -> tuple[str, str]:
    return step.action, step.intent


def _differ(wanted: Iterable[object]) -> bool:
    return len(set(wanted)) > 1


def _precedence(remedy: Remedy) -> tuple[int, int, str, str]:
    gravest = min(covered.severity.rank for covered in remedy.covers)
    return -remedy.level.rank, gravest, remedy.playbook, remedy.covers[0].fingerprint


def _named(remedy: Remedy) -> str:
    return f"{remedy.playbook} for {', '.join(sorted({covered.rule for covered in remedy.covers}))}"
