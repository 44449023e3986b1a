"""Which markers are known on a night: of earlier nights, of tonight, and of settings that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.collectors.catalog import CatalogOptions, collector
from driftbot.config import Source
from driftbot.core.demand import Demand, MarkerNeed
from driftbot.core.fact import Fact, Origin
from driftbot.core.key import Vocabulary
from driftbot.core.marker import MARKERS, Marker, MarkerSpan
from driftbot.core.snapshot import Reading
from driftbot.inventory import measure, take_inventory, vocabulary
from driftbot.marking import Marking
from driftbot.store.store import Store
from driftbot.tape import LiveTape
from tests.git_repository import GitRepository
from tests.store.scene import CART, HOUR, SEEN_ALL, night_of, seconds, timeout

NOW = night_of(3)
NOTHING = Reading()
ASKED = Demand(markers=(MarkerNeed("workload", 30 * 86400.0),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        yield store


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return vocabulary([])


def source(name: str) -> Source:
    return Source(name, "production", collector, CatalogOptions(path="catalog.yaml"))


def marker(days_ago: float, name: str = "2.4.1", told_by: str = "log") -> Marker:
    return Marker(CART, NOW.timestamp() - days_ago * 86400, name, origin=Origin(told_by))


def keep(store: Store, number: int, markers: Iterable[Marker] = (), facts: Iterable[Fact] = ()) -> None:
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        night.add_facts(facts, SEEN_ALL)
        night.add_markers(markers)


def names(store: Store, words: Vocabulary, reading: Reading = NOTHING, demand: Demand = ASKED) -> list[str]:
    marking = Marking([source("log"), source("git")], store, LiveTape(Path()), NOW)
    known = marking.known(demand, reading, words)
    assert list(known) == sorted(known, key=lambda one: one.rank)
    return [one.name for one in known]


def test_the_window_holds_what_earlier_nights_and_tonight_told(store: Store, words: Vocabulary):
    keep(store, 0, [marker(40, "old"), marker(20, "a"), marker(19, "of a source that is gone", "former")])
    reading = Reading(markers=(marker(20, "a"), marker(1, "b"), marker(-1, "of the future"), marker(50, "too old")))
    assert names(store, words, reading) == ["a", "b"]
    assert names(store, words, reading, Demand()) == []


def test_what_a_source_tells_whole_holds(store: Store, words: Vocabulary):
    keep(store, 0, [marker(20, "mistaken"), marker(25, "before")])
    since = NOW.timestamp() - 21 * 86400
    whole = MarkerSpan("production", "log", since, NOW.timestamp())
    assert names(store, words, Reading(markers=(marker(20, "right"),), marked=(whole,))) == ["before", "right"]


def test_settings_that_changed_are_markers(store: Store, words: Vocabulary):
    grace = replace(timeout(seconds(30)), key="termination.grace_period")
    for number, value in enumerate((30, 40, 40)):
        keep(store, number, facts=[replace(grace, value=seconds(value))])
    assert names(store, words) == ["termination.grace_period 30s → 40s"]
    assert names(store, words, Reading(facts=(replace(grace, value=seconds(50)),))) == names(store, words)
    assert names(store, words, demand=Demand(markers=(MarkerNeed("workload", 86400.0),))) == []


def test_a_collector_that_breaks_off_leaves_a_gap_where_markers_are_asked_for(store: Store):
    def broken(*_: object) -> Reading:
        raise RuntimeError("boom")

    faulty = replace(source("log"), collector=replace(collector, keys=lambda _: (), measure=broken))
    reading = measure([faulty], ASKED, store, None, NOW, lambda _: None)  # type: ignore[arg-type]
    (coverage,) = reading.coverage
    assert (coverage.kind, coverage.failed) == (MARKERS, True)
    assert "broke off: RuntimeError: boom" in coverage.gaps[0].reason


CATALOG = """\
services:
  - name: cart
    calls:
      - {to: pay, timeout: 1s}
"""


@pytest.mark.parametrize("path", ["estate", "estate/catalog.yaml"])
@pytest.mark.parametrize("commits", [1, 2])
def test_the_commit_that_changed_a_setting_is_told_where_it_is_one(
    store: Store, words: Vocabulary, tmp_path: Path, path: str, commits: int
):
    repository = GitRepository(tmp_path / "estate", NOW - timedelta(days=9))
    sources = [Source("catalog", "production", collector, CatalogOptions(path=path))]
    tape = LiveTape(tmp_path)
    repository.commit("the catalog", {"catalog.yaml": CATALOG})
    before = take_inventory(sources, tape, night_of(1), lambda _: None)
    keep(store, 1, facts=before.facts)
    for number in range(commits):
        repository.at = night_of(2) - timedelta(hours=2 - number)
        last = repository.commit("less patience", {"catalog.yaml": CATALOG.replace("1s", f"{500 - 100 * number}ms")})
    repository.at = night_of(2) - timedelta(minutes=5)
    repository.commit("something else", {"other.yaml": "services: []"})
    tonight = take_inventory(sources, tape, night_of(2), lambda _: None)
    keep(store, 2, facts=tonight.facts)
    demand = Demand(markers=(MarkerNeed("call", 30 * 86400.0),))
    known = Marking(sources, store, tape, night_of(3)).known(demand, tonight, words)
    (marker,) = (marker for marker in known if marker.name.startswith("timeout.request 1s"))
    assert marker.commit == (last if commits == 1 else "")
    assert marker.late_by == (7200.0 if commits == 1 else 86400.0)
