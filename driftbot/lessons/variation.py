"""Variations of a case: one or two things in it changed, to find what tells a rule from its mutant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Provenance, Value
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, format_quantity, parse_quantity
from driftbot.core.rule import Rule
from driftbot.core.series import FloatArray, Series
from driftbot.core.subject import Subject, labels_of
from driftbot.lessons.redrawing import is_lively, redrawn
from driftbot.lessons.tokens import Token, Word, tokens
from driftbot.rules.case import SUBJECT, Case

MOST_OLDER = 20_000
"""Samples that a case's series is lengthened by at most."""

MOST_SAMPLES = 60
"""Samples of a series that is neither level nor a straight line, so that a person can write them down."""

FACTORS = (0.0, 0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0, 1.01, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 10.0, 100.0)
"""A value and a series are tried at these multiples of what the case says."""

SMALL_COUNTS = tuple(float(count) for count in range(9))


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Something of a case that can be moved over numbers: ``at`` is the case with it there, ``points`` rise.

    ``written`` rounds a number to one that a person would write.
    """

    at: Callable[[float], Case]
    points: tuple[float, ...]
    written: Callable[[float], float]


def axes(case: Case) -> Iterator[Axis]:
    """The numbers of a case, each with the points where it is tried."""
    for index, fact in enumerate(case.snapshot.facts):
        if isinstance(fact.value, Quantity):
            yield Axis(_fact_mover(case, index), _points(fact.value), _as_written(fact.value.unit))
    for index in _own_series(case):
        yield Axis(_series_scaler(case, index), FACTORS, lambda factor: float(f"{factor:.5g}"))


def _own_series(case: Case) -> list[int]:
    """The places of the judged subject's series: peers stay what they are, or nothing could be held against them."""
    return [index for index, series in enumerate(case.snapshot.series) if series.subject.name == SUBJECT]


def _points(value: Quantity) -> tuple[float, ...]:
    counts = SMALL_COUNTS if value.unit is Unit.COUNT else ()
    return tuple(sorted({*(value.value * factor for factor in FACTORS), *counts}))


def _as_written(unit: Unit) -> Callable[[float], float]:
    return lambda value: parse_quantity(format_quantity(Quantity(value, unit)), unit).value


def _fact_mover(case: Case, index: int) -> Callable[[float], Case]:
    fact = case.snapshot.facts[index]
    assert isinstance(fact.value, Quantity)
    unit = fact.value.unit
    return lambda value: _with_fact(case, index, replace(fact, value=Quantity(value, unit)))


def _series_scaler(case: Case, index: int) -> Callable[[float], Case]:
    series = case.snapshot.series[index]
    return lambda factor: _with_series(case, index, replace(series, values=series.values * factor))


def _with_fact(case: Case, index: int, fact: Fact | None) -> Case:
    facts = case.snapshot.facts
    kept = (*facts[:index], *([fact] if fact else []), *facts[index + 1 :])
    return replace(case, snapshot=replace(case.snapshot, facts=kept))


def _with_series(case: Case, index: int, series: Series | None) -> Case:
    known = case.snapshot.series
    kept = (*known[:index], *([series] if series else []), *known[index + 1 :])
    return replace(case, snapshot=replace(case.snapshot, series=kept))


def leaps(case: Case, rules: Sequence[Rule], others: Sequence[Case]) -> Iterator[Case]:
    """The case with one thing changed that is no matter of more or less: a text, a flag, a label, what is known."""
    words = texts_of(rules)
    yield from _fact_leaps(case, words)
    yield from redrawn(case, windows_of(rules))
    yield from _series_leaps(case, windows_of(rules))
    yield from _label_leaps(case, words)
    yield from _gained(case, others)
    yield from _marker_leaps(case, others)


def texts_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """The texts that rules write, sorted, and one that none of them writes."""
    found = {token.text[1:-1] for rule in rules for token in _tokens(rule) if token.word is Word.TEXT}
    return (*sorted(found), "something-else")


def windows_of(rules: Iterable[Rule]) -> tuple[float, ...]:
    """The durations that rules write as windows or bounds, in seconds, rising."""
    return tuple(sorted({seconds for text in texts_of(rules) if (seconds := _seconds(text)) > 0}))


def _seconds(text: str) -> float:
    try:
        return parse_quantity(text, Unit.SECONDS).value
    except NotAQuantity:
        return 0.0


def _tokens(rule: Rule) -> Iterator[Token]:
    for expression in (rule.expect, *([rule.where] if rule.where else []), *(let.expression for let in rule.let)):
        yield from tokens(expression.text)


def _fact_leaps(case: Case, words: Sequence[str]) -> Iterator[Case]:
    for index, fact in enumerate(case.snapshot.facts):
        yield _with_fact(case, index, None)
        yield _absent(_with_fact(case, index, None), fact.key)
        for provenance in Provenance:
            if provenance is not fact.provenance:
                yield _with_fact(case, index, replace(fact, provenance=provenance))
        for value in _other_values(fact.value, words):
            yield _with_fact(case, index, replace(fact, value=value))


def _other_values(value: Value, words: Sequence[str]) -> Iterator[Value]:
    match value:
        case bool():
            yield not value
        case str():
            yield from (word for word in words if word != value)
        case datetime():
            yield from (
                value + timedelta(days=days) for days in (-3650, -365, -90, -30, -7, -1, 1, 7, 30, 90, 365, 3650)
            )
        case tuple():
            yield ()
            yield from ((word,) for word in words)
            yield tuple(sorted({*value, *words}))


def _absent(case: Case, key: str) -> Case:
    """Somebody looked for the key and did not find it."""
    snapshot = case.snapshot
    subject = next(iter(snapshot.lingering), None)
    if subject is None:
        return case
    looked = Coverage("case", subject.environment, subject.kind, frozenset({key}))
    return replace(case, snapshot=replace(snapshot, coverage=(*snapshot.coverage, looked)))


def _series_leaps(case: Case, windows: Sequence[float]) -> Iterator[Case]:
    for index in _own_series(case):
        series = case.snapshot.series[index]
        yield _with_series(case, index, None)
        yield _absent(_with_series(case, index, None), series.key)
        if is_lively(case, series):
            continue
        for times, values in _shapes(series, case.snapshot.as_of.timestamp(), windows):
            yield _with_series(case, index, replace(series, times=times, values=values))


def _shapes(series: Series, as_of: float, windows: Sequence[float]) -> Iterator[tuple[FloatArray, FloatArray]]:
    times, values = _thinned(*_reaching_back(series, as_of, 2 * max(windows, default=0.0)))
    yield times, values
    yield times, values[::-1].copy()
    for place in (len(values) // 2, -1):
        for factor in (0.1, 2.0, 5.0):
            spiked = values.copy()
            spiked[place] *= factor
            yield times, spiked
    for age in sorted({window * share for window in windows for share in (0.4, 0.75, 1.5)}):
        older = times < as_of - age
        for factor in (0.0, 0.5, 0.8, 1.25, 2.0, 10.0):
            yield times, np.where(older, values * factor, values)
        if not older.all():
            yield times[~older], values[~older]


def _thinned(times: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Every so many samples, the newest kept: few enough to be written down."""
    stride = -(-len(times) // MOST_SAMPLES)
    return times[::-stride][::-1].copy(), values[::-stride][::-1].copy()


def _reaching_back(series: Series, as_of: float, age: float) -> tuple[FloatArray, FloatArray]:
    """The series with its oldest value held back to ``age`` seconds before ``as_of``, at its own step."""
    if len(series.times) < 2 or series.times[0] <= as_of - age:
        return series.times, series.values
    step = series.times[1] - series.times[0]
    older = min(int((series.times[0] - (as_of - age)) // step), MOST_OLDER)
    before = series.times[0] - step * np.arange(older, 0, -1)
    return np.concatenate([before, series.times]), np.concatenate([np.full(older, series.values[0]), series.values])


def _marker_leaps(case: Case, others: Sequence[Case]) -> Iterator[Case]:
    """The case without its markers, and with those of another case."""
    known = dict.fromkeys(((), *(other.snapshot.markers for other in others)))
    for markers in (one for one in known if one != case.snapshot.markers):
        yield replace(case, snapshot=replace(case.snapshot, markers=markers))


def _label_leaps(case: Case, words: Sequence[str]) -> Iterator[Case]:
    for subject in case.snapshot.lingering:
        for name, _value in subject.labels:
            for word in (*words, ""):
                yield _relabelled(case, subject, {**dict(subject.labels), name: word})


def _relabelled(case: Case, subject: Subject, labels: dict[str, str]) -> Case:
    snapshot = case.snapshot
    new = replace(subject, labels=labels_of({name: value for name, value in labels.items() if value}))

    def renamed(old: Subject) -> Subject:
        return new if old == subject else old

    changed = replace(
        snapshot,
        facts=tuple(replace(fact, subject=renamed(fact.subject)) for fact in snapshot.facts),
        series=tuple(replace(series, subject=renamed(series.subject)) for series in snapshot.series),
        lingering=tuple(renamed(old) for old in snapshot.lingering),
        markers=tuple(marker.about(renamed(marker.subject)) for marker in snapshot.markers),
    )
    return replace(case, snapshot=changed)


def _gained(case: Case, others: Sequence[Case]) -> Iterator[Case]:
    """The case with a fact or a series of another case that it lacks."""
    has_facts = {(fact.subject, fact.key, fact.view) for fact in case.snapshot.facts}
    has_series = {(series.subject, series.key) for series in case.snapshot.series}
    for other in others:
        for fact in other.snapshot.facts:
            if (fact.subject, fact.key, fact.view) not in has_facts:
                yield replace(case, snapshot=replace(case.snapshot, facts=(*case.snapshot.facts, fact)))
        for series in (other.snapshot.series[index] for index in _own_series(other)):
            if (series.subject, series.key) not in has_series:
                yield replace(case, snapshot=replace(case.snapshot, series=(*case.snapshot.series, series)))
