"""A store of any earlier version becomes one of the newest; one of a newer version is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect

from driftbot.core.fact import Origin
from driftbot.core.marker import Cause, Marker
from driftbot.core.snooze import Snooze
from driftbot.core.span import Span
from driftbot.store import migrations, tables
from driftbot.store.errors import NotAStore, Work
from driftbot.store.store import Store
from tests.store.run_scene import remedy
from tests.store.scene import CART, keep, night_of, seconds, timeout, values

FIXTURES = Path(__file__).parents[2] / "fixtures" / "store"
PROMETHEUS = Origin("prometheus", "http://prometheus", query="duration_seconds")


def shape(engine: Engine) -> dict[str, object]:
    """Tables, columns, keys and indexes as the database has them."""
    look = inspect(engine)
    return {
        table: (
            {(column["name"], column["type"].python_type, column["nullable"]) for column in look.get_columns(table)},
            look.get_pk_constraint(table)["constrained_columns"],
            {(tuple(key["constrained_columns"]), key["referred_table"]) for key in look.get_foreign_keys(table)},
            {(index["name"], tuple(index["column_names"])) for index in look.get_indexes(table)},
            {tuple(unique["column_names"]) for unique in look.get_unique_constraints(table)},
        )
        for table in look.get_table_names()
    }


def shape_of(url: str) -> dict[str, object]:
    engine = create_engine(url)
    try:
        return shape(engine)
    finally:
        engine.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'described.db'}")
    yield engine
    engine.dispose()


def test_migrations_make_what_queries_expect(url: str, engine: Engine):
    Store.open(url).close()
    tables.metadata.create_all(engine)
    assert shape_of(url) == shape(engine)


@pytest.mark.parametrize("dump", sorted(FIXTURES.glob("version-*.sql")), ids=lambda path: path.stem)
def test_an_old_store_opens_and_knows_what_it_knew(tmp_path: Path, dump: Path, engine: Engine):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(dump.read_text(encoding="ascii"))
    connection.close()
    with Store.open(f"sqlite:///{path}") as store:
        assert [values(store, number, CART) for number in range(3)] == [[seconds(5)], [seconds(9)], [seconds(9)]]
        assert [interval.last_seen for interval in store.history(CART)] == [night_of(0), night_of(1)]
        assert [life.last_seen for life in store.lives()] == [night_of(2)]
        assert [list(series.values) for series in store.series("workload")] == [[1.0, 2.0, 4.0]]
        assert store.note("rotation") == "cart"
        held = store.held("production", "workload", "duration", "prometheus")
        assert held == {"version-1": Span(900.0, 900.0, 0.0, "")}.get(dump.stem, Span(0.0, 900.0, 300.0, "abcdef"))
        released = Marker(CART, 600.0, "shop/cart:2.4.1", Cause.RELEASE, PROMETHEUS, 300.0, "3f2a91c")
        assert store.markers() == {"version-1": (), "version-2": ()}.get(dump.stem, (released,))
        bob = [(remedy(), "bob")]
        undone = {"version-4": [(remedy(), "")], "version-5": bob, "version-6": bob}
        assert [(run.remedy, run.undone_by) for run in store.runs()] == undone.get(dump.stem, [])
        said = (Snooze("3f9c2a000000", night_of(3), "ann", night_of(2)),)
        assert store.snoozes() == {"version-6": said}.get(dump.stem, ())
        assert [one.reference for one in store.messages("sre")] == {"version-6": ["1700000000.000100"]}.get(
            dump.stem, []
        )
        for work in Work:
            with store.lease("me", night_of(2), timedelta(hours=1), work):
                pass
        keep(store, 3, [timeout(seconds(10))])
        assert values(store, 3, CART) == [seconds(10)]
    tables.metadata.create_all(engine)
    assert shape_of(f"sqlite:///{path}") == shape(engine)


def test_there_is_a_fixture_of_every_version():
    assert {path.stem for path in FIXTURES.glob("version-*.sql")} == {
        f"version-{number}" for number in range(1, len(migrations.MIGRATIONS) + 1)
    }


def added_table(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE journal (id INTEGER PRIMARY KEY)")


def broken(connection: Connection) -> None:
    added_table(connection)
    raise RuntimeError


def with_migration(monkeypatch: pytest.MonkeyPatch, *more: migrations.Migration) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, *more))


def test_a_store_of_the_version_before_is_upgraded(store: Store, url: str, monkeypatch: pytest.MonkeyPatch):
    keep(store, 0, [timeout(seconds(5))])
    newest = len(migrations.MIGRATIONS)
    with_migration(monkeypatch, added_table)
    with Store.open(url) as upgraded:
        assert upgraded.migrate() == (newest + 1, newest + 1)
        assert values(upgraded, 0) == [seconds(5)]
    assert "journal" in shape_of(url)


def test_a_newer_store_is_refused(url: str, monkeypatch: pytest.MonkeyPatch):
    newest = len(migrations.MIGRATIONS)
    with monkeypatch.context() as patched:
        with_migration(patched, added_table)
        Store.open(url).close()
    with pytest.raises(NotAStore, match=f"is a store of version {newest + 1}; this driftbot knows up to .*{newest}"):
        Store.open(url)


def test_a_migration_that_fails_changes_nothing(store: Store, url: str, monkeypatch: pytest.MonkeyPatch):
    keep(store, 0, [timeout(seconds(5))])
    before = shape_of(url)
    with monkeypatch.context() as patched:
        with_migration(patched, broken)
        with pytest.raises(RuntimeError):
            Store.open(url)
    assert shape_of(url) == before
    with Store.open(url) as store:
        assert values(store, 0) == [seconds(5)]
