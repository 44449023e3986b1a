"""Law 6: before any effect, intent with before-value and key is on disk; after a crash reality is read back."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from driftbot.core.run import RunState
from driftbot.remedies.recovery import recover
from driftbot.store.store import Store
from tests.remedies.imagined import Killed, Stage, remedy_of, setting


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "driftbot.db"


def on_disk(path: Path) -> list[tuple[str, str]]:
    """State and key of each step, as another process reads them from the file."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT state, key FROM run_step ORDER BY run, number").fetchall()
    finally:
        connection.close()


def test_intent_before_value_and_key_are_on_disk_before_the_effect(path: Path):
    with Store.open(f"sqlite:///{path}") as store:
        stage = Stage(store)
        seen: list[list[tuple[str, str]]] = []

        def boundary(name: str) -> None:
            if name == "action.write.before":
                seen.append(on_disk(path))
                (run,) = store.runs()
                assert json.loads(run.remedy.steps[0].precondition) == {"was": "a1"}

        stage.boundary = boundary
        with stage.process() as runner:
            run = runner.apply("f" * 64, remedy_of(setting("a")), "ann")
    assert seen == [[("intended", run.steps[0].key)]]
    assert len(run.steps[0].key) == 64


@pytest.mark.parametrize("kill", ["effect.perform.before", "action.write.after", "effect.perform.after"])
@pytest.mark.parametrize("readable", [True, False])
def test_after_a_crash_reality_is_read_back_and_what_cannot_be_read_waits_for_a_person(
    path: Path, kill: str, readable: bool
):
    with Store.open(f"sqlite:///{path}") as store:
        stage = Stage(store)

        def boundary(name: str) -> None:
            if name == kill:
                raise Killed

        stage.boundary = boundary
        with pytest.raises(Killed), stage.process() as runner:
            runner.apply("f" * 64, remedy_of(setting("a")), "ann")
        stage.boundary = lambda _: None
        stage.world.unreadable |= set() if readable else {"a"}
        with stage.process() as runner:
            (run,) = recover(runner, store)
    assert run.state is (RunState.VERIFYING if readable else RunState.UNCERTAIN)
    assert len(stage.world.writes) <= 1
