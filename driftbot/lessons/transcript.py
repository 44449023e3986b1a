"""A case written down as it would stand in the rule's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np

from driftbot.core.fact import Fact, Provenance, Value, View
from driftbot.core.finding import Verdict
from driftbot.core.key import Vocabulary
from driftbot.core.marker import Cause
from driftbot.core.quantity import Quantity, Unit, format_quantity, parse_quantity
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.rules.case import AS_OF, SUBJECT, Case, Written
from driftbot.rules.document import PeerCase, SeriesShape
from driftbot.rules.scope import CALL, LABEL_PREFIX

_HOUR = 3600.0
"""The distance of samples of a case that does not state it, in seconds."""

_GROUPS = {View.DECLARED: "facts", View.EFFECTIVE: "effective", View.OBSERVED: "observed", View.APPROVED: "approved"}


def transcript(case: Case, name: str, verdict: Verdict | None, vocabulary: Vocabulary) -> str:
    """The case as YAML, a list item of ``cases``, with the verdict it is to get (None: not selected)."""
    lines = [f"- name: {_text(name)}", *_body(case, vocabulary)]
    if case.snapshot.as_of != AS_OF:
        lines.append(f"  as_of: {case.snapshot.as_of.isoformat()}")
    lines.append(f"  verdict: {verdict.value}" if verdict else "  selected: false")
    return "\n".join(lines)


def _body(case: Case, vocabulary: Vocabulary) -> Iterator[str]:
    snapshot = case.snapshot
    own = [fact for fact in snapshot.facts if fact.subject.kind != CALL or not fact.subject.label("from")]
    subjects = dict.fromkeys((*snapshot.lingering, *(fact.subject for fact in snapshot.facts)))
    labels = {name: value for subject in subjects if not _is_call(subject) for name, value in subject.labels}
    if labels:
        yield f"  labels: {_mapping((name, json.dumps(value)) for name, value in labels.items())}"
    for view, group in _GROUPS.items():
        stated = [fact for fact in own if fact.view is view]
        if stated:
            yield f"  {group}: {_mapping((fact.key, _value(fact.value)) for fact in stated)}"
    weaker = [(fact.key, str(fact.provenance)) for fact in own if fact.provenance is not Provenance.EXPLICIT]
    if weaker:
        yield f"  provenance: {_mapping(weaker)}"
    absent = sorted({key for entry in snapshot.coverage for key in entry.keys if not key.startswith(LABEL_PREFIX)})
    if absent:
        yield f"  absent: [{', '.join(absent)}]"
    drawn = [series for series in snapshot.series if series.subject.name == SUBJECT]
    if drawn:
        yield "  series:"
        for series in drawn:
            unit = vocabulary.get(series.subject.kind, series.key).unit or Unit.COUNT
            shape = _shape(series, case.written, unit)
            yield f"    {series.key}: {shape or _series(series, unit, snapshot.as_of)}"
    yield from _markers(snapshot)
    if case.written.peers:
        yield "  peers:"
        yield from (f"    - {_plain(peer)}" for peer in case.written.peers)
    yield from _calls([subject for subject in subjects if _is_call(subject)], snapshot.facts)


def _markers(snapshot: Snapshot) -> Iterator[str]:
    """Releases and other markers by how long ago they were, the newest first."""
    newest_first = snapshot.markers[::-1]
    now = snapshot.as_of.timestamp()
    releases = [_ago(now - marker.at) for marker in newest_first if marker.cause is Cause.RELEASE]
    if releases:
        yield f"  releases: [{', '.join(releases)}]"
    others = [marker for marker in newest_first if marker.cause is not Cause.RELEASE]
    for number, marker in enumerate(others):
        if number == 0:
            yield "  markers:"
        told = (("ago", _ago(now - marker.at)), ("name", json.dumps(marker.name)), ("cause", marker.cause.value))
        yield f"    - {_mapping(told)}"


def _ago(seconds: float) -> str:
    return json.dumps(_number(seconds, Unit.SECONDS))


def _shape(series: Series, written: Written, unit: Unit) -> str:
    """The shape that the series was drawn from, at another level where it was scaled; empty where it is no longer so.

    A plain line or constant is written as what it shows, and so are given values.
    """
    known = written.shapes.get(series.key)
    if known is None or not known.shape.lively or not np.array_equal(series.times, known.series.times):
        return ""
    shape, drawn = known.shape, known.series
    if drawn.values[-1] == 0.0:
        return ""
    factor = float(series.values[-1] / drawn.values[-1])
    if not np.allclose(drawn.values * factor, series.values, rtol=1e-9, atol=0.0):
        return ""
    levels = ((name, getattr(shape, name)) for name in ("level", "start", "end"))
    moved = {
        name: _number(parse_quantity(level, unit).value * factor, unit) for name, level in levels if level is not None
    }
    return _plain(shape if factor == 1.0 else shape.model_copy(update=moved))


def _plain(part: SeriesShape | PeerCase) -> str:
    """A part of the file as it stands there; JSON is YAML."""
    return part.model_dump_json(by_alias=True, exclude_defaults=True)


def _is_call(subject: Subject) -> bool:
    return subject.kind == CALL and bool(subject.label("from"))


def _calls(calls: Iterable[Subject], facts: Iterable[Fact]) -> Iterator[str]:
    known = tuple(facts)
    for number, call in enumerate(calls):
        if number == 0:
            yield "  calls:"
        stated = [(fact.key, _value(fact.value)) for fact in known if fact.subject == call]
        ends = [("from", call.label("from") or ""), ("to", call.label("to") or "")]
        yield f"    - {_mapping([*ends, *([('facts', _mapping(stated))] if stated else [])])}"


def _mapping(entries: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in entries) + "}"


def _text(text: str) -> str:
    plain = text.replace(" ", "").replace("-", "").isalnum()
    return text if plain else json.dumps(text, ensure_ascii=False)


def _value(value: Value) -> str:
    match value:
        case Quantity():
            return _number(value.value, value.unit)
        case bool():
            return str(value).lower()
        case datetime():
            return json.dumps(value.isoformat())
        case tuple():
            return f"[{', '.join(json.dumps(name) for name in value)}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _number(value: float, unit: Unit) -> str:
    """As a person writes it where that says the same, else the bare number in the unit itself."""
    shown = format_quantity(Quantity(value, unit))
    same = np.isclose(parse_quantity(shown, unit).value, value, rtol=1e-9, atol=0.0)
    return shown if same else f"{value:.12g}"


def _series(series: Series, unit: Unit, as_of: datetime) -> str:
    times, values = series.times, series.values
    shown = [_number(value, unit) for value in values.tolist()]
    every = float(times[1] - times[0]) if len(times) > 1 else _HOUR
    ago = as_of.timestamp() - float(times[-1])
    timing = [("every", _number(every, Unit.SECONDS))] if every != _HOUR else []
    timing += [("ago", _number(ago, Unit.SECONDS))] if ago else []
    if not np.allclose(values, np.linspace(values[0], values[-1], len(values)), rtol=1e-9, atol=0.0):
        return _mapping([("values", f"[{', '.join(shown)}]"), *timing])
    over = ("over", _number(float(times[-1] - times[0]), Unit.SECONDS))
    ends = [("level", shown[0])] if shown[0] == shown[-1] else [("from", shown[0]), ("to", shown[-1])]
    return _mapping([*ends, over, *timing])
