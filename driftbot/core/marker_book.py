"""The book of markers: which of them speak of a subject, found by index, and markers from several nights as one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from driftbot.core.marker import Cause, Marker, MarkerSpan
from driftbot.core.series import FloatArray
from driftbot.core.subject import Subject, SubjectId, distinct

ONE_RELEASE = 3600.0
"""Releases that follow each other within this many seconds are one moment.

Ours: several sources tell of one release within their steps, a service's workloads are rolled out one after the other,
and series are judged by the hour.
"""

ONE_ROLLOUT = 86400.0
"""A version that another source tells, or another subject, up to so many seconds later is the same release.

Ours: a manifest or a log tells what a rollout brings hours later, by approval or by canary.
"""

_PLACED = ("workload", "job")
"""Kinds whose name is ``namespace/workload``."""

_CALL = "call"

Sign = tuple[str, str, str]
"""What subjects have in common that speak of each other: ``service`` or ``workload``, environment, name.

What is changed of a call stands under ``call`` for both its services: it speaks of them, not of their other calls.
"""

Company = tuple[frozenset[Sign], SubjectId | None]
"""What the markers of a subject are found by; those of a large service's many parts are looked for once. The subject
itself stands there only where no sign leads to its own markers: a call, and what told of no sign.
"""


class MarkerBook:
    """Markers by what they speak of; built once, then each question costs what its answer holds.

    A marker speaks of

    1. its own subject;
    2. what belongs to the same service: the subject's label ``service``, a service's own name, and both ends of a call;
       but one call's marker not of another call;
    3. what is of the same workload: the labels ``namespace`` and ``workload``, or the name of a workload or job; so a
       CronJob's image speaks of its runs and a container's limit of its workload;
    4. where a service or a workload has no such sign, what is called like it: a service of the name that exactly one
       workload of the environment has, and that workload.

    ``subjects`` are those of the estate, with all their labels: they decide whether a name is one workload's alone.
    """

    def __init__(self, markers: Iterable[Marker], subjects: Iterable[Subject] = ()) -> None:
        told = tuple(markers)
        self._size = len(told)
        self._releases: dict[Company, FloatArray] = {}
        marked = distinct(marker.subject for marker in told)
        self._signs: dict[SubjectId, set[Sign]] = defaultdict(set)
        for subject in distinct((*subjects, *marked)):
            self._signs[subject.id].update(_signs(subject))
        self._namesakes = _namesakes(self._signs)
        # Markers are many and their subjects few: an object in memory is named once, and a sign leads to subjects.
        names = {id(subject): subject.id for subject in marked}
        self._by_subject: dict[SubjectId, list[Marker]] = defaultdict(list)
        for marker in told:
            self._by_subject[names[id(marker.subject)]].append(marker)
        self._by_sign: dict[Sign, list[SubjectId]] = defaultdict(list)
        for name in self._by_subject:
            for sign in self._signs[name]:
                self._by_sign[_by_call(sign) if name.kind == _CALL else sign].append(name)

    def __len__(self) -> int:
        return self._size

    def of(self, subject: Subject) -> tuple[Marker, ...]:
        """The markers that speak of the subject, the oldest first."""
        return tuple(sorted(self._speaking(self._company(subject)), key=lambda marker: marker.rank))

    def releases(self, subject: Subject) -> FloatArray:
        """When what the subject is about was released (Unix seconds, rising); one moment each, see ``moments``."""
        company = self._company(subject)
        if company not in self._releases:
            speaking = self._speaking(company)
            self._releases[company] = moments(marker for marker in speaking if marker.cause is Cause.RELEASE)
        return self._releases[company]

    def _company(self, subject: Subject) -> Company:
        known = self._signs.get(subject.id, set())
        signs = known | set(_signs(subject))
        signs = signs.union(self._alike(signs))
        if subject.kind != _CALL:
            signs = signs.union(map(_by_call, signs))
        found_by_sign = known and subject.kind != _CALL
        return frozenset(signs), None if found_by_sign or subject.id not in self._by_subject else subject.id

    def _speaking(self, company: Company) -> Iterator[Marker]:
        signs, own = company
        names = {name for sign in signs for name in self._by_sign.get(sign, ())}
        for name in names | ({own} if own else set()):
            yield from self._by_subject.get(name, ())

    def _alike(self, signs: Iterable[Sign]) -> Iterator[Sign]:
        for sign in signs:
            yield from self._namesakes.get(sign, ())


def markers_of(subject: Subject, markers: MarkerBook) -> tuple[Marker, ...]:
    """Which markers speak of a subject, the oldest first; see ``MarkerBook``."""
    return markers.of(subject)


def moments(markers: Iterable[Marker], apart: float = ONE_RELEASE) -> FloatArray:
    """When the markers are, sorted, without those that may tell of one that stays.

    That is one within ``apart`` seconds before, or within the time by which the later one may be late: what a night
    finds in a file is what the cluster showed the day before. Or it is the last one, of the same version, and told by
    another source or of another subject within ``ONE_ROLLOUT``; a version that comes back after another one is not.
    """
    kept: list[float] = []
    versions: set[str] = set()
    tellers: set[tuple[str, SubjectId]] = set()
    for marker in sorted(markers, key=lambda marker: (marker.at, marker.name, marker.origin.source)):
        version, teller = _version(marker.name), (marker.origin.source, marker.subject.id)
        since = marker.at - kept[-1] if kept else math.inf
        is_retold = since <= ONE_ROLLOUT and version in versions and teller not in tellers
        if not is_retold and since > max(apart, marker.late_by):
            kept.append(marker.at)
            versions, tellers = set(), set()
        versions.add(version)
        tellers.add(teller)
    return np.array(kept, np.float64)


def _version(name: str) -> str:
    """The version in a release's name: of an image its tag or digest."""
    return name.rpartition(":")[2]


def overlaid_markers(
    stored: Sequence[Marker], fresh: Sequence[Marker], told: Iterable[MarkerSpan] = ()
) -> tuple[Marker, ...]:
    """Stored and freshly told markers as one, each once, sorted.

    The same change told twice is one where it differs in time by no more than it may be late; the earlier one holds.
    What a source tells whole and does not tell again is gone. Subjects are labelled as they are told of last.
    """
    spans = tuple(told)
    labelled = {marker.subject.id: marker.subject for marker in fresh}
    kept = [marker for marker in stored if not any(span.holds(marker) for span in spans)]
    return one_each([*(marker.about(labelled.get(marker.subject.id, marker.subject)) for marker in kept), *fresh])


def one_each(markers: Iterable[Marker]) -> tuple[Marker, ...]:
    """The markers without repetitions, sorted; of the same change the earliest."""
    last: dict[ChangeName, Marker] = {}
    found = []
    for marker in sorted(markers, key=lambda marker: marker.rank):
        name = ChangeName.of(marker)
        before = last.get(name)
        if before is None or not same_moment(before, marker):
            found.append(marker)
            last[name] = marker
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ChangeName:
    """What makes two markers the same change but for their times: a change back is a change of another name."""

    subject: SubjectId
    cause: Cause
    name: str
    source: str

    @classmethod
    def of(cls, marker: Marker) -> ChangeName:
        """The name of a marker's change."""
        return cls(marker.subject.id, marker.cause, marker.name, marker.origin.source)


def same_moment(one: Marker, other: Marker) -> bool:
    """Whether two markers of one name may be the same change: no further apart than one of them may be late."""
    return abs(one.at - other.at) <= max(one.late_by, other.late_by)


def _signs(subject: Subject) -> Iterator[Sign]:
    environment = subject.environment
    labels = dict(subject.labels)
    services = {labels.get("service", "")}
    if subject.kind == "service":
        services.add(subject.name)
    if subject.kind == _CALL:
        services |= {labels.get("from", ""), labels.get("to", "")}
    for service in services - {""}:
        yield "service", environment, service
    if subject.kind in _PLACED:
        yield "workload", environment, subject.name
    if labels.get("namespace") and labels.get("workload"):
        yield "workload", environment, f"{labels['namespace']}/{labels['workload']}"


def _by_call(sign: Sign) -> Sign:
    """The sign under which the marker of a call stands that is about what has this sign."""
    what, environment, name = sign
    return _CALL if what == "service" else what, environment, name


def _namesakes(signs: dict[SubjectId, set[Sign]]) -> dict[Sign, tuple[Sign, ...]]:
    """Services and workloads that are called alike, where the name is one workload's that says no service of itself."""
    services: dict[tuple[str, str], set[Sign]] = defaultdict(set)
    workloads: dict[tuple[str, str], set[Sign]] = defaultdict(set)
    belonging: set[Sign] = set()
    for found in signs.values():
        serving = any(what == "service" for what, _, _ in found)
        for sign in found:
            what, environment, name = sign
            (services if what == "service" else workloads)[environment, name.rpartition("/")[2]].add(sign)
            if serving and what == "workload":
                belonging.add(sign)
    alike: dict[Sign, tuple[Sign, ...]] = {}
    for short in services.keys() & workloads.keys():
        if len(services[short]) == len(workloads[short]) == 1 and not workloads[short] & belonging:
            (service,), (workload,) = services[short], workloads[short]
            alike[service], alike[workload] = (workload,), (service,)
    return alike
