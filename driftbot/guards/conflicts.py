"""Conflicts: two remedies that want different things of one setting, and several that want the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy, Step, ValueChange
from driftbot.guards.ledger import Setting


def held_by_conflicts(remedies: Sequence[Remedy]) -> Iterator[tuple[int, Hold]]:
    """The remedies, by their index, that contradict another one, or do what another one does already.

    Of those that want the same, the one stays whose level is the highest, then the gravest, then the first by name.
    """
    wanted: dict[Setting, dict[int, ValueChange]] = defaultdict(dict)
    targets: dict[str, dict[int, Step]] = defaultdict(dict)
    for index, remedy in enumerate(remedies):
        for step in remedy.steps:
            for change in step.changes:
                wanted[change.subject, change.key][index] = change
            if not step.changes:
                targets[step.target][index] = step
    yield from _different_values(remedies, wanted)
    yield from _different_steps(remedies, targets)
    yield from _equal_values(remedies, wanted, targets)


def _different_values(
    remedies: Sequence[Remedy], wanted: Mapping[Setting, Mapping[int, ValueChange]]
) -> Iterator[tuple[int, Hold]]:
    for (subject, key), changes in wanted.items():
        if len({_wish(change) for change in changes.values()}) > 1:
            wishes = "; ".join(sorted({f"{_named(remedies[index])} → {one.after}" for index, one in changes.items()}))
            reason = (
                f"{key} of {subject} would get different values: {wishes}; a person has to decide which lesson holds"
            )
            yield from ((index, Hold(Guard.CONFLICT, reason)) for index in changes)


def _different_steps(
    remedies: Sequence[Remedy], targets: Mapping[str, Mapping[int, Step]]
) -> Iterator[tuple[int, Hold]]:
    for target, steps in targets.items():
        if len({(step.action, step.intent) for step in steps.values()}) > 1:
            names = ", ".join(sorted({_named(remedies[index]) for index in steps}))
            reason = f"{names} would do different things to {target}; a person has to decide which"
            yield from ((index, Hold(Guard.CONFLICT, reason)) for index in steps)


def _equal_values(
    remedies: Sequence[Remedy],
    wanted: Mapping[Setting, Mapping[int, ValueChange]],
    targets: Mapping[str, Mapping[int, Step]],
) -> Iterator[tuple[int, Hold]]:
    told: set[tuple[int, int]] = set()
    for members in (*wanted.values(), *targets.values()):
        first = min(members, key=lambda index: _precedence(remedies[index]))
        for index in members:
            if index != first and (index, first) not in told:
                told.add((index, first))
                reason = f"{_named(remedies[first])} changes the same; if anything is left to do, the next plan has it"
                yield index, Hold(Guard.DUPLICATE, reason)


def _wish(change: ValueChange) -> float | str:
    return change.after if change.becomes is None else change.becomes


def _precedence(remedy: Remedy) -> tuple[int, int, str, str]:
    gravest = min(covered.severity.rank for covered in remedy.covers)
    return -remedy.level.rank, gravest, remedy.playbook, remedy.covers[0].fingerprint


def _named(remedy: Remedy) -> str:
    return f"{remedy.playbook} for {', '.join(sorted({covered.rule for covered in remedy.covers}))}"
