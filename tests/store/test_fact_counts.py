"""How many facts a source told is counted night by night, without what a gap hid and what was approved."""

from __future__ import annotations

from dataclasses import replace

from driftbot.core.fact import View
from driftbot.store.store import Store
from tests.store.scene import SEEN_ALL, STOCK, keep, night_of, seconds, timeout, unread

BOTH = (timeout(seconds(1)), timeout(seconds(2), of=STOCK, file="stock.yaml"))


def test_every_night_has_its_own_count(store: Store) -> None:
    keep(store, 0, BOTH)
    keep(store, 1, BOTH[:1])
    keep(store, 2, BOTH)
    keep(store, 3, [replace(BOTH[0], value=seconds(9)), BOTH[1]])
    counts = store.fact_counts(9)
    assert list(counts) == [night_of(number) for number in range(4)]
    assert [found.get("git", 0) for found in counts.values()] == [2, 1, 2, 2]


def test_only_the_last_nights_are_counted(store: Store) -> None:
    for number in range(3):
        keep(store, number, BOTH)
    assert list(store.fact_counts(2)) == [night_of(1), night_of(2)]


def test_what_a_gap_hid_was_not_told(store: Store) -> None:
    keep(store, 0, BOTH)
    keep(store, 1, BOTH[:1], unread("stock.yaml"))
    keep(store, 2, BOTH[:1], SEEN_ALL)
    assert [found.get("git", 0) for found in store.fact_counts(9).values()] == [2, 1, 1]


def test_an_approval_is_no_fact_of_a_source(store: Store) -> None:
    approved = replace(BOTH[0], view=View.APPROVED, origin=replace(BOTH[0].origin, source="approvals"))
    keep(store, 0, (*BOTH, approved))
    assert store.fact_counts(1) == {night_of(0): {"git": 2}}
