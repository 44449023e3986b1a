"""One scan at a time; a scan that slept through its own end harms nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from driftbot.store import process
from driftbot.store.errors import LeaseHeld, LeaseLost
from driftbot.store.store import Store
from tests.store.scene import HOUR, SEEN_ALL, night_of, seconds, timeout, values


def test_a_second_scan_is_told_who_works_and_until_when(store: Store, url: str):
    with store.lease("first", night_of(0), HOUR), Store.open(url) as other:
        with (
            pytest.raises(LeaseHeld, match="first, until 2026-01-01T03:00:00") as caught,
            other.lease("second", night_of(0) + timedelta(minutes=59), HOUR),
        ):
            pass
        assert (caught.value.holder, caught.value.until) == ("first", night_of(0) + HOUR)
    with store.lease("second", night_of(0), HOUR) as lease:
        assert lease.holder == "second"


def test_a_lease_is_given_back_by_a_scan_that_failed(store: Store):
    with pytest.raises(RuntimeError), store.lease("first", night_of(0), HOUR):
        raise RuntimeError
    with store.lease("second", night_of(0), HOUR):
        pass


def test_a_dead_owner_is_followed_and_its_token_no_longer_writes(store: Store, url: str):
    with store.lease("dead", night_of(0), HOUR) as stale, Store.open(url) as other:
        with other.lease("next", night_of(0) + HOUR, HOUR) as lease:
            assert lease.token > stale.token
            with pytest.raises(LeaseLost, match="dead may no longer write"), store.begin_night(stale, night_of(0)):
                pytest.fail("a stale token began a night")
            with other.begin_night(lease, night_of(1)) as night:
                night.add_facts([timeout(seconds(5))], SEEN_ALL)
        assert [summary.as_of for summary in store.nights()] == [night_of(1)]


def test_a_stale_lease_given_back_leaves_the_newer_one_alone(store: Store, url: str):
    with Store.open(url) as other:
        stale = store.lease("dead", night_of(0), HOUR)
        stale.__enter__()
        with other.lease("next", night_of(0) + HOUR, HOUR) as lease:
            stale.__exit__(None, None, None)
            with other.begin_night(lease, night_of(0)) as night:
                night.add_facts([timeout(seconds(5))], SEEN_ALL)
    assert values(store, 0) == [seconds(5)]


def test_a_lease_outlived_but_not_taken_over_still_writes(store: Store):
    with store.lease("slow", night_of(0), HOUR) as lease, store.begin_night(lease, night_of(5)):
        pass
    assert len(store.nights()) == 1


def test_a_lease_given_back_no_longer_writes(store: Store):
    with store.lease("first", night_of(0), HOUR) as lease:
        pass
    with pytest.raises(LeaseLost), store.begin_night(lease, night_of(0)):
        pass


def test_a_renewed_lease_lasts_longer(store: Store):
    with store.lease("first", night_of(0), HOUR) as lease:
        renewed = store.renew(lease, night_of(0) + HOUR, HOUR)
        assert (renewed.token, renewed.expires) == (lease.token, night_of(0) + 2 * HOUR)
        with pytest.raises(LeaseHeld), store.lease("second", night_of(0) + 1.5 * HOUR, HOUR):
            pass
        with store.lease("second", night_of(0) + 2 * HOUR, HOUR), pytest.raises(LeaseLost):
            store.renew(renewed, night_of(0) + 2 * HOUR, HOUR)


@contextmanager
def holding(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease for a whole day."""
    script = (
        "import sys, time; from datetime import timedelta; from driftbot.store.store import Store\n"
        "from tests.store.scene import night_of\n"
        "with Store.open(sys.argv[1]) as s, s.lease('nightly', night_of(0), timedelta(days=1)):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == "held\n"
        yield held
        held.kill()


needs_proc = pytest.mark.skipif(not process.marked(""), reason="no /proc: nobody can tell which processes run")


@needs_proc
def test_the_lease_of_a_killed_process_is_taken_over_at_once_and_not_before(store: Store, url: str):
    with holding(url) as held:
        with (
            pytest.raises(LeaseHeld, match=r": nightly, until"),
            store.lease("me", night_of(0), HOUR),
        ):
            pass
        held.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, held.pid, os.WEXITED | os.WNOWAIT)
        # Killed, but not waited for: its number is not free yet.
        with store.lease("me", night_of(0), HOUR) as lease:
            assert lease.token == 2


@needs_proc
@pytest.mark.parametrize(
    ("part", "other", "gone"),
    [(0, "elsewhere/1", False), (1, "4194304", True), (2, "1", True)],
    ids=["another machine", "no such process", "its number was given anew"],
)
def test_only_a_process_of_this_machine_is_known_to_be_gone(store: Store, url: str, part: int, other: str, gone: bool):
    words = process.marked("")[2:-1].split()
    words[part] = other
    holder = f"nightly [{' '.join(words)}]"
    assert process.is_gone(holder) is gone
    assert process.unmarked(holder) == "nightly"
    with store.lease("nightly", night_of(0), HOUR):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE lease SET holder = :holder"), {"holder": holder})
        engine.dispose()
        if gone:
            with store.lease("me", night_of(0), HOUR):
                pass
        else:
            with pytest.raises(LeaseHeld), store.lease("me", night_of(0), HOUR):
                pass


def test_a_holder_without_a_mark_is_waited_for():
    assert not process.is_gone("process 4711 on web1")
    assert not process.is_gone("")


def test_a_lease_of_a_clock_that_was_put_back_is_no_promise(store: Store, url: str):
    with store.lease("from the future", night_of(400), HOUR), Store.open(url) as other:
        with pytest.raises(LeaseHeld, match="from the future"), other.lease("me", night_of(0), HOUR):
            pass  # its process runs on this machine: whatever the clock says, it works
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE lease SET holder = 'nightly [elsewhere/1 7 7]'"))
        engine.dispose()
        with other.lease("me", night_of(0), HOUR) as lease:
            assert lease.expires == night_of(0) + HOUR


def test_a_lease_of_the_far_past_has_expired(store: Store, url: str):
    with store.lease("slow", night_of(-4000), HOUR), Store.open(url) as other, other.lease("me", night_of(0), HOUR):
        pass
