"""Whether a server has loaded what was changed in a rule file: changes held against its loaded rules. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from driftbot.actions.strict import Strict
from driftbot.core.fact import Fact, Value, View, show
from driftbot.core.harmless import harmless
from driftbot.core.quantity import Quantity
from driftbot.core.remedy import Step, ValueChange
from driftbot.core.sighting import ALERT, CONDITION, alert_of
from driftbot.core.subject import Subject, SubjectId
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression

EXPRESSION = "expression"
_TOLD_APART_BY = {ALERT: EXPRESSION, CONDITION: "measured"}
"""What tells one alert from another of the same name, and one condition from another of the same alert."""


class LoadedChange(Strict):
    """One setting of an alert, before and after, and how the alert is found among those that a server has loaded.

    ``number`` counts its conditions from 1 and is 0 for the alert itself. ``file`` is the file's own name, without
    folders: a server sees it elsewhere. ``same`` is what else is said of it, where that does not change as well.
    """

    alert: str
    group: str
    file: str
    severity: str
    number: int
    key: str
    before: str
    after: str
    was: float | None
    becomes: float | None
    same: str

    @property
    def turned(self) -> LoadedChange:
        """The change back."""
        return self.model_copy(
            update={"before": self.after, "after": self.before, "was": self.becomes, "becomes": self.was}
        )

    def __str__(self) -> str:
        place = f"{self.alert} in group {self.group}" + (f", condition {self.number}" if self.number else "")
        return harmless(f"{self.key} of {place}")


def loaded_changes(steps: Sequence[Step], facts: Iterable[Fact], finding: Subject) -> tuple[LoadedChange, ...]:
    """What servers can be asked about the changes of these steps: those of alerts and their conditions, sorted."""
    declared = [fact for fact in facts if fact.view is View.DECLARED]
    subjects = {finding.id: finding} | {fact.subject.id: fact.subject for fact in declared}
    changes = [change for step in steps for change in step.changes]
    found = (_change(one, changes, subjects.get(one.subject), declared) for one in changes)
    return tuple(sorted({one for one in found if one is not None}, key=lambda one: one.model_dump_json()))


def _change(
    change: ValueChange, all_changes: Sequence[ValueChange], subject: Subject | None, facts: Iterable[Fact]
) -> LoadedChange | None:
    alert, group = (subject and subject.label("alertname")) or "", (subject and subject.label("group")) or ""
    if subject is None or subject.kind not in _TOLD_APART_BY or not (alert and group):
        return None
    own = alert_of(subject.id)
    return LoadedChange(
        alert=alert,
        group=group,
        file=PurePosixPath(subject.label("file") or "").name,
        severity=subject.label("severity") or "",
        number=own[1] if own else 0,
        key=change.key,
        before=change.before,
        after=change.after,
        was=change.was,
        becomes=change.becomes,
        same="" if _is_rewritten(subject.id, all_changes) else _said(subject.id, facts),
    )


def _is_rewritten(subject: SubjectId, changes: Iterable[ValueChange]) -> bool:
    """Whether the steps change what an alert asks, by its expression or a condition, or what a condition measures."""
    told_apart = _TOLD_APART_BY[subject.kind]
    parts = (alert_of(one.subject) for one in changes if one.subject.kind == CONDITION)
    whole = subject.kind == ALERT and subject in {part[0] for part in parts if part}
    return whole or any(one.subject == subject and one.key == told_apart for one in changes)


def _said(subject: SubjectId, facts: Iterable[Fact]) -> str:
    key = _TOLD_APART_BY[subject.kind]
    return next((show(fact.value) for fact in facts if fact.subject.id == subject and fact.key == key), "")


def missing(changes: Iterable[LoadedChange], loaded: Sequence[Fact]) -> tuple[str, ...]:
    """What of the changes is not among loaded rules (facts of the view ``effective``), in sentences."""
    return tuple(sentence for change in changes for sentence in _missing(change, loaded))


def _missing(change: LoadedChange, loaded: Sequence[Fact]) -> Iterator[str]:
    subjects = _candidates(change, loaded)
    values = [fact.value for fact in loaded if fact.subject.id in subjects and fact.key == change.key]
    if not values:
        yield f"the server has no {change}"
    for value in values:
        if not _says(value, change):
            yield f"{change} is {harmless(show(value))} on the server, not {harmless(change.after)}"


def _candidates(change: LoadedChange, loaded: Sequence[Fact]) -> frozenset[SubjectId]:
    """The loaded alert; several where nothing that is known tells them apart."""
    key = _TOLD_APART_BY[CONDITION if change.number else ALERT]
    said = {fact.subject.id: show(fact.value) for fact in loaded if fact.key == key}
    found = list({fact.subject.id: fact.subject for fact in loaded if _is_alike(change, fact.subject)}.values())
    by: tuple[Callable[[Subject], bool], ...] = (
        lambda one: not change.same or said.get(one.id) == change.same,
        lambda one: PurePosixPath(one.label("file") or "").name == change.file,
        lambda one: (one.label("severity") or "") == change.severity,
    )
    for told_apart_by in by:
        found = [one for one in found if told_apart_by(one)] or found
    return frozenset(one.id for one in found)


def _is_alike(change: LoadedChange, subject: Subject) -> bool:
    own = alert_of(subject.id)
    number = own[1] if own else 0
    kind = CONDITION if change.number else ALERT
    names = subject.label("alertname"), subject.label("group")
    return subject.kind == kind and number == change.number and names == (change.alert, change.group)


def _says(value: Value, change: LoadedChange) -> bool:
    if isinstance(value, Quantity) and change.becomes is not None:
        return math.isclose(value.value, change.becomes, rel_tol=1e-9, abs_tol=1e-12)
    if change.key == EXPRESSION:
        return show(value) == _canonical(change.after)
    return show(value) == change.after


def _canonical(expression: str) -> str:
    try:
        return read_expression(expression).canonical
    except NotPromQL:
        return expression
