"""Approved conditions: an approval names a condition by its number; it holds for what measures the same today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from driftbot.alerts.meaning import term
from driftbot.alerts.term import skeleton, spelled
from driftbot.alerts.view_definition import Parts, in_force
from driftbot.core.fact import Fact, View
from driftbot.core.matching import Stage, match
from driftbot.core.sighting import ALERT, CONDITION, alert_of
from driftbot.core.subject import Subject, SubjectId
from driftbot.promql.condition import Condition
from driftbot.promql.expression import NotPromQL, parse
from driftbot.promql.reading import read_expression

_MOVED = "approved as "


def placed(approved: Iterable[Fact], facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The approved facts, those of conditions under the number that their measure has today.

    What a condition measured when it was approved is known where its ``measured`` or the alert's ``expression`` was
    approved as well. One whose measure is not in the expression any more is left out: nothing is compared with another
    measure. Where the measure is not known the number counts.
    """
    known = tuple(approved)
    alerts = {place[0] for fact in known if (place := alert_of(fact.subject.id))}
    if not alerts:
        return known
    todays = _todays(alerts, facts)
    before = _by_alert(known, alerts)
    moved = {alert: _moved(before[alert], todays.get(alert, ())) for alert in alerts}
    return tuple(fact for one in known if (fact := _placed(one, moved)) is not None)


def _by_alert(approved: Iterable[Fact], alerts: Collection[SubjectId]) -> dict[SubjectId, list[Fact]]:
    found: dict[SubjectId, list[Fact]] = {alert: [] for alert in alerts}
    for fact in approved:
        place = alert_of(fact.subject.id)
        alert = place[0] if place else fact.subject.id
        if alert in found:
            found[alert].append(fact)
    return found


def _placed(fact: Fact, moved: Mapping[SubjectId, Mapping[int, int | None]]) -> Fact | None:
    place = alert_of(fact.subject.id)
    if place is None:
        return fact
    alert, approved = place
    number = moved[alert].get(approved, approved)
    if number is None or number == approved:
        return None if number is None else fact
    moved_to = Subject(CONDITION, alert.environment, f"{alert.name}/{number}")
    return replace(fact, subject=moved_to, origin=replace(fact.origin, query=f"{_MOVED}{fact.subject}"))


def as_approved(fact: Fact) -> Fact:
    """The fact about the subject that its approval names, where ``placed`` has moved it."""
    if not fact.origin.query.startswith(_MOVED):
        return fact
    named = SubjectId.parse(fact.origin.query.removeprefix(_MOVED))
    subject = Subject(named.kind, named.environment, named.name)
    return replace(fact, subject=subject, origin=replace(fact.origin, query=""))


def _todays(alerts: set[SubjectId], facts: Iterable[Fact]) -> dict[SubjectId, tuple[Condition, ...]]:
    about: dict[SubjectId, list[Fact]] = {}
    for fact in facts:
        if fact.subject.kind == ALERT and fact.key == "expression" and fact.subject.id in alerts:
            about.setdefault(fact.subject.id, []).append(fact)
    return {alert: _conditions(in_force(told)) for alert, told in about.items()}


def _conditions(parts: Parts) -> tuple[Condition, ...]:
    try:
        return read_expression(str(parts.values["expression"])).conditions if parts.shows else ()
    except NotPromQL:
        return ()


def _moved(approved: Sequence[Fact], today: Sequence[Condition]) -> dict[int, int | None]:
    """The number of today for each approved condition whose measure is known; None where it is measured no more."""
    before = _before(approved)
    if not today or not before:
        return {}
    numbers = sorted(before)
    theirs = [_Measure(condition.measured, condition.comparison) for condition in today]
    if all(number <= len(theirs) and before[number].is_written_like(theirs[number - 1]) for number in numbers):
        return {}
    found = match([before[number] for number in numbers], theirs, _STAGES, lambda *_: 1.0, 0.0)
    return {number: found[at] + 1 if at in found else None for at, number in enumerate(numbers)}


def _before(approved: Sequence[Fact]) -> dict[int, _Measure]:
    """What the approved conditions measured, as far as that was approved as well."""
    whole = _conditions(Parts.of((fact for fact in approved if fact.subject.kind == ALERT), View.APPROVED))
    of_conditions: dict[int, dict[str, str]] = {}
    for fact in approved:
        if place := alert_of(fact.subject.id):
            of_conditions.setdefault(place[1], {})[fact.key] = str(fact.value)
    found = {}
    for number, said in of_conditions.items():
        if "measured" in said:
            found[number] = _Measure(said["measured"], said.get("comparison", ""))
        elif number <= len(whole):
            found[number] = _Measure(whole[number - 1].measured, whole[number - 1].comparison)
    return found


@dataclass(frozen=True)
class _Measure:
    """The measured side of a condition, and how it is compared (empty where that is not known)."""

    measured: str
    comparison: str

    @cached_property
    def text(self) -> str:
        try:
            return spelled(term(parse(self.measured)))
        except NotPromQL:
            return self.measured

    @cached_property
    def shape(self) -> str:
        try:
            return skeleton(term(parse(self.measured)), numbers=True)
        except NotPromQL:
            return self.measured

    @property
    def way(self) -> str:
        return self.comparison[:1]

    def is_written_like(self, other: _Measure) -> bool:
        """Whether both are the same in text, which needs no parsing; a band has two of one text."""
        return (self.measured, self.way) == (other.measured, other.way)


_STAGES: tuple[Stage[_Measure], ...] = (
    Stage(lambda one: (one.text, one.way)),
    Stage(lambda one: one.text),
    Stage(lambda one: (one.shape, one.way)),
    Stage(lambda one: one.shape),
)
