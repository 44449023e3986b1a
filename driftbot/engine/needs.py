"""Needs: what has to be measured so that the enabled rules can be judged; nothing else is asked of anybody's server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from driftbot.core.demand import Demand, FactNeed, MarkerNeed, SeriesNeed
from driftbot.core.fact import Fact
from driftbot.core.key import Delivery, Key, ValueType, Vocabulary
from driftbot.core.marker import MARKERS
from driftbot.core.rule import Rule
from driftbot.core.snapshot import Snapshot
from driftbot.engine.compute import Computation, TooLarge
from driftbot.engine.paths import judged_tables
from driftbot.engine.table import Table
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES
from driftbot.rules.program import Program, compile_rule
from driftbot.rules.scope import CALL, HOPS_PREFIX, LABEL_PREFIX, PATH

SAMPLES_A_WINDOW = 8640
"""How many samples a window is measured with: thirty days at five minutes."""

FINEST_STEP, COARSEST_STEP = 60.0, 3600.0
"""Seconds between samples, whatever the window."""


def needs(rules: Sequence[Rule], vocabulary: Vocabulary, facts: Iterable[Fact]) -> Demand:
    """The series, windows and steps that the rules ask for, and the keys whose facts are read on demand.

    A rule whose ``where`` surely selects none of the subjects known from the facts asks for nothing. Rules that do not
    fit the vocabulary ask for nothing either; ``read_rules`` and the tally of ``evaluate`` report them.
    """
    known = tuple(facts)
    programs = [program for program, _ in (compile_rule(rule, vocabulary) for rule in rules) if program]
    wishes = [
        _Wish(program, tuple(_series(program)), tuple(_facts(program, vocabulary)), tuple(_markers(program)))
        for program in programs
    ]
    wishes = [wish for wish in wishes if wish.series or wish.facts]
    snapshot = Snapshot(datetime(1970, 1, 1, tzinfo=UTC), known)
    choosing = frozenset(wish.program.rule.for_each for wish in wishes if _chooses_by_facts(wish))
    of_kind = judged_tables(snapshot, choosing)
    wishes = [wish for wish in wishes if not _selects_nothing(wish, of_kind)]
    return Demand.of(
        series=(need for wish in wishes for need in wish.series),
        facts=(need for wish in wishes for need in wish.facts),
        about=known,
        markers=(need for wish in wishes for need in wish.markers),
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one rule asks for beyond the inventory."""

    program: Program
    series: tuple[SeriesNeed, ...]
    facts: tuple[FactNeed, ...]
    markers: tuple[MarkerNeed, ...]


def named_keys(rules: Iterable[Rule], vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """The keys that rules name, by kind of subject: what must be readable for them to be judged.

    A path's hops are keys of calls, and markers are a kind and a key of their own; a rule that does not fit the
    vocabulary names nothing.
    """
    found: dict[str, set[str]] = {}
    for program in (program for program, _ in (compile_rule(rule, vocabulary) for rule in rules) if program):
        for key in _named(program):
            hop = program.rule.for_each == PATH and key.startswith(HOPS_PREFIX)
            kind, name = (CALL, key.removeprefix(HOPS_PREFIX)) if hop else (program.rule.for_each, key)
            found.setdefault(kind, set()).add(name)
        if any(_markers(program)):
            found.setdefault(MARKERS, set()).add(MARKERS)
    return {kind: frozenset(names) for kind, names in sorted(found.items())}


def _named(program: Program) -> Iterator[str]:
    for node in program.nodes():
        if isinstance(node, ex.Reference | ex.Measure):
            yield node.key
        elif isinstance(node, ex.Label):
            yield f"{LABEL_PREFIX}{node.name}"


def step_of(window: float) -> float:
    """The distance of samples (seconds) for a window."""
    return float(min(max(window / SAMPLES_A_WINDOW, FINEST_STEP), COARSEST_STEP))


def _series(program: Program) -> Iterator[SeriesNeed]:
    for node in program.nodes():
        if isinstance(node, ex.Measure):
            window, step = _reach(node)
            yield SeriesNeed(program.rule.for_each, node.key, window, step, (program.rule.id,))


def _reach(node: ex.Measure) -> tuple[float, float]:
    """How far a measure looks back, and the distance of samples (seconds); detectors judge by the hour."""
    detector = DETECTOR_MEASURES.get(node.name)
    if detector is None:
        return node.window, step_of(node.window)
    return detector.look_back(node.window), COARSEST_STEP


def _markers(program: Program) -> Iterator[MarkerNeed]:
    for node in program.nodes():
        if isinstance(node, ex.Measure) and (detector := DETECTOR_MEASURES.get(node.name)) and detector.family.marked:
            yield MarkerNeed(program.rule.for_each, detector.look_back(node.window), (program.rule.id,))


def _facts(program: Program, vocabulary: Vocabulary) -> Iterator[FactNeed]:
    kind = program.rule.for_each
    for name in sorted(set(_named(program))):
        key = vocabulary.find(kind, name)
        if key is not None and _costs(key):
            yield FactNeed(kind, name, (program.rule.id,))


def _costs(key: Key) -> bool:
    return key.delivery is Delivery.ON_DEMAND and key.type is not ValueType.SERIES


def _chooses_by_facts(wish: _Wish) -> bool:
    costly = frozenset(need.key for need in wish.facts)
    where = wish.program.where
    return where is not None and _settled_by_facts(where, dict(wish.program.lets), costly)


def _selects_nothing(wish: _Wish, of_kind: Mapping[str, Table]) -> bool:
    program = wish.program
    table = of_kind.get(program.rule.for_each)
    if program.where is None or table is None or not len(table) or not _chooses_by_facts(wish):
        return False
    try:
        column = Computation(table, dict(program.lets)).column(program.where)
    except TooLarge:
        return False
    return bool(np.all(column.known & ~column.values.astype(np.bool_)))


def _settled_by_facts(node: ex.Node, lets: dict[str, ex.Node], costly: frozenset[str]) -> bool:
    """Whether it rests on facts of the inventory alone: nothing costly, no clock, no question about coverage.

    Nor on labels: a subject that only a series knows has labels, too, and is not in the inventory.
    """
    for part in ex.walk(node):
        if isinstance(part, ex.Measure | ex.AsOf | ex.Question | ex.Label):
            return False
        if isinstance(part, ex.Reference) and part.key in costly:
            return False
        if isinstance(part, ex.Bound) and not part.local and not _settled_by_facts(lets[part.name], lets, costly):
            return False
    return True
