"""Series laid night over night, and read back."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.fact import Origin
from driftbot.core.series import FloatArray, Series
from driftbot.core.subject import Subject
from driftbot.store.series_writer import CHUNK_SECONDS, overlay
from driftbot.store.store import Store
from tests.store.scene import CART, HOUR, STOCK, night_of

DAY = 86400.0
ORIGIN = Origin("prometheus", "http://prometheus", query="duration_seconds")


def measured(times: FloatArray, values: FloatArray, subject: Subject = CART, key: str = "duration") -> Series:
    return Series(subject, key, np.asarray(times, float), np.asarray(values, float), ORIGIN)


def keep(store: Store, number: int, *batches: Iterable[Series]) -> None:
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        for batch in batches:
            night.add_series(batch)


def read(store: Store, **asked: object) -> dict[float, float]:
    """All samples of the only series."""
    found = list(store.series(**asked))  # type: ignore[arg-type]
    assert len(found) <= 1
    return dict(zip(found[0].times, found[0].values, strict=True)) if found else {}


def test_a_series_comes_back_as_it_was(store: Store):
    times = 1.7e9 + 300.0 * np.arange(30 * 288)
    written = measured(times, np.random.default_rng(1).normal(size=len(times)))
    keep(store, 0, [written])
    (back,) = store.series("workload", "duration", "production")
    assert (back.subject, back.subject.labels, back.key, back.origin) == (CART, CART.labels, "duration", ORIGIN)
    assert np.array_equal(back.times, written.times)
    assert np.array_equal(back.values, written.values)


def test_late_samples_replace_and_others_stay(store: Store):
    keep(store, 0, [measured(DAY * np.arange(20), np.zeros(20))])
    keep(store, 1, [measured(DAY * np.arange(10, 30) + 0.0, np.ones(20))], [measured([DAY * 5.5, DAY * 6], [2, 2])])
    expected = {DAY * n: (1.0 if n >= 10 else 0.0) for n in range(30)} | {DAY * 5.5: 2.0, DAY * 6: 2.0}
    assert read(store) == expected


def test_a_series_twice_in_one_batch_is_laid_in_order(store: Store):
    keep(store, 0, [measured([1, 2], [1, 1]), measured([2, 3], [2, 2])])
    assert read(store) == {1: 1, 2: 2, 3: 2}


def test_what_is_no_number_is_not_stored(store: Store):
    keep(store, 0, [measured([1, 2, 3, 4], [1, np.nan, np.inf, -np.inf])])
    keep(store, 1, [measured([1, 5], [np.nan, np.nan])])
    assert read(store) == {1: 1}


def test_an_empty_series_is_nothing(store: Store):
    keep(store, 0, [measured([], [])])
    assert read(store) == {}


@pytest.mark.parametrize("times", [[2, 1], [1, 1], [1, np.nan], [np.inf, 5]])
def test_times_that_do_not_rise_are_refused(store: Store, times: list[float]):
    with pytest.raises(ValueError, match=r"duration of workload:production/shop/cart: its times do not rise"):
        keep(store, 0, [measured(times, [1, 1])])
    assert read(store) == {}


def test_a_range_has_both_its_ends(store: Store):
    keep(store, 0, [measured(DAY * np.arange(40), np.arange(40))])
    assert list(read(store, start=DAY * 6, end=DAY * 8)) == [DAY * 6, DAY * 7, DAY * 8]
    assert list(read(store, start=DAY * 6.5, end=DAY * 6.9)) == []
    assert list(read(store, start=DAY * 38.5)) == [DAY * 39]
    assert list(read(store, end=-1.0)) == []


def test_series_are_told_apart_and_sorted(store: Store):
    elsewhere = Subject("job", "staging", "shop/bill")
    series = [measured([1], [n], subject, key) for n, (subject, key) in enumerate(
        [(STOCK, "duration"), (CART, "rate"), (CART, "duration"), (elsewhere, "duration")]
    )]  # fmt: skip
    keep(store, 0, series)

    def names(**asked: object) -> list[tuple[str, str]]:
        return [(found.subject.name, found.key) for found in store.series(**asked)]  # type: ignore[arg-type]

    assert names() == [
        ("shop/bill", "duration"),
        ("shop/cart", "duration"),
        ("shop/cart", "rate"),
        ("shop/stock", "duration"),
    ]
    assert names(kind="job") == names(environment="staging") == [("shop/bill", "duration")]
    assert names(key="rate") == [("shop/cart", "rate")]
    assert names(subject=STOCK.id) == [("shop/stock", "duration")]


def test_two_sources_are_two_series(store: Store):
    other = Series(CART, "duration", np.array([1.0]), np.array([9.0]), Origin("victoria"))
    keep(store, 0, [measured([1], [1]), other])
    assert [(series.origin.source, series.values[0]) for series in store.series()] == [
        ("prometheus", 1.0),
        ("victoria", 9.0),
    ]


def test_the_newest_labels_and_query_are_told(store: Store):
    keep(store, 0, [measured([1], [1])])
    moved = Series(STOCK.with_labels({}), "duration", np.array([2.0]), np.array([2.0]), ORIGIN)
    renamed = Subject(CART.kind, CART.environment, CART.name, (("team", "web"),))
    keep(store, 1, [Series(renamed, "duration", np.array([2.0]), np.array([2.0]), Origin("prometheus")), moved])
    first, _ = store.series(key="duration")
    assert (first.subject.labels, first.origin, len(first.times)) == ((("team", "web"),), Origin("prometheus"), 2)


def test_times_before_1970_have_chunks_too(store: Store):
    times = np.array([-2.0 * CHUNK_SECONDS, -1.0, 0.0, 1.0])
    keep(store, 0, [measured(times, times)])
    assert list(read(store)) == list(times)
    assert list(read(store, start=-1.0, end=0.0)) == [-1.0, 0.0]


def test_writing_and_reading_hold_few_series_at_a_time(store: Store):
    alive: weakref.WeakValueDictionary[int, FloatArray] = weakref.WeakValueDictionary()
    most = 0

    def stream(count: int) -> Iterator[Series]:
        nonlocal most
        for number in range(count):
            values = np.full(50_000, float(number))
            alive[number] = values
            most = max(most, len(alive))
            yield Series(Subject("job", "p", f"j{number:03}"), "duration", 60.0 * np.arange(50_000), values, ORIGIN)

    keep(store, 0, stream(60))
    gc.collect()
    assert most <= 20
    seen = 0
    for series in store.series("job"):
        assert np.all(series.values == seen)
        seen += 1
    assert seen == 60


samples = st.dictionaries(st.integers(0, 30), st.integers(0, 9), max_size=20).map(
    lambda found: (np.array(sorted(found), float), np.array([found[time] for time in sorted(found)], float))
)


@given(samples, samples)
def test_an_overlay_is_the_union_and_the_new_one_wins(
    old: tuple[FloatArray, FloatArray], new: tuple[FloatArray, FloatArray]
):
    times, values = overlay(old, new)
    assert np.all(np.diff(times) > 0)
    expected = dict(zip(*old, strict=True)) | dict(zip(*new, strict=True))
    assert dict(zip(times, values, strict=True)) == expected
