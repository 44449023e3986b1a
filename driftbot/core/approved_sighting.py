"""Approvals as sights of the past: an alert that a store never saw before keeps the name under which it was approved.

Without it a renaming before the first night of a new store would be a way around every approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftbot.core.fact import Fact, View
from driftbot.core.matching import Crowd, Stage, match
from driftbot.core.sighting import ALERT, CONDITION, Sighting, alert_of

_KEYS = {"rule.path": "path", "rule.group": "group", "rule.name": "alertname", "severity": "severity"}
_SPEAKS = ("asks", "shape")

_RENAMED: tuple[tuple[str, ...], ...] = (
    ("alertname", "severity", "asks"),
    ("alertname", "asks"),
    ("alertname", "severity", "shape"),
    ("alertname", "shape"),
    ("path", "group", "severity", "asks"),
    ("group", "severity", "asks"),
    ("severity", "asks"),
    ("path", "group", "severity", "shape"),
    ("group", "severity", "shape"),
    ("severity", "shape"),
)
"""What two sights of one alert share, the surest first; of these only what was approved is compared."""


@dataclass(frozen=True)
class ApprovedAlert:
    """An alert as its approvals show it; ``known`` are the fields of the sighting that were approved."""

    sighting: Sighting
    known: frozenset[str]

    @property
    def name(self) -> str:
        """The name it was approved under."""
        return self.sighting.name


def approved_alerts(approved: Iterable[Fact], environment: str) -> tuple[ApprovedAlert, ...]:
    """The alerts of the environment of which, or of whose conditions, something was approved, sorted by name."""
    about: dict[str, list[Fact]] = {}
    for fact in approved:
        subject = fact.subject
        place = alert_of(subject.id)
        alert = place[0] if place else subject.id
        if alert.kind == ALERT and alert.environment == environment and fact.view is View.APPROVED:
            about.setdefault(alert.name, []).append(fact)
    return tuple(_approved(name, environment, facts) for name, facts in sorted(about.items()))


def _approved(name: str, environment: str, facts: Sequence[Fact]) -> ApprovedAlert:
    told = {_KEYS[f.key]: str(f.value) for f in facts if f.subject.kind == ALERT and f.key in _KEYS}
    expression = _expression(facts)
    known = {*told, "alertname", *(_SPEAKS if expression else ())}
    sighting = Sighting(
        environment=environment,
        name=name,
        source="",
        view=View.APPROVED,
        locator="",
        path=told.get("path", ""),
        group=told.get("group", ""),
        alertname=told.get("alertname", name.rpartition("/")[2]),
        severity=told.get("severity", ""),
        labels=(),
        expression=expression,
    )
    return ApprovedAlert(sighting, frozenset(known))


def _expression(facts: Sequence[Fact]) -> str:
    """The approved expression, or that of its only condition where all of that was approved."""
    whole = [str(fact.value) for fact in facts if fact.subject.kind == ALERT and fact.key == "expression"]
    if whole:
        return whole[0]
    parts = {fact.key: str(fact.value) for fact in facts if fact.subject.kind == CONDITION}
    single = {fact.subject.name for fact in facts if fact.subject.kind == CONDITION and fact.key == "measured"}
    limit = parts.get("threshold") or parts.get("against")
    if len(single) != 1 or limit is None or parts.get("comparison", "absent") in {"absent", "present"}:
        return ""
    return f"{parts['measured']} {parts['comparison']} {limit}"


def recognised(
    approved: Iterable[ApprovedAlert],
    unnamed: Sequence[Sighting],
    names: Sequence[Callable[[Sighting], str]],
    everything_seen: bool,
) -> Mapping[int, str]:
    """Positions of unnamed alerts with the names they were approved under.

    First those that are still called so (``names`` gives what an alert can be called), then those that ask the same or
    the same with other numbers. That one was renamed is said only where everything was seen, and of one candidate.
    """
    left = {one.name: one for one in approved}
    found: dict[int, str] = {}
    for called in names:
        counted = Counter(called(one) for one in unnamed)
        for position, one in enumerate(unnamed):
            name = called(one)
            if position not in found and name in left and counted[name] == 1:
                found[position] = left.pop(name).name
    for known in sorted({one.known for one in left.values()}, key=sorted, reverse=True):
        alike = [one for one in left.values() if one.known == known]
        free = [position for position in range(len(unnamed)) if position not in found]
        stages = tuple(_stages(known, everything_seen))
        pairs = match([unnamed[at] for at in free], [one.sighting for one in alike], stages, Sighting.similarity, 0.0)
        found.update({free[mine]: alike[other].name for mine, other in pairs.items()})
    return found


def _stages(known: frozenset[str], everything_seen: bool) -> Iterator[Stage[Sighting]]:
    for wanted in _RENAMED:
        fields = tuple(field for field in wanted if field in known)
        if fields[-1:] and fields[-1] in _SPEAKS and (everything_seen or "alertname" in fields):
            yield Stage(_key(fields), Crowd.LEAVE)


def _key(fields: tuple[str, ...]) -> Callable[[Sighting], Hashable]:
    return lambda one: tuple(getattr(one, field) for field in fields)
