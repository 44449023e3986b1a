"""The same store on a real PostgreSQL: the tests of its answers, and what is PostgreSQL's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from driftbot.store import tables
from driftbot.store.errors import NotAStore, StoreBusy
from driftbot.store.store import Store
from tests.store import (
    test_chat_records,
    test_counts,
    test_excuses,
    test_lease,
    test_life_writer,
    test_markers,
    test_run_records,
    test_series_writer,
    test_store,
)
from tests.store.postgresql import PostgreSQL, postgresql
from tests.store.scene import CART, HOUR, SEEN_ALL, keep, night_of, seconds, timeout, values
from tests.store.test_migrations import shape, shape_of
from tests.store.test_prune import answers, write

pytestmark = pytest.mark.server

for module in (
    test_store, test_life_writer, test_excuses, test_lease, test_series_writer, test_markers, test_run_records,
    test_chat_records, test_counts,
):  # fmt: skip
    for name, test in vars(module).items():
        if name.startswith("test_"):
            globals()[f"{name}_on_postgresql"] = test


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with postgresql() as running:
        yield running


@pytest.fixture
def url(server: PostgreSQL) -> str:
    return server.make()


def test_migrations_make_what_queries_expect(url: str, server: PostgreSQL):
    Store.open(url).close()
    described = server.make()
    engine = create_engine(described)
    tables.metadata.create_all(engine)
    expected = shape(engine)
    engine.dispose()
    assert shape_of(url) == expected


def test_the_driver_need_not_be_named(url: str):
    with Store.open(url.replace("+psycopg", "")) as store:
        assert store.nights() == ()


def test_somebody_elses_tables_are_left_alone(url: str):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE fact (title text)")
    with pytest.raises(NotAStore, match="holds the table 'fact' of something else"):
        Store.open(url)
    assert set(shape(engine)) == {"fact"}
    engine.dispose()


def test_other_tables_beside_the_store_do_no_harm(url: str):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE song (title text)")
    engine.dispose()
    with Store.open(url) as store:
        keep(store, 0, [timeout(seconds(5))])
        assert values(store, 0) == [seconds(5)]


def test_nobody_takes_over_while_a_night_is_written(store: Store, url: str):
    hasty = f"{url}&options=-c%20lock_timeout%3D100ms"
    with (
        Store.open(hasty) as other,
        store.lease("slow", night_of(0), HOUR) as lease,
        store.begin_night(lease, night_of(0)) as night,
    ):
        night.add_facts([timeout(seconds(5))], SEEN_ALL)
        with pytest.raises(StoreBusy), other.lease("next", night_of(9), HOUR):
            pytest.fail("the lease was taken over in the middle of a night")
        assert other.facts() == ()
    assert values(store, 0) == [seconds(5)]


def test_kept_nights_answer_as_before(store: Store):
    write(store, 12)
    before = answers(store, range(8, 12)), store.history(CART)
    assert store.prune(night_of(8)).nights == 8
    assert (answers(store, range(8, 12)), store.history(CART)) == before


def test_a_backup_is_a_store_in_a_file(store: Store, tmp_path: Path):
    write(store, 5)
    store.backup(tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]
    with Store.open(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        assert answers(copy, range(5)) == answers(store, range(5))
        (series,), (original,) = list(copy.series()), list(store.series())
        assert series.values.tobytes() == original.values.tobytes()
        keep(copy, 9, [timeout(seconds(7))])
        assert timeout(seconds(7)) in copy.facts()


def test_an_export_is_the_same_as_from_a_file(store: Store, tmp_path: Path):
    write(store, 3)
    store.export(tmp_path / "one.jsonl")
    store.backup(tmp_path / "copy.db")
    with Store.open(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        copy.export(tmp_path / "two.jsonl")
    one, two = ((tmp_path / name).read_text().splitlines() for name in ("one.jsonl", "two.jsonl"))
    assert [json.loads(line) for line in one] == [json.loads(line) for line in two]


def test_the_size_is_known(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    size = store.size()
    assert size.bytes > 0
    assert {table.name for table in size.tables} == set(tables.metadata.tables)
