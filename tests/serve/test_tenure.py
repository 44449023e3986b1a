"""Whose the nights are: taken, renewed, lost, given back; whatever the clock and the store do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from driftbot.serve.event_log import EventLog
from driftbot.serve.tenure import TERM, Tenure
from driftbot.store.errors import Work
from driftbot.store.store import Store

MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "driftbot.db"


@pytest.fixture
def stores(path: Path) -> Iterator[tuple[Store, Store]]:
    with Store.open(f"sqlite:///{path}?timeout=0.1") as one, Store.open(f"sqlite:///{path}?timeout=0.1") as other:
        yield one, other


def tenure(store: Store, clock: Clock, out: StringIO | None = None) -> Tenure:
    return Tenure(store, clock, EventLog(out or StringIO(), clock))


def test_one_has_it_the_other_says_who_and_takes_over(stores: tuple[Store, Store], clock: Clock):
    first, second = tenure(stores[0], clock), tenure(stores[1], clock)
    assert (first.look(), second.look()) == (True, False)
    assert "begins the nights, until 12:10:00Z" in second.told
    first.end()
    assert (second.look(), first.look()) == (True, False)
    second.end()


def test_it_is_kept_for_as_long_as_it_is_looked_after(stores: tuple[Store, Store], clock: Clock):
    first, second = tenure(stores[0], clock), tenure(stores[1], clock)
    for _ in range(40):
        assert (first.look(), second.look()) == (True, False)
        clock.now += MINUTE
    first.end()


def test_one_that_slept_past_its_term_learns_that_it_lost_it(stores: tuple[Store, Store], clock: Clock):
    first, second = tenure(stores[0], clock), tenure(stores[1], clock)
    assert first.look()
    clock.now += TERM + MINUTE
    assert not first.held
    assert second.look()
    assert not first.look()
    assert "begins the nights" in first.told or "took the nights over" in first.told
    first.end()
    assert second.look()
    second.end()


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(hours=-1), timedelta(hours=1), timedelta(days=3)])
def test_a_clock_that_is_set_takes_it_from_nobody_who_is_there(
    stores: tuple[Store, Store], clock: Clock, jump: timedelta
):
    first = tenure(stores[0], clock)
    assert first.look()
    clock.now += jump
    assert first.look()
    with stores[1].lease("other", clock.now, MINUTE, Work.SCAN):
        pass
    clock.now += MINUTE
    assert first.look()
    assert not tenure(stores[1], clock).look()
    first.end()


def test_a_locked_store_costs_it_only_when_its_term_is_over(stores: tuple[Store, Store], clock: Clock, path: Path):
    out = StringIO()
    first = tenure(stores[0], clock, out)
    assert first.look()
    locked = sqlite3.connect(path, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    clock.now += 2 * MINUTE
    assert first.look()
    assert "cannot be told" in first.told
    clock.now += TERM
    assert not first.look()
    locked.execute("ROLLBACK")
    locked.close()
    assert first.look()
    assert out.getvalue().count("cannot be told") == 1
    first.end()
