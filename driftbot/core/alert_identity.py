"""Lasting identity of alerts: which alert of tonight is which of last night, in files and on servers.

Alerts are moved, renamed, tuned, and often share file, group, name and severity (95 of 669 in one public repository),
so no field of theirs is an identity. Each gets a name once; from then on it is recognised by what stayed the same, and
keeps the name.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from driftbot.core.approved_sighting import approved_alerts, recognised
from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, View
from driftbot.core.loaded import loaded_facts
from driftbot.core.matching import Crowd, Stage, match
from driftbot.core.renaming import Renaming
from driftbot.core.series import Series
from driftbot.core.sighting import ALERT, Mark, Sighting, mark_of, name_mark_of, sightings
from driftbot.core.snapshot import Reading, Unjoined
from driftbot.core.subject import Subject

LEAST_SIMILAR = 0.6
"""Share of common tokens below which two expressions are two alerts (ours: numbers and labels change, little else)."""

Look = Stage[Sighting]

_IN_PLACE: tuple[Look, ...] = (
    Stage(lambda one: (one.path, one.group, one.alertname, one.severity, one.asks, one.labels)),
    Stage(lambda one: (one.path, one.group, one.alertname, one.severity, one.asks)),
    Stage(lambda one: (one.path, one.group, one.alertname, one.severity, one.shape)),
    Stage(lambda one: (one.path, one.group, one.alertname, one.asks)),
    Stage(lambda one: (one.path, one.group, one.severity, one.asks), Crowd.LEAVE),
    Stage(lambda one: (one.path, one.group, one.asks), Crowd.LEAVE),
)
_MOVED: tuple[Look, ...] = (
    Stage(lambda one: (one.group, one.alertname, one.severity, one.asks)),
    Stage(lambda one: (one.alertname, one.severity, one.asks)),
    Stage(lambda one: (one.alertname, one.asks)),
    Stage(lambda one: (one.severity, one.asks), Crowd.LEAVE),
    Stage(lambda one: (one.group, one.alertname, one.severity, one.shape)),
    Stage(lambda one: (one.alertname, one.severity, one.shape)),
)
_CHANGED: tuple[Look, ...] = (
    Stage(lambda one: (one.path, one.group, one.alertname, one.severity)),
    Stage(lambda one: (one.path, one.group, one.alertname)),
    Stage(lambda one: (one.path, one.group, one.severity, one.shape), Crowd.LEAVE),
)
_MOVED_AND_CHANGED: tuple[Look, ...] = (
    Stage(lambda one: (one.group, one.alertname, one.severity)),
    Stage(lambda one: (one.alertname, one.severity), Crowd.LEAVE),
)
_ACROSS_VIEWS: tuple[Look, ...] = (
    Stage(lambda one: (one.file, one.group, one.alertname, one.severity, one.asks)),
    Stage(lambda one: (one.group, one.alertname, one.severity, one.asks)),
    Stage(lambda one: (one.alertname, one.severity, one.asks)),
    Stage(lambda one: (one.file, one.group, one.alertname, one.severity)),
    Stage(lambda one: (one.group, one.alertname, one.severity)),
    Stage(lambda one: (one.group, one.alertname)),
    Stage(lambda one: (one.group, one.severity, one.asks), Crowd.LEAVE),
)
_SAME_VIEW: tuple[Look, ...] = _ACROSS_VIEWS[:3]


@dataclass(slots=True)
class _Alert:
    """One alert of tonight as all sources show it; at most one sighting a source."""

    sightings: list[Sighting]
    name: str = ""

    @property
    def first(self) -> Sighting:
        """What the alert is named after: what a file says before what a server says."""
        return self.sightings[0]

    def shown_by(self, source: str) -> bool:
        """Whether a source shows it tonight."""
        return any(one.source == source for one in self.sightings)

    def take(self, name: str, named: dict[str, _Alert]) -> None:
        """Take the name; where another alert of tonight, not shown by these sources, has it, become part of it."""
        other = named.setdefault(name, self)
        if other is self:
            self.name = name
        elif not any(other.shown_by(one.source) for one in self.sightings):
            other.sightings.extend(self.sightings)
            self.sightings = []


_NOBODY = _Alert([])


def _in_order(one: Sighting) -> tuple[object, ...]:
    return one.order


def assign_alerts(tonight: Reading, last_night: Sequence[Fact], approved: Sequence[Fact] = ()) -> Reading:
    """Give the alerts of tonight's reading, and their conditions, their lasting names.

    An alert in a file and the same one on a server become one subject with two views. One that stood last night keeps
    its name, wherever it stands and whatever it is called now; a new one is named after what it is called, with group
    and file where that is taken. Never two of tonight's alerts have one name. An alert that stood where tonight there
    is a gap is not taken for another one that was added elsewhere. One that no night has seen keeps the name under
    which it was ``approved``, though it was renamed since.

    Where a server's rules and rule files of one environment were both completely read, an alert that only one of the
    two knows is reported as unjoined; of every alert in a file it is stated whether a
    server has it ``loaded`` (``loaded_facts``). The result depends on the content alone, not on the order of facts.
    """
    seen = sightings(tonight.facts, mark_of)
    before = sightings((fact for fact in last_night if fact.subject.kind == ALERT), name_mark_of)
    names: dict[Sighting, str] = {}
    unjoined: list[Unjoined] = []
    loaded: list[Fact] = []
    for environment in sorted({mark.environment for mark in seen}):
        alerts = _joined(one for one in seen.values() if one.environment == environment)
        past = [one for one in before.values() if one.environment == environment]
        alerts = _recognised(alerts, past, _hidden(tonight.coverage, environment))
        _name_as_approved(alerts, approved, {one.name for one in past}, tonight.coverage, environment)
        _christen(alerts, {one.name for one in past})
        names.update({one: alert.name for alert in alerts for one in alert.sightings})
        unjoined.extend(_lonely(alerts, environment, tonight.coverage))
        loaded.extend(loaded_facts(((alert.name, alert.sightings) for alert in alerts), environment, tonight.coverage))
    named = _renamed(tonight, seen, names, unjoined)
    return replace(named, facts=(*named.facts, *loaded))


def _joined(found: Iterable[Sighting]) -> list[_Alert]:
    by_source: dict[tuple[bool, str], list[Sighting]] = defaultdict(list)
    for one in sorted(found, key=lambda one: one.order):
        by_source[one.view is not View.DECLARED, one.source].append(one)
    alerts: list[_Alert] = []
    for (on_server, _), ours in sorted(by_source.items()):
        taken: set[int] = set()
        for declared in (True, False) if on_server else ():
            left = [number for number in range(len(ours)) if number not in taken]
            known = [alert for alert in alerts if (alert.first.view is View.DECLARED) is declared]
            known = [alert for alert in known if alert.sightings[-1].source != ours[0].source]
            known.sort(key=lambda alert: alert.first.order)
            stages = _ACROSS_VIEWS if declared else _SAME_VIEW
            pairs = _match([ours[number] for number in left], [alert.first for alert in known], stages)
            for mine, other in pairs.items():
                known[other].sightings.append(ours[left[mine]])
                taken.add(left[mine])
        alerts.extend(_Alert([one]) for number, one in enumerate(ours) if number not in taken)
    return sorted(alerts, key=lambda alert: (alert.first.source, alert.first.order))


def _match(new: Sequence[Sighting], old: Sequence[Sighting], stages: Iterable[Look]) -> Mapping[int, int]:
    return match(new, old, stages, Sighting.similarity, LEAST_SIMILAR)


def pair_alerts(new: Sequence[Sighting], old: Sequence[Sighting]) -> Mapping[int, int]:
    """Which position in ``new`` is which alert in ``old``, each at most once, by the looks that names are kept by.

    For contents of the same files at two times, both wholly read; the result does not depend on their order.
    """
    ours = sorted(range(len(new)), key=lambda number: new[number].order)
    theirs = sorted(range(len(old)), key=lambda number: old[number].order)
    stages = (*_IN_PLACE, *_MOVED, *_CHANGED, *_MOVED_AND_CHANGED)
    found = _match([new[number] for number in ours], [old[number] for number in theirs], stages)
    return {ours[mine]: theirs[other] for mine, other in found.items()}


def _recognised(alerts: Sequence[_Alert], past: Sequence[Sighting], hidden: Callable[[Sighting], bool]) -> list[_Alert]:
    """The alerts with the names they had, first by what each source showed last night, then by what any source did.

    Two that were one last night are one again: renamed in its file, an alert is still loaded under its old name.
    """
    named: dict[str, _Alert] = {}
    sources = sorted({one.source for one in past}, key=lambda source: (not _declares(past, source), source))
    for source in sources:
        ours = [(alert, one) for alert in alerts if not alert.name for one in alert.sightings if one.source == source]
        theirs = [one for one in past if one.source == source]
        _name(ours, theirs, hidden, named)
    unnamed = [(alert, alert.first) for alert in alerts if alert.sightings and not alert.name]
    once: dict[str, Sighting] = {}
    for one in sorted(past, key=lambda one: (one.view is not View.DECLARED, one.source, one.order)):
        if one.name not in named:
            once.setdefault(one.name, one)
    _name(unnamed, list(once.values()), hidden, named)
    return [alert for alert in alerts if alert.sightings]


def _declares(past: Iterable[Sighting], source: str) -> bool:
    return any(one.view is View.DECLARED for one in past if one.source == source)


def _name(
    ours: Sequence[tuple[_Alert, Sighting]],
    theirs: Sequence[Sighting],
    hidden: Callable[[Sighting], bool],
    named: dict[str, _Alert],
) -> None:
    for stages, moves in ((_IN_PLACE, False), (_MOVED, True), (_CHANGED, False), (_MOVED_AND_CHANGED, True)):
        new = sorted((pair for pair in ours if pair[0].sightings and not pair[0].name), key=lambda pair: pair[1].order)
        old = sorted((one for one in theirs if not named.get(one.name, _NOBODY).shown_by(one.source)), key=_in_order)
        old = [one for one in old if not (moves and hidden(one))]
        for mine, other in _match([one for _, one in new], old, stages).items():
            new[mine][0].take(old[other].name, named)


def _hidden(coverage: Iterable[Coverage], environment: str) -> Callable[[Sighting], bool]:
    """Whether an alert of last night stood where tonight nobody could look."""
    ours = [entry for entry in coverage if entry.environment == environment and entry.kind == ALERT]
    failed = {entry.source for entry in ours if entry.failed}
    gaps = {(entry.source, gap.origin.locator) for entry in ours for gap in entry.gaps}
    blind = failed | {source for source, locator in gaps if not locator}
    return lambda one: one.source in blind or (one.source, one.locator) in gaps


def _name_as_approved(
    alerts: Sequence[_Alert], approved: Sequence[Fact], past: set[str], coverage: Iterable[Coverage], environment: str
) -> None:
    """Give approved names that no night has seen, and no alert of tonight has, to the alerts they belong to."""
    waiting = [alert for alert in alerts if not alert.name]
    taken = past | {alert.name for alert in alerts}
    lost = [one for one in approved_alerts(approved, environment) if one.name not in taken] if waiting else []
    about = [entry for entry in coverage if (entry.environment, entry.kind) == (environment, ALERT)]
    whole = bool(about) and all(entry.complete for entry in about)
    for position, name in recognised(lost, [alert.first for alert in waiting], _CANDIDATES, whole).items():
        waiting[position].name = name


def _christen(alerts: Iterable[_Alert], taken: set[str]) -> None:
    """Name the new ones: as short as is unambiguous tonight and taken by nobody."""
    waiting = [alert for alert in alerts if not alert.name]
    used = taken | {alert.name for alert in alerts if alert.name}
    for candidate in _CANDIDATES:
        wanted = Counter(candidate(alert.first) for alert in waiting)
        for alert in waiting:
            name = candidate(alert.first)
            if wanted[name] == 1 and name not in used:
                alert.name = name
        used |= {alert.name for alert in waiting}
        waiting = [alert for alert in waiting if not alert.name]
    for alert in sorted(waiting, key=lambda alert: (alert.first.source, alert.first.order)):
        alert.name = next(name for name in _numbered(_CANDIDATES[-1](alert.first)) if name not in used)
        used.add(alert.name)


def _numbered(name: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{name}.{number}"
        number += 1


def _digest(one: Sighting) -> str:
    return hashlib.sha256(one.asks.encode()).hexdigest()[:6]


_CANDIDATES: tuple[Callable[[Sighting], str], ...] = (
    lambda one: one.alertname,
    lambda one: f"{one.group}/{one.alertname}",
    lambda one: f"{one.group}/{one.alertname}/{one.severity}",
    lambda one: f"{one.path}/{one.group}/{one.alertname}",
    lambda one: f"{one.path}/{one.group}/{one.alertname}/{one.severity}",
    lambda one: f"{one.path}/{one.group}/{one.alertname}/{one.severity}/{_digest(one)}",
)


def _lonely(alerts: Iterable[_Alert], environment: str, coverage: Iterable[Coverage]) -> Iterator[Unjoined]:
    complete = {
        entry.source: entry.complete for entry in coverage if entry.environment == environment and entry.kind == ALERT
    }
    views: dict[View, set[str]] = defaultdict(set)
    everything = list(alerts)
    for alert in everything:
        for one in alert.sightings:
            views[one.view].add(one.source)
    if len(views) < 2 or not all(complete.get(source) for sources in views.values() for source in sources):
        return
    for alert in everything:
        if len({one.view for one in alert.sightings}) == 1:
            declared = alert.first.view is View.DECLARED
            reason = "no server has loaded it" if declared else "it is loaded, and no rule file declares it"
            subject = Subject(ALERT, environment, alert.name, alert.first.labels)
            yield Unjoined(subject, reason)


def _renamed(
    reading: Reading, seen: Mapping[Mark, Sighting], names: Mapping[Sighting, str], unjoined: Iterable[Unjoined]
) -> Reading:
    rename = Renaming({mark: names[one] for mark, one in seen.items()})
    return replace(
        reading,
        facts=tuple(fact.about(rename(fact.subject, fact.origin.source)) for fact in reading.facts),
        series=tuple(
            Series(rename(one.subject, one.origin.source), one.key, one.times, one.values, one.origin)
            for one in reading.series
        ),
        unjoined=(*reading.unjoined, *sorted(unjoined, key=lambda entry: (entry.subject, entry.reason))),
        pasts=tuple(past.about(rename(past.subject, past.source)) for past in reading.pasts),
        coverage=tuple(replace(entry, doubted=rename.doubted(entry)) for entry in reading.coverage),
    )
