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


@pytest.mark.parametrize("words", [("backup", "x"), ("export", "x"), ("prune", "--before", "2026-01-01")])
def test_a_store_that_does_not_exist_is_a_sentence_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Failure, match=r"the store nowhere.db does not exist"):
        run(*words, "--store", "nowhere.db")
    assert not list(tmp_path.iterdir())


def test_prune_asks_before_only_the_last_night_stays(kept: str):
    with pytest.raises(Failure, match="nobody is there to ask"):
        run("prune", "--store", kept, "--before", "2030-01-01")
    with Store.open(kept) as store:
        assert len(store.nights()) == 4
    assert "let go of 3 nights before 2030-01-01" in run("prune", "--store", kept, "--before", "2030-01-01", "--yes")
    assert "let go of 0 nights" in run("prune", "--store", kept, "--before", "2030-01-01")
    assert "1 night\n" in run("migrate", "--store", kept)
