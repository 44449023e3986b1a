"""Retention lets go of old nights, and the kept ones answer as before."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from driftbot.core.excuse import Approval
from driftbot.core.series import Series
from driftbot.store.errors import NightPruned
from driftbot.store.prune import Pruned
from driftbot.store.store import Store
from tests.store.scene import (
    CART,
    HOUR,
    SEEN_ALL,
    STOCK,
    down,
    judge,
    keep,
    new_life,
    night_of,
    seconds,
    timeout,
    unread,
)


def write(store: Store, nights: int) -> None:
    """Nights in which one value never changes, one changes always, one lingers and one goes."""
    for number in range(nights):
        at = night_of(number)
        with store.lease("test", at, HOUR) as lease, store.begin_night(lease, at) as night:
            steady, moving = timeout(seconds(5)), timeout(seconds(number), of=STOCK, file="stock.yaml")
            lingering = [timeout(seconds(1), file="lost.yaml")] if number == 0 else []
            coverage = SEEN_ALL if number == 0 else unread("lost.yaml")
            night.add_facts([steady, moving, *lingering], coverage)
            times = at.timestamp() + 3600.0 * np.arange(24)
            night.add_series([Series(CART, "duration", times, np.full(24, float(number)))])
            judge(night, [new_life(number)])


def answers(store: Store, numbers: range) -> list[object]:
    return [
        (
            store.facts(night_of(number)),
            store.snapshot(night_of(number)),
            store.lives(night_of(number)),
            store.coverage(night_of(number)),
            store.tallies(night_of(number)),
            store.rule_digests(night_of(number)),
        )
        for number in numbers
    ]


def test_kept_nights_answer_as_before(store: Store):
    write(store, 40)
    before = answers(store, range(30, 40)), store.history(CART), store.nights()[30:]
    size = store.size()
    pruned = store.prune(night_of(30))
    assert (answers(store, range(30, 40)), store.history(CART), store.nights()) == before
    assert pruned.nights == 30
    assert pruned.intervals >= 60
    left = {table.name: table.rows for table in store.size().tables}
    rows = {table.name: table.rows for table in size.tables}
    assert left["fact"] == 12
    assert left["content"] < rows["content"]
    assert left["finding_life"] < rows["finding_life"]
    assert store.prune(night_of(30)) == Pruned()
    write_more = timeout(seconds(77))
    keep(store, 40, [write_more])
    assert write_more in store.facts()


def test_a_pruned_night_is_not_answered_wrongly(store: Store):
    write(store, 5)
    store.prune(night_of(3))
    with pytest.raises(NightPruned, match="the night of 2026-01-03T02:00:00") as caught:
        store.facts(night_of(2))
    assert "2026-01-04T02:00:00" in caught.value.next_step
    assert store.facts(night_of(-1)) == ()


def test_the_last_night_always_stays(store: Store):
    write(store, 3)
    before = store.facts()
    assert store.prune(night_of(1000)).nights == 2
    assert store.facts() == before


def test_old_samples_go_and_newer_ones_stay(store: Store):
    write(store, 40)
    first = night_of(30).timestamp()
    (before,) = store.series(start=first)
    pruned = store.prune(night_of(30))
    (after,) = store.series()
    assert pruned.chunks == 4
    assert np.array_equal(after.since(first).times, before.times)
    assert after.times[0] > night_of(20).timestamp()


def test_what_people_decided_stays(store: Store):
    write(store, 3)
    approval = Approval(CART.id, "timeout.request", seconds(5), "ann", "so be it", night_of(0))
    store.add_approvals([approval])
    store.prune(night_of(2))
    assert store.approvals() == (approval,)


def test_a_value_last_seen_long_ago_still_says_when(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 1, [timeout(seconds(5))])
    for number in range(2, 9):
        keep(store, number, [], down())
    store.prune(night_of(6))
    (interval,) = store.history(CART)
    assert (interval.first_seen, interval.last_seen) == (night_of(0), night_of(1))


def test_the_file_shrinks(store: Store, tmp_path: Path):
    values = [timeout(seconds(n / 7), file=f"{n}.yaml") for n in range(5000)]
    keep(store, 0, values)
    keep(store, 1, [])
    before = store.size().bytes
    store.prune(night_of(1))
    assert store.size().bytes < before / 4
    with sqlite3.connect(tmp_path / "driftbot.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert [row for row in connection.execute("SELECT name FROM sqlite_schema") if "pruning" in row[0]] == []
    connection.close()


def test_an_empty_store_has_nothing_to_prune(store: Store):
    assert store.prune(night_of(0) + timedelta(days=1)) == Pruned()
