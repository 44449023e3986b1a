"""The time and the store of a scan: what may become a night, and where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftbot.store.store import Store


def nights(path: Path) -> list[datetime]:
    with Store.open(f"sqlite:///{path}") as store:
        return [night.as_of for night in store.nights()]


@pytest.mark.parametrize("command", ["scan", "run"])
def test_a_night_far_in_the_future_is_refused_and_the_store_stays_open_to_others(estate, run, command):
    before = nights(estate / "driftbot.db")
    answer = run(command, "--as-of", "2999-01-01")
    assert (answer.code, answer.out) == (1, "")
    assert "--as-of 2999-01-01 lies in the future" in answer.err
    assert nights(estate / "driftbot.db") == before


@pytest.mark.parametrize("command", ["scan", "run"])
def test_a_past_night_is_kept_in_a_store_of_its_own(estate, run, command):
    behind = run(command, "--as-of", "2026-01-01")
    assert behind.code == 1
    assert "--store" in behind.err
    before = nights(estate / "driftbot.db")
    run(command, "--as-of", "2026-01-01", "--store", "apart.db")
    assert nights(estate / "apart.db") == [datetime(2026, 1, 1, tzinfo=UTC)]
    with Store.open(f"sqlite:///{estate / 'apart.db'}") as store:
        (night,) = store.nights()
        assert night.duration is not None and night.duration >= timedelta(0)
    assert nights(estate / "driftbot.db") == before


@pytest.mark.parametrize(
    "words", [("history", "shop/cart"), ("explain", "shop/cart"), ("waive", "--list"), ("approve", "--key", "x")]
)
def test_every_command_of_the_store_takes_another_one(estate, run, words):
    (estate / "driftbot.db").rename(estate / "other.db")
    other = run(*words, "--store", "other.db")
    assert "no night was scanned" not in other.err
    assert "no night was scanned" in run(*words).err or "does not exist" in run(*words).err


def test_a_replay_takes_no_store(estate, run):
    answer = run("scan", "--replay", str(estate), "--store", "apart.db")
    assert "a replay is not kept in a store" in answer.err
    assert not (estate / "apart.db").exists()
