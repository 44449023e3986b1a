"""``driftbot db`` says what it did, and what a wrong call should have been."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from driftbot.cli.db import command
from driftbot.core.failure import Failure
from driftbot.store.migrations import newest
from driftbot.store.store import Store
from tests.store.scene import keep, seconds, timeout


@pytest.fixture
def kept(store: Store, url: str) -> str:
    for number in range(4):
        keep(store, number, [timeout(seconds(number))])
    return url


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_migrate_says_version_and_size(kept: str):
    said = run("migrate", "--store", kept)
    assert f"the store is of version {newest()}, the newest" in said
    assert "4 nights" in said


def test_prune_keeps_what_is_asked_to_stay(kept: str):
    assert "let go of 2 nights before 2026-01-03 (2 intervals" in run(
        "prune", "--store", kept, "--before", "2026-01-03"
    )
    with Store.open(kept) as store:
        assert len(store.nights()) == 2


def test_export_and_backup_write_new_files(kept: str, tmp_path: Path):
    lines = tmp_path / "all.jsonl"
    assert run("export", str(lines), "--store", kept).startswith(f"wrote {len(lines.read_text().splitlines())} lines")
    copy = tmp_path / "copy.db"
    assert "is copied to" in run("backup", str(copy), "--store", kept)
    with Store.open(f"sqlite:///{copy}") as store:
        assert len(store.nights()) == 4


def test_a_missing_store_is_a_sentence(tmp_path: Path):
    with pytest.raises(Failure, match="does not exist"):
        run("export", str(tmp_path / "x"), "--store", f"sqlite:///{tmp_path / 'nowhere' / 'driftbot.db'}")
