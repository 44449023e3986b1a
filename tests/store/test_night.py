"""A scan killed at any moment leaves the store as before it or with the whole night in it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.store.store import Store
from tests.store.crash import SUBJECTS
from tests.store.scene import HOUR, SEEN_ALL, night_of, seconds, timeout

ROOT = Path(__file__).parents[2]


def kill_a_scan(url: str, first: int, after: float) -> None:
    """Start a scan and kill it so many seconds after it began to write."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.store.crash", url, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT) as scan:
        assert scan.stdout is not None
        assert scan.stdout.readline() == b"ready\n"
        time.sleep(after)
        scan.kill()


def check_whole(store: Store) -> int:
    """Every night is there whole or not at all; how many there are."""
    nights = store.nights()
    for number, night in enumerate(nights):
        assert night.as_of == night_of(number)
        assert night.exit_code == 2
    for number in {0, len(nights) - 1} & set(range(len(nights))):
        facts = store.facts(night_of(number))
        assert len(facts) == SUBJECTS
        assert {fact.value for fact in facts} == {seconds(number)}
        assert [life.last_seen for life in store.lives(night_of(number))] == [night_of(number)]
    assert store.note("last") == (str(len(nights) - 1) if nights else None)
    series = list(store.series())
    assert len(series) == (SUBJECTS if nights else 0)
    assert {len(one.times) for one in series} <= {288 * len(nights)}
    return len(nights)


def campaign(url: str, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    nights = 0
    for _ in range(kills):
        kill_a_scan(url, nights, rng.uniform(0, 0.5))
        with Store.open(url) as store:
            found = check_whole(store)
            assert found >= nights, "a night that was known is lost"
            nights = found
            # The dead scan's lease stands until it expires, and then the next scan gets it.
            with store.lease("next", night_of(nights) + 2 * HOUR, HOUR):
                pass
    assert nights > 0, "no scan lived long enough to write a night"


def test_a_killed_scan_leaves_whole_nights(url: str):
    campaign(url, kills=10, seed=1)


@pytest.mark.campaign
@pytest.mark.skipif(not os.environ.get("DRIFTBOT_CAMPAIGN"), reason="a long run; DRIFTBOT_CAMPAIGN=all runs it")
def test_many_killed_scans_leave_whole_nights(tmp_path: Path):
    for seed in range(10):
        campaign(f"sqlite:///{tmp_path / f'{seed}.db'}", kills=30, seed=seed)


def test_nothing_of_a_night_is_seen_before_it_is_whole(store: Store, url: str):
    with (
        Store.open(url) as reader,
        store.lease("test", night_of(0), HOUR) as lease,
        store.begin_night(lease, night_of(0)) as night,
    ):
        night.add_facts([timeout(seconds(5))], SEEN_ALL)
        assert reader.facts() == ()
        assert reader.nights() == ()
    assert len(store.facts()) == 1


def test_a_store_opens_while_a_night_is_written(store: Store, url: str):
    at = night_of(0)
    with store.lease("test", at, HOUR) as lease, store.begin_night(lease, at) as night:
        night.add_facts([timeout(seconds(5))], SEEN_ALL)
        with Store.open(f"{url}?timeout=0.01") as reader:
            assert reader.facts() == ()


def test_an_older_answer_is_not_disturbed_by_a_night_written_meanwhile(store: Store):
    at = night_of(0)
    with store.lease("test", at, timedelta(days=9)) as lease:
        with store.begin_night(lease, at) as night:
            night.add_facts([timeout(seconds(5))], SEEN_ALL)
        before = store.facts(at)
        with store.begin_night(lease, night_of(1)) as night:
            night.add_facts([timeout(seconds(6))], SEEN_ALL)
            assert store.facts() == before
    assert store.facts(at) == before
