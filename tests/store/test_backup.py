"""A backup is the store as it was at one moment, and opens like any store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftbot.core.series import Series
from driftbot.store.errors import StoreError
from driftbot.store.store import Store
from tests.store.scene import CART, HOUR, SEEN_ALL, judge, keep, new_life, night_of, seconds, timeout, values


def test_a_backup_taken_while_a_night_is_written_has_the_nights_before(store: Store, tmp_path: Path):
    keep(store, 0, [timeout(seconds(5))])
    copy = tmp_path / "copy.db"
    with store.lease("test", night_of(1), HOUR) as lease, store.begin_night(lease, night_of(1)) as night:
        night.add_facts([timeout(seconds(6))], SEEN_ALL)
        night.add_series([Series(CART, "duration", np.arange(3.0), np.arange(3.0))])
        judge(night, [new_life(1)])
        store.backup(copy)
    with Store.open(f"sqlite:///{copy}") as restored:
        assert [summary.as_of for summary in restored.nights()] == [night_of(0)]
        assert values(restored, 5) == [seconds(5)]
        keep(restored, 2, [timeout(seconds(7))])
        assert values(restored, 2) == [seconds(7)]
    assert values(store, 5) == [seconds(6)]
    assert sorted(path.name for path in tmp_path.glob("*.partial*")) == []


def test_an_existing_file_is_never_overwritten(store: Store, tmp_path: Path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    for write in (store.backup, store.export):
        with pytest.raises(StoreError, match="precious exists already"):
            write(precious)
    assert precious.read_text() == "mine"


def test_a_missing_folder_is_named(store: Store, tmp_path: Path):
    for write in (store.backup, store.export):
        with pytest.raises(StoreError, match=r"the folder .*nowhere does not exist"):
            write(tmp_path / "nowhere" / "copy.db")
