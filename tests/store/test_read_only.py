"""Who only reads needs no right to write, and makes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from driftbot.store.access import Access
from driftbot.store.errors import StoreBusy, StoreError
from driftbot.store.store import Store
from tests.store.scene import CART, keep, night_of, seconds, timeout

READER = """
import os, sys
from driftbot.store.access import Access
from driftbot.store.store import Store
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
with Store.open(sys.argv[1], Access.READ) as store:
    print([str(fact.value) for fact in store.facts()])
"""


def read_without_rights(folder: Path, url: str) -> str:
    """What somebody reads who may write neither the file nor its folder."""
    rights = {path: path.stat().st_mode for path in (*folder.iterdir(), folder)}
    above = [parent for parent in folder.parents if os.geteuid() == 0 and not parent.stat().st_mode & 0o001]
    before = {parent: parent.stat().st_mode for parent in above}
    for parent in above:
        parent.chmod(before[parent] | 0o011)
    for path in rights:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        done = subprocess.run([sys.executable, "-c", READER, url], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
    finally:
        for path, mode in (*rights.items(), *before.items()):
            path.chmod(mode)


def test_a_store_in_a_folder_that_may_not_be_written_is_read_and_nothing_is_left_behind(tmp_path: Path):
    folder = tmp_path / "odd name #1"
    folder.mkdir()
    url = f"sqlite:///{folder / 'driftbot.db'}"
    with Store.open(url) as store:
        keep(store, 0, [timeout(seconds(5))])
    assert read_without_rights(folder, url) == "['5s']"
    assert [path.name for path in folder.iterdir()] == ["driftbot.db"]


def test_a_night_that_only_the_log_holds_is_read_as_well(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'driftbot.db'}"
    with Store.open(url) as store:
        keep(store, 0, [timeout(seconds(5))])
        keep(store, 1, [timeout(seconds(9))])
        assert (tmp_path / "driftbot.db-wal").stat().st_size
        assert read_without_rights(tmp_path, url) == "['9s']"


def test_a_reader_writes_nothing(tmp_path: Path, store: Store, url: str):
    keep(store, 0, [timeout(seconds(5))])
    with Store.open(url, Access.READ) as reader:
        assert [fact.value for fact in reader.facts()] == [seconds(5)]
        with pytest.raises(StoreError, match="may not be written"):
            reader.prune(night_of(5))
        assert reader.export(tmp_path / "all.jsonl") > 0
    store.backup(tmp_path / "copy.db")
    with Store.open(f"sqlite:///{tmp_path / 'copy.db'}", Access.READ) as copy:
        assert copy.history(CART)
    assert not (tmp_path / "copy.db-wal").exists()


def test_what_is_written_meanwhile_is_noticed(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch):
    with Store.open(url) as store:
        keep(store, 0, [timeout(seconds(5))])
    monkeypatch.setattr(os, "access", lambda *_: False)
    with Store.open(url, Access.READ) as reader:
        with pytest.raises(StoreBusy, match="written while it was read"):
            for _ in reader.series():
                pass
            with reader._database.reading():
                os.utime(tmp_path / "driftbot.db", ns=(1, 1))
        assert reader.facts()


@pytest.mark.parametrize("access", [Access.READ, Access.WRITE])
def test_there_is_no_store_and_none_is_made(tmp_path: Path, access: Access):
    path = tmp_path / "nothing.db"
    with pytest.raises(StoreError, match="does not exist"):
        Store.open(f"sqlite:///{path}", access)
    assert not path.exists()
    path.touch()
    with pytest.raises(StoreError, match="does not exist"):
        Store.open(f"sqlite:///{path}", access)
    assert path.stat().st_size == 0
