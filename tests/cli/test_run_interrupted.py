"""``driftbot run`` asked to end: a scan ends at once and keeps nothing, all else after the step under way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftbot.remedies.interruption import interruption
from driftbot.store.errors import Work
from driftbot.store.store import Store
from tests.servers.silent_prometheus import SilentPrometheus, silent_prometheus

PATIENCE = 60.0


@pytest.fixture
def silent() -> Iterator[SilentPrometheus]:
    with silent_prometheus() as server:
        yield server


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_once_in_the_middle_of_a_scan_it_ends_and_keeps_nothing(
    tmp_path: Path, silent: SilentPrometheus, number: signal.Signals
) -> None:
    source = f"sources:\n  - {{name: metrics, kind: prometheus, url: '{silent.url}'}}\n"
    (tmp_path / "driftbot.yaml").write_text(f"store: driftbot.db\nrules: {{shipped: none}}\n{source}")
    command = [sys.executable, "-m", "driftbot", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert silent.asked.wait(PATIENCE)
            process.send_signal(number)
            _, told = process.communicate(timeout=PATIENCE / 2)
        finally:
            process.kill()
    assert not silent.released.is_set()
    assert (process.returncode, told.lstrip()) == (130, "stopped; a night that had not ended is not in the store\n")
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        assert store.nights() == ()
        with store.lease("the next one", datetime.now(UTC), timedelta(minutes=1), Work.SCAN):
            pass


def test_what_came_before_the_scan_keeps_it_from_beginning() -> None:
    told: list[str] = []
    with interruption(told.append) as interrupted:
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupted() == "SIGTERM"
        assert told[0].startswith("SIGTERM: stopping after the step under way")
        with pytest.raises(KeyboardInterrupt), interrupted.at_once():
            pytest.fail("it began")


def test_what_comes_after_the_scan_is_only_remembered() -> None:
    with interruption(lambda _: None) as interrupted:
        with interrupted.at_once():
            assert interrupted() == ""
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupted() == "SIGTERM"
