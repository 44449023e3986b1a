"""Killed by the kernel while it applies a plan to real files: afterwards each change is whole, known and done once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from driftbot.config import Config
from driftbot.core.plan import Plan
from driftbot.core.run import Run, RunState, StepState
from driftbot.remedies.acting import Going, acting, perform
from driftbot.remedies.recovery import put_back, recover
from driftbot.store.errors import LeaseHeld, StoreBusy
from driftbot.store.store import Store
from tests.remedies.estate import LONG, SHORT, copied, deadlines, now, planned_and_kept, scanned, write_estate

JOBS = ("invoice", "report")


@dataclass(frozen=True)
class Planned:
    """An estate for which there is a plan; every test takes a copy."""

    root: Path
    plan: Plan


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    root = write_estate(tmp_path_factory.mktemp("planned"), *JOBS)
    plan = planned_and_kept(scanned(root))
    assert len(plan.remedies) == len(JOBS)
    return Planned(root, plan)


def apply_all(config: Config, plan: Plan, boundary: Callable[[str], None]) -> None:
    """What ``driftbot apply`` does."""
    with Store.open(config.store_url) as store, acting(config, store, now, str, boundary) as runner:
        recover(runner, store)
        perform(runner, [Going(one, plan.digest) for one in plan.remedies], "ann", lambda _: None)


def undo_all(config: Config, boundary: Callable[[str], None]) -> None:
    """What ``driftbot undo`` does, for every run."""
    with Store.open(config.store_url) as store, acting(config, store, now, str, boundary) as runner:
        for run in (*recover(runner, store), *store.runs([RunState.VERIFYING])):
            if run.state is RunState.VERIFYING:
                put_back(runner, run, "ann")


class Suicide:
    """Kills its process at a boundary, counted from 0."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, _: str) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def in_a_process(work: Callable[[], None], kill_after: float | None = None) -> bool:
    """Do it in a process of its own; whether that was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def recovered(config: Config) -> tuple[Run, ...]:
    with Store.open(config.store_url) as store, acting(config, store, now, str) as runner:
        recover(runner, store)
        return store.runs()


def check_known(config: Config) -> None:
    """Before anything is recovered: no file is changed of which no run says so, and none is half written."""
    found = deadlines(config.root, JOBS)
    with Store.open(config.store_url) as store:
        begun = {
            step.target.removeprefix("file:jobs/").removesuffix(".yaml")
            for run in store.runs()
            for step, record in zip(run.remedy.steps, run.steps, strict=True)
            if record.state is not StepState.PLANNED
        }
    assert {name for name, seconds in found.items() if seconds == LONG} <= begun


def check_whole(config: Config, runs: tuple[Run, ...], expected: dict[RunState, int]) -> None:
    """Every run ended as its file says; nothing but the files is left."""
    found = deadlines(config.root, JOBS)
    for run in runs:
        name = run.remedy.covers[0].subject.name.removeprefix("shop/")
        assert found[name] == expected[run.state], run.told
    assert sorted(path.name for path in (config.root / "jobs").iterdir()) == [f"{name}.yaml" for name in JOBS]


def boundaries() -> Iterator[int]:
    yield from range(1000)


def test_killed_at_every_boundary_of_applying(planned: Planned, tmp_path: Path):
    for at in boundaries():
        config = copied(planned.root, tmp_path / str(at))
        killed = in_a_process(lambda config=config, at=at: apply_all(config, planned.plan, Suicide(at)))
        check_known(config)
        runs = recovered(config)
        check_whole(config, runs, {RunState.VERIFYING: LONG})
        if not killed:
            assert len(runs) == len(JOBS)
            assert at >= 20
            return
        shutil.rmtree(config.root)


def test_killed_at_every_boundary_of_undoing(planned: Planned, tmp_path: Path):
    applied = copied(planned.root, tmp_path / "applied")
    apply_all(applied, planned.plan, lambda _: None)
    for at in boundaries():
        config = copied(applied.root, tmp_path / str(at))
        killed = in_a_process(lambda config=config, at=at: undo_all(config, Suicide(at)))
        runs = recovered(config)
        check_whole(config, runs, {RunState.VERIFYING: LONG, RunState.UNDONE: SHORT})
        if not killed:
            assert {run.state for run in runs} == {RunState.UNDONE}
            assert at >= 20
            return
        shutil.rmtree(config.root)


def killed_at_random(planned: Planned, folder: Path, times: int, seed: int) -> int:
    """How often it was killed in the midst of a run that had to be concluded."""
    rng, interesting = random.Random(seed), 0
    whole = copied(planned.root, folder / "whole")
    begun = time.monotonic()
    in_a_process(lambda: apply_all(whole, planned.plan, lambda _: None))
    lasts = time.monotonic() - begun
    for number in range(times):
        config = copied(planned.root, folder / str(number))
        in_a_process(lambda config=config: apply_all(config, planned.plan, lambda _: None), rng.uniform(0, lasts))
        check_known(config)
        with Store.open(config.store_url) as store:
            interesting += any(run.state is RunState.RUNNING for run in store.runs())
        check_whole(config, recovered(config), {RunState.VERIFYING: LONG})
        shutil.rmtree(config.root)
    return interesting


def test_killed_at_random_moments(planned: Planned, tmp_path: Path):
    killed_at_random(planned, tmp_path, times=15, seed=1)


@pytest.mark.campaign
@pytest.mark.skipif(not os.environ.get("DRIFTBOT_CAMPAIGN"), reason="a long run; DRIFTBOT_CAMPAIGN=all runs it")
def test_killed_at_a_thousand_random_moments(planned: Planned, tmp_path: Path):
    assert killed_at_random(planned, tmp_path, times=1000, seed=2) > 50


def test_two_at_once_never_work_on_one_subject(planned: Planned, tmp_path: Path):
    config = copied(planned.root, tmp_path / "two")
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            _apply_and_say(config, planned.plan, tmp_path)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    told = [path.read_text() for path in sorted(tmp_path.glob("told-*"))]
    assert len(told) == 4
    assert sum(one == "applied" for one in told) >= 1
    assert set(told) <= {"applied", "held"}, told
    with Store.open(config.store_url) as store:
        done = [step for run in store.runs() for step in run.steps if step.effect and "so already" not in step.detail]
    assert len(done) == len(JOBS), "a file was changed twice"
    assert deadlines(config.root, JOBS) == dict.fromkeys(JOBS, LONG)


def _apply_and_say(config: Config, plan: Plan, folder: Path) -> None:
    told = "failed"
    try:
        apply_all(config, plan, lambda _: time.sleep(0.002))
        told = "applied"
    except (LeaseHeld, StoreBusy):
        told = "held"
    except BaseException as error:
        told = repr(error)
    finally:
        (folder / f"told-{os.getpid()}").write_text(told)
        os._exit(0)
