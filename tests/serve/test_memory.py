"""What was freed goes back to the system, although something small above it stays."""

from __future__ import annotations

import os

import pytest

from benchmarks.serve.bench_idle import resident
from driftbot.serve.memory import give_back


def test_what_was_freed_below_something_that_stays_is_given_back():
    if not give_back():
        pytest.skip("this C library has no malloc_trim")
    blocks = [b"x" * 60_000 for _ in range(2_000)]
    full = resident(os.getpid())
    del blocks[:-1]
    kept = resident(os.getpid())
    give_back()
    assert kept > full - 20, "nothing was kept: this test shows nothing"
    assert resident(os.getpid()) < full - 80
