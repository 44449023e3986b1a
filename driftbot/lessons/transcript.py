"""A case written down as it would stand in the rule's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np

from driftbot.core.fact import Fact, Provenance, Value, View
from driftbot.core.finding import Verdict
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity, Unit, format_quantity, parse_quantity
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.rules.case import AS_OF, Case
from driftbot.rules.scope import CALL, LABEL_PREFIX

_HOUR = 3600.0
"""The distance of samples of a case that does not state it, in seconds."""

_GROUPS = {View.DECLARED: "facts", View.EFFECTIVE: "effective", View.OBSERVED: "observed", View.APPROVED: "approved"}


def transcript(case: Case, name: str, verdict: Verdict | None, vocabulary: Vocabulary) -> str:
    """The case as YAML, a list item of ``cases``, with the verdict it is to get (None: not selected)."""
    lines = [f"- name: {_text(name)}", *_body(case.snapshot, vocabulary)]
    if case.snapshot.as_of != AS_OF:
        lines.append(f"  as_of: {case.snapshot.as_of.isoformat()}")
    lines.append(f"  verdict: {verdict.value}" if verdict else "  selected: false")
    return "\n".join(lines)


def _body(snapshot: Snapshot, vocabulary: Vocabulary) -> Iterator[str]:
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
    if snapshot.series:
        yield "  series:"
        for series in snapshot.series:
            unit = vocabulary.get(series.subject.kind, series.key).unit or Unit.COUNT
            yield f"    {series.key}: {_series(series, unit, snapshot.as_of)}"
    yield from _calls([subject for subject in subjects if _is_call(subject)], snapshot.facts)


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
