"""Cases: the examples inside a rule file, as snapshots that the engine judges like any other night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.marker import Cause, Marker
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.series import FloatArray, Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject, labels_of
from driftbot.rules.case_series import release_times, samples
from driftbot.rules.document import CaseDocument, CaseVerdict, Facts, PeerCase, SeriesShape
from driftbot.rules.scope import CALL, LABEL_PREFIX, PATH

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
"""When a case plays unless it says so."""

ENVIRONMENT = "case"
SUBJECT = "example"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series and the shape that it was drawn from, in a unit."""

    shape: SeriesShape
    unit: Unit
    series: Series


@dataclass(frozen=True, slots=True)
class Written:
    """What of a case is drawn from shapes: each series of its own by key, and its peers."""

    shapes: Mapping[str, Drawn] = field(default_factory=dict)
    peers: tuple[PeerCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """An example of a rule. ``verdict`` is None where the subject must not be selected.

    ``judged`` is the name of the subject whose verdict counts; empty: the worst of all (paths). ``written`` are its
    series and peers as they stand in the file.
    """

    rule: str
    name: str
    snapshot: Snapshot
    verdict: CaseVerdict | None
    judged: str
    origin: Origin
    written: Written = field(default_factory=Written)


class BadCase(ValueError):
    """Something in a case does not fit the vocabulary; ``path`` leads to it inside the case."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        self.path = path
        super().__init__(message)


def read_case(
    document: CaseDocument, rule: str, kind: str, labels: frozenset[str], vocabulary: Vocabulary, origin: Origin
) -> tuple[Case | None, tuple[BadCase, ...]]:
    """A case as a snapshot, or everything in it that does not fit. ``labels`` are those that the rule reads."""
    reader = _Reader(document, kind, vocabulary, origin)
    snapshot = reader.snapshot(labels)
    if reader.bad:
        return None, tuple(reader.bad)
    judged = (document.path or "") if kind == PATH else SUBJECT
    own = [one for one in snapshot.series if one.subject.name == SUBJECT]
    units = {one.key: vocabulary.get(kind, one.key).unit or Unit.COUNT for one in own}
    drawn = {one.key: Drawn(document.series[one.key], units[one.key], one) for one in own}
    written = Written(drawn, tuple(document.peers))
    return Case(rule, document.name, snapshot, document.verdict, judged, origin, written), ()


class _Reader:
    def __init__(self, document: CaseDocument, kind: str, vocabulary: Vocabulary, origin: Origin) -> None:
        self._document = document
        self._kind = kind
        self._vocabulary = vocabulary
        self._origin = origin
        self._subject = Subject(kind, ENVIRONMENT, SUBJECT, labels_of(document.labels))
        self.bad: list[BadCase] = []

    def snapshot(self, labels: frozenset[str]) -> Snapshot:
        document, as_of = self._document, self._as_of()
        views = (
            ("facts", View.DECLARED, document.facts),
            ("effective", View.EFFECTIVE, document.effective),
            ("observed", View.OBSERVED, document.observed),
            ("approved", View.APPROVED, document.approved),
        )
        facts = [fact for name, view, values in views for fact in self._facts(self._subject, (name,), values, view)]
        for index, call in enumerate(document.calls):
            subject = self._call(call.caller, call.callee)
            facts += self._facts(subject, ("calls", index, "facts"), call.facts, View.DECLARED)
        calls = [self._call(call.caller, call.callee) for call in document.calls]
        lingering = (*calls, *(() if self._kind == PATH else (self._subject,)))
        releases = self._releases(as_of)
        series = (*self._series(as_of, releases), *self._peers(as_of, releases))
        markers = tuple(sorted(self._markers(as_of, releases), key=lambda marker: marker.rank))
        return Snapshot(as_of, tuple(facts), series, self._coverage(labels), lingering, markers)

    def _call(self, caller: str, callee: str) -> Subject:
        return Subject(CALL, ENVIRONMENT, f"{caller}->{callee}", labels_of({"from": caller, "to": callee}))

    def _as_of(self) -> datetime:
        text = self._document.as_of
        if text is None:
            return AS_OF
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.bad.append(BadCase(("as_of",), f"{text!r} is no time with a time zone; write 2026-03-01T00:00:00Z"))
            return AS_OF
        return found

    def _coverage(self, labels: frozenset[str]) -> tuple[Coverage, ...]:
        """What a case says is complete: its labels, and what it lists as absent."""
        for index, name in enumerate(self._document.absent):
            self._key(name, ("absent", index))
        keys = frozenset({*self._document.absent, *(LABEL_PREFIX + name for name in labels)})
        return (Coverage("case", ENVIRONMENT, self._kind, keys),) if keys else ()

    def _key(self, name: str, path: tuple[str | int, ...], kind: str = "") -> Key | None:
        kind = kind or self._kind
        key = self._vocabulary.find(kind, name)
        if key is None:
            near = self._vocabulary.nearest(kind, name)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            self.bad.append(BadCase(path, f"nobody provides {name!r} for a {kind}{hint}"))
        return key

    def _facts(self, subject: Subject, path: tuple[str | int, ...], values: Facts, view: View) -> Iterator[Fact]:
        for name, written in values.items():
            key = self._key(name, (*path, name), subject.kind)
            if key is None:
                continue
            try:
                value = read_value(written, key, view)
            except ValueError as error:
                self.bad.append(BadCase((*path, name), str(error)))
                continue
            provenance = self._document.provenance.get(name, Provenance.EXPLICIT)
            yield Fact(subject, name, value, view, provenance, self._origin)

    def _series(self, as_of: datetime, releases: FloatArray) -> Iterator[Series]:
        for name, shape in self._document.series.items():
            yield from self._drawn(self._subject, name, shape, as_of, releases, ("series", name))

    def _drawn(
        self,
        subject: Subject,
        name: str,
        shape: SeriesShape,
        as_of: datetime,
        releases: FloatArray,
        path: tuple[str | int, ...],
    ) -> Iterator[Series]:
        key = self._key(name, path)
        if key is None:
            return
        if key.type is not ValueType.SERIES or key.unit is None:
            self.bad.append(BadCase(path, f"{name} is not a series; put it under `facts`"))
            return
        try:
            times, values = samples(shape, key.unit, as_of.timestamp(), releases)
        except ValueError as error:
            self.bad.append(BadCase(path, str(error)))
            return
        yield Series(subject, name, times, values, self._origin)

    def _peers(self, as_of: datetime, releases: FloatArray) -> Iterator[Series]:
        for index, peer in enumerate(self._document.peers):
            for number in range(peer.count):
                subject = Subject(self._kind, ENVIRONMENT, f"peer-{index}-{number}", labels_of(peer.labels))
                for name, shape in peer.series.items():
                    own = shape.model_copy(update={"seed": shape.seed + number + 1})
                    yield from self._drawn(subject, name, own, as_of, releases, ("peers", index, "series", name))

    def _releases(self, as_of: datetime) -> FloatArray:
        try:
            return release_times(self._document.releases, as_of.timestamp())
        except ValueError as error:
            self.bad.append(BadCase(("releases",), str(error)))
            return np.empty(0)

    def _markers(self, as_of: datetime, releases: FloatArray) -> Iterator[Marker]:
        for number, at in enumerate(releases.tolist()):
            yield Marker(self._subject, at, str(number + 1), Cause.RELEASE, self._origin)
        for index, marker in enumerate(self._document.markers):
            try:
                ago = parse_quantity(marker.ago, Unit.SECONDS).value
            except NotAQuantity as error:
                self.bad.append(BadCase(("markers", index, "ago"), str(error)))
                continue
            yield Marker(self._subject, as_of.timestamp() - ago, marker.name, marker.cause, self._origin)


def read_value(written: object, key: Key, view: View = View.DECLARED) -> Value:
    """A value of a case as the key's type; of a series a baseline may be approved.

    Raises:
        ValueError: it is none.
    """
    match key.type, written:
        case ValueType.QUANTITY, str() | int() | float() if key.unit is not None and not isinstance(written, bool):
            return parse_quantity(written, key.unit)
        case ValueType.FLAG, bool():
            return written
        case ValueType.NAMES, list():
            return tuple(sorted(str(name) for name in written))
        case ValueType.INSTANT, str():
            return _instant(written)
        case ValueType.TEXT, str() | int() | float():
            return str(written)
    if key.type is ValueType.SERIES and view is View.APPROVED and isinstance(written, str | int | float):
        return _approved_level(written, key)
    if key.type is ValueType.SERIES:
        raise ValueError(f"{key.name} is a series; put it under `series`")
    raise ValueError(f"{written!r} is not {_SAID[key.type]}")


def _approved_level(written: str | float, key: Key) -> Quantity:
    assert key.unit is not None
    return parse_quantity(written, key.unit)


_SAID = {
    ValueType.QUANTITY: "a quantity",
    ValueType.FLAG: "true or false",
    ValueType.NAMES: "a list of names",
    ValueType.INSTANT: "an instant; write 2026-03-01T00:00:00Z",
    ValueType.TEXT: "a text",
}


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not {_SAID[ValueType.INSTANT]}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def by_rule(cases: tuple[Case, ...]) -> Mapping[str, tuple[Case, ...]]:
    """The cases of each rule, in the order of its file."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.rule, []).append(case)
    return {rule: tuple(of_rule) for rule, of_rule in found.items()}
