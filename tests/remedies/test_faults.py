"""A store that cannot be written any more ends a run at once; what was done is known, and concluded later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from driftbot.core.run import RunState
from driftbot.remedies.recovery import recover
from driftbot.store.errors import StoreError
from driftbot.store.lease import Lease
from driftbot.store.store import Store
from tests.remedies.imagined import Stage, remedy_of, setting
from tests.store.scene import HOUR

PLAN = "f" * 64
BEFORE, AFTER = {"a": "a1", "b": "b1", "c": "c1"}, {"a": "a2", "b": "b2", "c": "c1"}


class FullAfter(Store):
    """A store whose disk is full after so many writes of the journal."""

    writes = 1_000_000

    @contextmanager
    def _fenced(self, held: Lease) -> Iterator[Connection]:
        with super()._fenced(held) as connection:
            yield connection
            if self.writes <= 0:
                raise StoreError("the disk is full")
            self.writes -= 1


@pytest.mark.parametrize("fails", ["", "refuse"])
def test_a_disk_that_fills_up_at_any_write_loses_nothing(url: str, fails: str):
    for writes in range(100):
        with FullAfter.open(url) as store:
            assert isinstance(store, FullAfter)
            stage = Stage(store)
            stage.actions["set_value"].fails["perform b"] = fails  # type: ignore[attr-defined]
            store.writes = writes
            before = len(store.runs())
            try:
                with stage.process() as runner:
                    runner.apply(PLAN, remedy_of(setting("a"), setting("b")), "ann")
                ended = True
            except StoreError:
                ended = False
            store.writes = 1_000_000
            with stage.process() as runner:
                recover(runner, store)
            runs = store.runs()[before:]
        assert [run.state for run in runs] in ([], [RunState.UNDONE if fails else RunState.VERIFYING])
        assert stage.world.values == (BEFORE if fails or not runs else AFTER)
        assert len(stage.world.writes) == len(set(stage.world.writes))
        if ended:
            assert writes > 5
            return


def test_a_real_full_disk_is_a_sentence_and_keeps_what_was_written(url: str):
    with Store.open(url) as store:
        stage = Stage(store)

        @event.listens_for(store._database._engine, "begin")
        def limit(connection: Connection) -> None:
            if stage.stop:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with stage.process() as runner:
            run = runner.apply(PLAN, remedy_of(setting("a")), "ann")
            stage.stop = "full"
            big = remedy_of(*(setting(f"x{number}") for number in range(3000)))
            with pytest.raises(StoreError, match="the disk is full"):
                runner.apply(PLAN, big, "ann")
            stage.stop = ""
        assert store.runs() == (run,)


def test_a_store_that_may_not_be_written_begins_nothing(url: str, tmp_path: Path):
    Store.open(url).close()
    with Store.open(url) as store:
        stage = Stage(store)
        with store.acting("me", stage.clock(), HOUR):
            pass
        database = tmp_path / "driftbot.db"
        assert database.exists()

        @event.listens_for(store._database._engine, "begin")
        def forbid(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")

        with pytest.raises(StoreError, match="may not be written"), stage.process() as runner:
            runner.apply(PLAN, remedy_of(setting("a")), "ann")
        assert stage.world.writes == []
