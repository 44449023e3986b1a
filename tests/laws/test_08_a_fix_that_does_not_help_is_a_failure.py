"""Law 8: a fix that does not help is measured again, put back, and in the end given to its owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.finding import Verdict
from driftbot.core.run import RunState
from driftbot.remedies.verifying import verify
from driftbot.store.store import Store
from tests.remedies.imagined import Stage, remedy_of, setting
from tests.store.scene import finding


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        yield Stage(store)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("last", [False, True])
def test_only_drift_judged_again_is_a_failure(stage: Stage, verdict: Verdict, last: bool):
    judged = finding(verdict=verdict)
    with stage.process() as runner:
        run = runner.apply("f" * 64, remedy_of(setting("a"), finding=judged.fingerprint), "ann")
        stage.now += timedelta(hours=1)
        verify(runner, stage.store, [run], [judged], stage.now, lambda *_: last)
    (run,) = stage.store.runs()
    failed = verdict is Verdict.DRIFT
    assert (stage.world.values["a"] == "a1") is failed
    if failed:
        assert run.state is (RunState.ESCALATED if last else RunState.UNDONE)
    else:
        assert run.state is RunState.VERIFYING
    assert bool(stage.store.notices_waiting()) is (failed and last)
