"""Since approval: how the alerts in force differ from what somebody approved, and which of that pages less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.comparison import changes, threshold_changes
from driftbot.alerts.definition import AlertDefinition
from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate, stated
from driftbot.alerts.meaning import one_line
from driftbot.alerts.view_definition import Parts, in_force, quantity_of
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.sighting import ALERT, CONDITION, alert_of
from driftbot.core.subject import Subject, SubjectId
from driftbot.promql.condition import Condition, Join
from driftbot.promql.expression import NotPromQL

_MEANINGS = {
    Direction.LOOSER: "what changed since somebody approved it so that it pages less, later or less loudly, in words",
    Direction.STRICTER: "what changed since somebody approved it so that it pages more, sooner or louder, in words",
    Direction.AMBIGUOUS: "what changed since somebody approved it and can work either way, with the reason",
}
_KEYS = {
    direction: Key(ALERT, f"since_approval.{direction}", ValueType.NAMES, meaning, None, PROVIDERS)
    for direction, meaning in _MEANINGS.items()
}


def _since_approval(estate: Estate) -> Iterator[Fact]:
    """What changed of every alert, as far as it can be compared: nothing where nothing was approved.

    A threshold that was approved of its condition is judged there (``threshold-as-approved``) and left out here. An
    approved alert that is gone is stated only where everybody looked.
    """
    conditions = _approved_conditions(estate)
    alerts = dict(estate.of_kind(ALERT))
    for subject in sorted({*alerts, *conditions}):
        facts, parts = alerts.get(subject, ()), conditions.get(subject, {})
        if parts or any(fact.view is not View.OBSERVED for fact in facts):
            yield from _of_alert(estate, subject, facts, parts)


def _of_alert(
    estate: Estate, subject: SubjectId, facts: tuple[Fact, ...], conditions: dict[int, tuple[Fact, ...]]
) -> Iterator[Fact]:
    shown = [fact for fact in facts if fact.view in (View.DECLARED, View.EFFECTIVE)]
    found: tuple[Change, ...] | None
    if not shown:
        gone = estate.complete(subject.environment, ALERT)
        old = AlertDefinition(subject.name, "", ())
        found = changes(old, None) if gone else None
        origin = next((fact.origin for facts in conditions.values() for fact in facts), Origin(PROVIDERS[0]))
        origin = facts[0].origin if facts else origin
    else:
        found = _changes(subject.name, facts, conditions)
        origin = _place(shown)
    if found is not None:
        about = shown[0].subject if shown else Subject(subject.kind, subject.environment, subject.name)
        for direction, key in _KEYS.items():
            told = tuple(sorted({str(change) for change in found if change.direction is direction}))
            yield computed(about, key.name, told, origin)


def _place(shown: list[Fact]) -> Origin:
    """Where its expression is written, in a file rather than on a server."""
    expressions = [fact for fact in shown if fact.key == "expression"] or shown
    return min(expressions, key=lambda fact: (fact.view is not View.DECLARED, fact.origin)).origin


def _changes(name: str, facts: tuple[Fact, ...], conditions: dict[int, tuple[Fact, ...]]) -> tuple[Change, ...] | None:
    """The changes since the approval; None where a part that was approved is not known today."""
    if not conditions and not any(fact.view is View.APPROVED for fact in facts):
        return ()
    approved, today = Parts.of(facts, View.APPROVED), in_force(facts)
    if (approved.disputed | today.disputed) & {*approved.values} or (
        not today.shows and "expression" in approved.values
    ):
        return None
    try:
        new = today.definition(name)
        old = Parts({**today.values, **approved.values}).definition(name)
        found = changes(old, new)
        own = [
            _Own(new.conditions[number - 1], about)
            for number, about in conditions.items()
            if number <= len(new.conditions)
        ]
        alone = () if "expression" in approved.values else tuple(_alone(new.expression, own))
    except NotPromQL:
        return None
    return tuple(dict.fromkeys((*alone, *(change for change in found if not any(one.judges(change) for one in own)))))


class _Own:
    """A condition of today of which something was approved."""

    def __init__(self, condition: Condition, approved: tuple[Fact, ...]) -> None:
        threshold = stated(approved, View.APPROVED, "threshold")
        comparison = stated(approved, View.APPROVED, "comparison")
        self.measured = one_line(condition.measured)
        limit = quantity_of(threshold.value, Unit.COUNT) if threshold else None
        self.threshold = limit.value if limit else None
        self.comparison = str(comparison.value) if comparison else None
        # An approval that was written by hand without its unit is a text, which no rule compares with a number.
        readable = threshold is not None and isinstance(threshold.value, Quantity)
        self.elsewhere = readable and Join.UNLESS not in condition.joins

    def judges(self, change: Change) -> bool:
        """Whether another rule holds the condition against its own approved values."""
        aspects = {Aspect.THRESHOLD, *([Aspect.COMPARISON] if self.comparison else [])}
        return self.elsewhere and change.aspect in aspects and change.where == self.measured


def _alone(expression: str, own: Iterable[_Own]) -> Iterator[Change]:
    """Changes since approvals of single conditions that nobody else judges: under ``unless``, or of an operator."""
    for one in own:
        if not one.elsewhere:
            yield from threshold_changes(expression, one.measured, one.threshold, one.comparison)


def _approved_conditions(estate: Estate) -> dict[SubjectId, dict[int, tuple[Fact, ...]]]:
    """The approved facts of conditions by their alert and number."""
    found: dict[SubjectId, dict[int, tuple[Fact, ...]]] = {}
    for subject, facts in estate.of_kind(CONDITION):
        approved, place = tuple(fact for fact in facts if fact.view is View.APPROVED), alert_of(subject)
        if approved and place:
            found.setdefault(place[0], {})[place[1]] = approved
    return found


derivation = Derivation(tuple(_KEYS.values()), _since_approval)
"""``since_approval.…``: what has been loosened, tightened, or changed in a way that can be either."""
