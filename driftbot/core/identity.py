"""Identity across sources: which workload, job, series or alert belongs to which service of the catalog.

The joined subject carries the labels ``service``, ``owner``, ``team``, ``tier``, ``criticality``, ``lifecycle`` and
``system`` of its service; what it says of itself stays. What cannot be joined, or could be joined to several
services, is reported and carries nothing: a wrong owner is worse than none. Alerts get their lasting names from
``assign_alerts``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from driftbot.core.alert_identity import assign_alerts
from driftbot.core.fact import Fact
from driftbot.core.marker import Marker
from driftbot.core.series import Series
from driftbot.core.snapshot import Reading, Unjoined
from driftbot.core.subject import Subject, SubjectId, distinct

__all__ = ["assign_alerts", "join"]

GIVEN = ("owner", "team", "tier", "criticality", "lifecycle", "system")
"""The labels that a service gives to what belongs to it."""

_EXPECTED = ("workload", "job")
_FOLLOWED = {
    ("disruption_budget", "workloads"): "workload",
    ("kubernetes_service", "workloads"): "workload",
    ("ingress", "services"): "kubernetes_service",
}
_SELECTING = ("service", "app", "deployment", "job")
_MATCHER = re.compile(r"\b(\w+)\s*=\s*[\"'`]([^\"'`]*)[\"'`]")
Labels = Mapping[str, str]


def join(reading: Reading) -> Reading:
    """The reading with every subject labelled by its service, and what could not be joined.

    Signs are tried from the surest to the weakest, and the first that names a service decides; if it names several, the
    subject is unjoined:

    1. an explicit one: a ``service`` label, Datadog's service tag, Backstage's ``kubernetes-id`` or label selector, or
       the catalog naming the workload;
    2. ``app.kubernetes.io/name``, then ``app.kubernetes.io/part-of``;
    3. the name: of the workload or job, then the labels ``app``, ``k8s-app`` and, of alerts and series, ``job``;
    4. of alerts, the one service that its expression selects by ``service``, ``app``, ``deployment`` or ``job``.

    Autoscalers, budgets, Services and Ingresses without a sign of their own follow the workloads they are about;
    conditions follow their alert, calls their caller. An environment without a catalog of its own is held against all
    others' services. Workloads and jobs without a service, and subjects whose explicit sign names none, are reported.
    What only markers tell of is joined likewise and never reported; it is no service of the catalog by being marked.
    """
    subjects = _merged(reading)
    catalogs = _catalogs(subjects)
    if not catalogs:
        return reading
    joins = {subject_id: _decide(subject_id, labels, catalogs) for subject_id, labels in subjects.items()}
    _read_selectors(reading.facts, catalogs, joins)
    _follow(reading.facts, subjects, joins)
    services = {subject_id: found.service.labels for subject_id, found in joins.items() if found.service}
    services |= dict(_marked(reading.markers, joins, catalogs))
    label = _Labelling(services)
    unjoined = [
        Unjoined(Subject(*_parts(subject_id), tuple(sorted(subjects[subject_id].items()))), found.reason)
        for subject_id, found in joins.items()
        if found.reason
    ]
    return replace(
        reading,
        facts=tuple(fact.about(label(fact.subject)) for fact in reading.facts),
        series=tuple(Series(label(one.subject), one.key, one.times, one.values, one.origin) for one in reading.series),
        markers=tuple(marker.about(label(marker.subject)) for marker in reading.markers),
        unjoined=(*reading.unjoined, *sorted(unjoined, key=lambda entry: (entry.subject, entry.reason))),
    )


@dataclass(frozen=True, slots=True)
class _Service:
    """A service of the catalog: its name, the labels it gives, and the signs by which it is recognised."""

    name: str
    labels: Labels
    signs: Labels

    @property
    def short(self) -> str:
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _Join:
    """A subject's service, or why there is none; an empty reason: nobody expects one."""

    service: _Service | None = None
    reason: str = ""


@dataclass(slots=True)
class _Catalog:
    """The services of one environment, by name and by what else points at them."""

    services: list[_Service] = field(default_factory=list)
    by_name: dict[str, list[_Service]] = field(default_factory=lambda: defaultdict(list))
    pointing: list[_Service] = field(default_factory=list)

    def add(self, service: _Service) -> None:
        """Take a service in under all its names."""
        self.services.append(service)
        for name in {service.name, service.short, service.signs.get("backstage_io_kubernetes_id", service.name)}:
            self.by_name[name].append(service)
        if "kubernetes_name" in service.signs or "backstage_io_kubernetes_label_selector" in service.signs:
            self.pointing.append(service)

    def named(self, name: str) -> list[_Service]:
        """The services of this name: the one of exactly this name, else all that are called so in short."""
        found = self.by_name.get(name, [])
        return [service for service in found if service.name == name] or found


def _merged(reading: Reading) -> dict[SubjectId, dict[str, str]]:
    """Every subject with the labels of all that was said about it; of two values the smaller one."""
    merged: dict[SubjectId, dict[str, str]] = {}
    seen = {(subject.id, subject.labels) for subject in distinct(_subjects(reading))}
    for subject_id, labels in sorted(seen, key=lambda told: (_parts(told[0]), told[1]), reverse=True):
        merged.setdefault(subject_id, {}).update(labels)
    return merged


def _subjects(reading: Reading) -> Iterator[Subject]:
    yield from (fact.subject for fact in reading.facts)
    yield from (series.subject for series in reading.series)


def _catalogs(subjects: Mapping[SubjectId, Labels]) -> dict[str, _Catalog]:
    """The catalog of each environment; under the empty name everybody's, each service once."""
    catalogs: dict[str, _Catalog] = {}
    everywhere: set[str] = set()
    for subject_id, labels in sorted(subjects.items(), key=lambda item: item[0]):
        if subject_id.kind != "service":
            continue
        given = {name: labels[name] for name in GIVEN if labels.get(name)}
        service = _Service(subject_id.name, {"service": subject_id.name, **given}, labels)
        catalogs.setdefault(subject_id.environment, _Catalog()).add(service)
        if subject_id.name not in everywhere:
            everywhere.add(subject_id.name)
            catalogs.setdefault("", _Catalog()).add(service)
    return catalogs


def _decide(subject_id: SubjectId, labels: Labels, catalogs: Mapping[str, _Catalog]) -> _Join:
    catalog = catalogs.get(subject_id.environment) or catalogs[""]
    if subject_id.kind == "service":
        return _Join(next((one for one in catalog.named(subject_id.name) if one.name == subject_id.name), None))
    for sign, named in _signs(subject_id, labels, catalog):
        found = {service.name: service for service in named}
        if len(found) > 1:
            return _Join(reason=f"{sign} could be {_listed(found)}; label it with the one that it is")
        if found:
            return _Join(next(iter(found.values())))
    stated = labels.get("service")
    if stated:
        return _Join(reason=f"its label service={stated} names no service of the catalog")
    if subject_id.kind in _EXPECTED:
        return _Join(reason="no service of the catalog has its name, and no label says which one it is")
    return _Join()


def _signs(subject_id: SubjectId, labels: Labels, catalog: _Catalog) -> Iterator[tuple[str, list[_Service]]]:
    if subject_id.kind == "call":
        yield f"its caller {labels.get('from', '')}", catalog.named(labels.get("from", ""))
        return
    yield "the catalog's naming of it", [one for one in catalog.pointing if _points_at(one, labels)]
    for name in ("service", "tags_datadoghq_com_service", "backstage_io_kubernetes_id"):
        if labels.get(name):
            yield f"{name}={labels[name]}", catalog.named(labels[name])
    names = ["app_kubernetes_io_name", "app_kubernetes_io_part_of", "workload", "app", "k8s_app"]
    if subject_id.kind in _EXPECTED and "workload" not in labels:
        yield "its name", catalog.named(subject_id.name.rpartition("/")[2])
    if subject_id.kind not in ("workload", "container"):
        names.append("job")
    for name in names:
        if labels.get(name):
            yield f"{name}={labels[name]}", catalog.named(labels[name])


def _read_selectors(facts: Iterable[Fact], catalogs: Mapping[str, _Catalog], joins: dict[SubjectId, _Join]) -> None:
    """Join alerts without a sign of their own to the service they select, if all their selectors mean the same one."""
    for fact in facts:
        if fact.subject.kind != "alert" or fact.key != "expression":
            continue
        subject_id = fact.subject.id
        if joins[subject_id] == _Join():
            catalog = catalogs.get(subject_id.environment) or catalogs[""]
            matchers = _MATCHER.findall(str(fact.value))
            for name in _SELECTING:
                values = {value for label, value in matchers if label == name}
                found = {service.name: service for value in values for service in catalog.named(value)}
                if found:
                    joins[subject_id] = _Join(next(iter(found.values()))) if len(found) == 1 else _Join()
                    break


def _marked(
    markers: Iterable[Marker], joins: Mapping[SubjectId, _Join], catalogs: Mapping[str, _Catalog]
) -> Iterator[tuple[SubjectId, Labels]]:
    """The service of each subject that only markers tell of; of a service also the one that is called so in short."""
    for subject in distinct(marker.subject for marker in markers):
        if subject.id in joins:
            continue
        catalog = catalogs.get(subject.environment) or catalogs[""]
        named = catalog.named(subject.name) if subject.kind == "service" else []
        found = named[0] if len(named) == 1 else _decide(subject.id, dict(subject.labels), catalogs).service
        if found:
            yield subject.id, found.labels


def _points_at(service: _Service, labels: Labels) -> bool:
    namespace = service.signs.get("kubernetes_namespace") or service.signs.get("backstage_io_kubernetes_namespace")
    if namespace and labels.get("namespace") != namespace:
        return False
    if "kubernetes_name" in service.signs:
        return service.signs["kubernetes_name"] == labels.get("workload")
    selector = service.signs.get("backstage_io_kubernetes_label_selector", "")
    wanted = [part.strip().partition("=") for part in selector.split(",") if part.strip()]
    return bool(wanted) and all(
        sign and labels.get(_label_name(name)) == value.lstrip("=") for name, sign, value in wanted
    )


def _label_name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _follow(facts: Iterable[Fact], subjects: Mapping[SubjectId, Labels], joins: dict[SubjectId, _Join]) -> None:
    """Give what has no sign of its own the service of what it is about, where that is one."""
    about: dict[SubjectId, set[SubjectId]] = defaultdict(set)
    for fact in facts:
        kind = _FOLLOWED.get((fact.subject.kind, fact.key))
        if kind and isinstance(fact.value, tuple):
            about[fact.subject.id] |= {SubjectId(kind, fact.subject.environment, name) for name in fact.value}
    for subject_id in joins:
        if subject_id.kind == "condition":
            alert = subject_id.name.rpartition("/")[0]
            about[subject_id] = {SubjectId("alert", subject_id.environment, alert)}
        elif subject_id.kind == "autoscaler":
            labels = subjects[subject_id]
            scaled = f"{labels.get('namespace', '')}/{labels.get('workload', '')}"
            about[subject_id] = {SubjectId("workload", subject_id.environment, scaled)}
    # Ingresses follow Services, which follow workloads: those first.
    for subject_id in sorted(about, key=lambda one: (one.kind == "ingress", one)):
        followed = {
            found.service.name: found for one in about[subject_id] if (found := joins.get(one)) and found.service
        }
        if joins[subject_id] == _Join() and len(followed) == 1:
            joins[subject_id] = next(iter(followed.values()))


class _Labelling:
    """Gives subjects the labels of their service; each combination is made once."""

    def __init__(self, services: Mapping[SubjectId, Labels]) -> None:
        self._services = services
        # By place in memory first, which is cheap to hash; the subject is kept so that nobody else comes to lie there.
        self._given: dict[int, tuple[Subject, Subject]] = {}
        self._made: dict[tuple[SubjectId, object], Subject] = {}

    def __call__(self, subject: Subject) -> Subject:
        given = self._given.get(id(subject))
        if given is None:
            given = self._given[id(subject)] = subject, self._labelled(subject)
        return given[1]

    def _labelled(self, subject: Subject) -> Subject:
        subject_id = subject.id
        key = subject_id, subject.labels
        made = self._made.get(key)
        if made is None:
            labels = self._services.get(subject_id)
            made = self._made[key] = subject.with_labels(labels) if labels else subject
        return made


def _parts(subject_id: SubjectId) -> tuple[str, str, str]:
    return subject_id.kind, subject_id.environment, subject_id.name


def _listed(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))
