"""Markers in the store: told again they are one, corrected away they are gone, and past nights keep what they knew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftbot.core.fact import Origin
from driftbot.core.marker import Cause, Marker, MarkerSpan
from driftbot.core.marker_book import one_each, overlaid_markers
from driftbot.core.subject import Subject, labels_of
from driftbot.store.store import Store
from tests.store.scene import CART, HOUR, STOCK, night_of

BASE = night_of(0).timestamp() - 30 * 86400


def told(at: float, name: str = "2.4.1", late_by: float = 1800.0, source: str = "prometheus", of: Subject = CART):
    origin = Origin(source, "http://prometheus", query="kube_pod_container_info")
    return Marker(of, BASE + at, name, Cause.RELEASE, origin, late_by)


def keep(store: Store, number: int, markers: Iterable[Marker], spans: Iterable[MarkerSpan] = ()) -> None:
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        night.add_markers(markers, spans)


def all_of(source: str, since: float, until: float) -> MarkerSpan:
    return MarkerSpan("production", source, BASE + since, BASE + until)


def test_a_marker_comes_back_as_it_was(store: Store):
    marker = Marker(
        CART, BASE, "v\0\ud800 'x'\n", Cause.SETTING, Origin("log", "deploys.csv", 17, query="a{b='c'}"), 60.0, "3f2a"
    )
    bare = Marker(STOCK, BASE + 0.25, "")
    keep(store, 0, [bare, marker])
    assert store.markers() == (marker, bare)
    assert store.markers()[0].subject.labels == CART.labels


def test_markers_are_asked_for_by_time_and_night(store: Store):
    early, late = told(0), told(86400, "2.4.2")
    keep(store, 0, [early])
    keep(store, 1, [early, late])
    assert store.markers() == (early, late)
    assert store.markers(start=BASE + 1) == (late,)
    assert store.markers(end=BASE + 1) == (early,)
    assert store.markers(as_of=night_of(0)) == (early,)
    assert store.markers(as_of=night_of(-1)) == ()


@pytest.mark.parametrize(
    ("again", "kept"),
    [
        (told(3600), [3600]),
        (told(3900, late_by=300), [3600]),
        (told(2400), [2400]),
        (told(5401), [3600, 5401]),
        (told(3600, "2.4.2"), [3600, 3600]),
        (told(3600, source="other"), [3600, 3600]),
        (told(3600, of=STOCK), [3600, 3600]),
    ],
)
def test_the_same_marker_read_again_within_its_step_is_one(store: Store, again: Marker, kept: list[float]):
    keep(store, 0, [told(3600)])
    keep(store, 1, [again])
    keep(store, 2, [again])
    assert [marker.at - BASE for marker in store.markers()] == kept
    assert [marker.at - BASE for marker in store.markers(as_of=night_of(0))] == [3600]
    rows = {table.name: table.rows for table in store.size().tables}
    assert rows["marker"] == 2 - (kept == [3600])


def test_what_is_corrected_away_ends_and_the_past_still_knows_it(store: Store):
    wrong, right, other = told(100, "2.4.0", 0), told(100, "2.4.1", 0), told(100, source="grafana")
    keep(store, 0, [wrong, other])
    keep(store, 1, [right], [all_of("prometheus", 100, 200)])
    assert store.markers() == overlaid_markers([wrong, other], [right], [all_of("prometheus", 100, 200)])
    assert set(store.markers()) == {right, other}
    assert set(store.markers(as_of=night_of(0))) == {wrong, other}
    keep(store, 2, [], [all_of("prometheus", 101, 200), replace(all_of("prometheus", 0, 200), environment="staging")])
    assert right in store.markers()


def test_the_newest_labels_of_a_subject_count(store: Store):
    keep(store, 0, [told(0)])
    joined = replace(CART, labels=labels_of({"service": "cart"}))
    keep(store, 1, [told(0, of=joined)])
    (marker,) = store.markers()
    assert marker.subject.labels == joined.labels


def test_old_markers_are_pruned_and_newer_ones_stay(store: Store):
    stays = [told(40 * 86400, "3"), told(40 * 86400, "3", source="grafana")]
    keep(store, 0, [told(0), told(86400, "2", source="grafana", of=STOCK)])
    keep(store, 1, stays)
    keep(store, 20, [], [all_of("grafana", 0, 50 * 86400)])
    pruned = store.prune(night_of(5))
    assert (pruned.markers, pruned.intervals) == (2, 1)
    assert store.markers() == (stays[0],)
    assert {table.name: table.rows for table in store.size().tables}["subject"] == 1
    assert store.prune(night_of(5)).markers == 0


def test_a_backup_has_the_markers_of_every_night(store: Store, tmp_path: Path):
    keep(store, 0, [told(0), told(100, "2.4.2", 0)])
    keep(store, 1, [told(0)], [all_of("prometheus", 50, 200)])
    store.backup(tmp_path / "copy.db")
    with Store.open(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        assert copy.markers() == store.markers() == (told(0),)
        assert copy.markers(as_of=night_of(0)) == store.markers(as_of=night_of(0))
        keep(copy, 2, [told(0), told(300)])
        assert [marker.at - BASE for marker in copy.markers()] == [0]


def moments(markers: Iterable[Marker]) -> list[tuple[float, str]]:
    return [(marker.at, marker.name) for marker in markers]


MARKERS = st.lists(
    st.builds(told, st.integers(0, 20).map(lambda n: n * 600.0), st.sampled_from("ab"), st.sampled_from([0.0, 900.0])),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(nights=st.lists(MARKERS, min_size=1, max_size=3))
def test_nights_in_the_store_are_nights_laid_over_each_other(url: str, nights: list[list[Marker]]):
    with Store.open(url) as store:
        first = len(store.nights())
        keep(store, first, [], [all_of("prometheus", -1, 1e9)])
        assert store.markers() == ()
        keep(store, first + 1, nights[0])
        assert moments(store.markers()) == moments(one_each(nights[0]))
        for number, markers in enumerate(nights, first + 2):
            keep(store, number, markers)
        everything = {marker.name for markers in nights for marker in markers}
        assert {marker.name for marker in store.markers()} == everything
        again = store.markers()
        keep(store, first + len(nights) + 2, nights[-1])
        assert store.markers() == again
