"""The interval logic against a plain model of it, over random nights with gaps."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.subject import Subject
from driftbot.store.store import Store
from tests.store.scene import HOUR, night_of, seconds

SOURCES = ("git", "helm")
KEYS = ("replicas", "timeout")

facts = st.builds(
    lambda source, name, key, view, file, value, provenance, line: Fact(
        Subject("workload", "production", name), key, seconds(value), view, provenance, Origin(source, file, line)
    ),
    st.sampled_from(SOURCES),
    st.sampled_from("ab"),
    st.sampled_from(KEYS),
    st.sampled_from((View.DECLARED, View.EFFECTIVE)),
    st.sampled_from("xy"),
    st.integers(0, 2),
    st.sampled_from((Provenance.EXPLICIT, Provenance.DEFAULT)),
    st.integers(0, 9),
)
coverages = st.builds(
    lambda source, keys, broken, failed: Coverage(
        source,
        "production",
        "workload",
        keys,
        (Gap(Origin(source, "x"), "broken"),) if broken or failed else (),
        failed,
    ),
    st.sampled_from(SOURCES),
    st.sampled_from((frozenset[str](), frozenset({"replicas"}))),
    st.booleans(),
    st.booleans(),
)
nights = st.lists(st.tuples(st.lists(facts, max_size=12), st.lists(coverages, max_size=3)), min_size=1, max_size=6)

Statement = tuple[str, str, View, str, str, float, Provenance]


def statement(fact: Fact) -> Statement:
    """What a fact says and who says it; where in the file does not matter."""
    origin = fact.origin
    assert not isinstance(fact.value, str | bool | tuple) and hasattr(fact.value, "value")
    return fact.subject.name, fact.key, fact.view, origin.source, origin.locator, fact.value.value, fact.provenance


@dataclass
class Model:
    """Every night as sets: what is known, and when each statement was last seen."""

    known: dict[Statement, tuple[int, int]] = field(default_factory=dict)
    past: list[set[tuple[Statement, int, int]]] = field(default_factory=list)

    def keep(self, said: set[Statement], coverage: list[Coverage]) -> None:
        night = len(self.past)
        missing = Counter(entry[:5] for entry in self.known.keys() - said)
        fresh = Counter(entry[:5] for entry in said - self.known.keys())
        for entry in self.known.keys() - said:
            about = [c for c in coverage if c.source == entry[3] and (not c.keys or entry[1] in c.keys)]
            complete = bool(about) and all(c.complete for c in about)
            if complete or missing[entry[:5]] <= fresh[entry[:5]]:
                del self.known[entry]
        for entry in said:
            self.known[entry] = self.known.get(entry, (night, night))[0], night
        self.past.append({(entry, first, last) for entry, (first, last) in self.known.items()})


@given(nights)
def test_the_store_knows_what_a_plain_model_knows(story: list[tuple[list[Fact], list[Coverage]]]):
    model = Model()
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{Path(folder) / 'driftbot.db'}") as store:
        for number, (said, coverage) in enumerate(story):
            at = night_of(number)
            with store.lease("test", at, HOUR) as lease, store.begin_night(lease, at) as night:
                night.add_facts(said[:5], coverage)
                night.add_facts(said[5:], ())
            model.keep({statement(fact) for fact in said}, coverage)
        for number, known in enumerate(model.past):
            assert {statement(fact) for fact in store.facts(night_of(number))} == {entry for entry, _, _ in known}
            snapshot = store.snapshot(night_of(number))
            assert snapshot is not None
            assert {statement(fact) for fact in snapshot.facts} == {e for e, _, last in known if last == number}
        standing = {
            (statement(interval.fact), interval.first_seen, interval.last_seen)
            for name in "ab"
            for interval in store.history(Subject("workload", "production", name))
            if interval.closed is None
        }
        assert standing == {(entry, night_of(first), night_of(last)) for entry, first, last in model.past[-1]}
