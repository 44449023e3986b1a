"""Ratchets: loosening that adds up over steps, none of which was taken back, against what was approved last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition
from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.step import Step
from driftbot.core.fact import Fact, View
from driftbot.core.key import Key, ValueType
from driftbot.core.past import Past
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.sighting import ALERT, alert_of
from driftbot.core.subject import SubjectId

STEPS, LOOSER, NET, CHANGED_AT = "ratchet.steps", "ratchet.looser", "ratchet.net", "changed_at"

KEYS = (
    Key(
        ALERT,
        STEPS,
        ValueType.QUANTITY,
        "how many commits (or nights, where only a server tells) loosened it since it was approved last, else within"
        " what is known of its history; without steps that were taken back; 0 where it is no looser than then",
        Unit.COUNT,
        PROVIDERS,
    ),
    Key(
        ALERT,
        LOOSER,
        ValueType.NAMES,
        "those steps: date, what they loosened (old → new), commit and author",
        None,
        PROVIDERS,
    ),
    Key(
        ALERT, NET, ValueType.NAMES, "what they came to: how today's alert is looser than it was then", None, PROVIDERS
    ),
    Key(
        ALERT,
        CHANGED_AT,
        ValueType.INSTANT,
        "when its meaning changed last: the commit's date, or the first night that saw it so; not stated where nobody"
        " knows, or where the change is not committed yet",
        None,
        PROVIDERS,
    ),
)


@dataclass(frozen=True, slots=True)
class Ratchet:
    """Loosening that still stands: each step with those of its changes that loosened, and what they all come to."""

    looser: tuple[tuple[Step, tuple[Change, ...]], ...] = ()
    net: tuple[Change, ...] = ()


def ratchet(taken: Sequence[Step], approved_at: datetime | None = None) -> Ratchet:
    """The loosening among the steps (the oldest first) that was never taken back, since the approval if there is one.

    A change counts if the alert stayed looser ever after, both than before it and than at the beginning. Where the
    alert was rewritten to ask something else, it begins anew.
    """
    counted = [
        step for step in taken if approved_at is None or step.revision.at is None or step.revision.at > approved_at
    ]
    rewritten = [number for number, step in enumerate(counted, start=1) if _rewrites(step)]
    counted = counted[rewritten[-1] :] if rewritten else counted
    if not counted:
        return Ratchet()
    first, after = counted[0].before, [step.after for step in counted]
    standing = [
        (step, tuple(one for one in step.changes if _stands(one, (first, step.before), after[number:])))
        for number, step in enumerate(counted)
    ]
    looser = tuple((step, found) for step, found in standing if found)
    aspects = {change.aspect for _, found in looser for change in found}
    net = [one for one in changes(first, after[-1]) if one.direction is Direction.LOOSER and one.aspect in aspects]
    return Ratchet(looser, tuple(net))


def _rewrites(step: Step) -> bool:
    return any(change.aspect is Aspect.EXPRESSION for change in step.changes)


def _stands(change: Change, bars: Iterable[AlertDefinition], later: Sequence[AlertDefinition]) -> bool:
    """Whether the change loosened the alert, and it was never again as strict as any of the bars."""
    if change.direction is not Direction.LOOSER:
        return False
    return all(_looser(change, bar, each) for bar in bars for each in later)


def _looser(like: Change, old: AlertDefinition, new: AlertDefinition) -> bool:
    """Whether ``new`` is looser than ``old`` in what the change is about.

    Where one of them measures something else by now, another condition's change of that aspect will do.
    """
    alike = [one for one in changes(old, new) if one.aspect is like.aspect]
    same_place = [one for one in alike if one.where == like.where]
    measured = ({condition.measured for condition in each.conditions} for each in (old, new))
    in_both = not like.where or all(like.where in sides for sides in measured)
    return any(one.direction is Direction.LOOSER for one in (same_place if in_both or same_place else alike))


def asks_for_pasts(wanted: Mapping[str, Collection[str]]) -> bool:
    """Whether a wanted key (names by kind of subject) rests on the pasts of alerts, or may."""
    return "silence" in wanted or any(key.name in wanted.get(ALERT, ()) for key in KEYS)


def last_changes(estate: Estate) -> Mapping[SubjectId, datetime]:
    """When each alert's meaning changed last, where that is known."""
    found = ((subject, _changed_at(past, estate.steps_of[subject])) for subject, past in estate.past_of.items())
    return {subject: at for subject, at in found if at is not None}


def _changed_at(past: Past, taken: Sequence[Step]) -> datetime | None:
    last = taken[-1].revision if taken else past.revisions[0]
    return None if last.commit is not None and not last.commit.id else last.at


def ratchets(estate: Estate) -> Iterator[Fact]:
    """The keys of every alert whose expression is known; what nobody tells of its past is no step."""
    approved = _approved_at(estate)
    for subject, facts in estate.of_kind(ALERT):
        said = [fact for fact in facts if fact.key == "expression" and fact.view in (View.DECLARED, View.EFFECTIVE)]
        if said:
            about = min(said, key=lambda fact: fact.view is not View.DECLARED)
            yield from _keys(about, estate.steps_of.get(subject, ()), approved.get(subject))
            if past := estate.past_of.get(subject):
                yield from _last_change(about, _changed_at(past, estate.steps_of[subject]))


def _keys(about: Fact, taken: Sequence[Step], approved_at: datetime | None) -> Iterator[Fact]:
    found = ratchet(taken, approved_at)
    yield computed(about.subject, STEPS, Quantity(float(len(found.looser)), Unit.COUNT), about.origin)
    yield computed(about.subject, LOOSER, tuple(step.told(only) for step, only in found.looser), about.origin)
    yield computed(about.subject, NET, tuple(sorted(map(str, found.net))), about.origin)


def _last_change(about: Fact, at: datetime | None) -> Iterator[Fact]:
    if at is not None:
        yield computed(about.subject, CHANGED_AT, at, about.origin)


def _approved_at(estate: Estate) -> Mapping[SubjectId, datetime]:
    """When something of each alert, or of a condition of it, was approved last."""
    found: dict[SubjectId, datetime] = {}
    for approval in estate.approvals:
        place = alert_of(approval.subject)
        alert = place[0] if place else approval.subject
        if alert.kind == ALERT:
            found[alert] = max(approval.at, found.get(alert, approval.at))
    return found


derivation = Derivation(KEYS, ratchets)
