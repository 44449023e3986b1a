"""What goes on between nights: alarms, nights on demand, failures, two processes, a store that cannot be read."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from driftbot.config import Config, parse_config
from driftbot.core.exit_code import ExitCode
from driftbot.serve.chat_link import Decided
from driftbot.serve.child import StopStep
from driftbot.serve.errand import Errand, ErrandKind
from driftbot.serve.event_log import EventLog
from driftbot.serve.pages import ScanAnswer
from driftbot.serve.readiness import is_ready
from driftbot.serve.serving import Serving, World
from driftbot.store.store import Store

QUICK = (StopStep(signal.SIGTERM, 1.0), StopStep(signal.SIGKILL, 5.0))
NIGHT = datetime(2026, 5, 3, 2, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Scene:
    """A folder with a store, a clock that is somewhere else in time, and children that are small programs."""

    folder: Path
    began_at: datetime
    programs: dict[ErrandKind, str] = field(default_factory=dict)
    begun: list[Errand] = field(default_factory=list)
    out: StringIO = field(default_factory=StringIO)
    real: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.folder / 'driftbot.db'}"

    def clock(self) -> datetime:
        return self.began_at + (datetime.now(UTC) - self.real)

    def command(self, errand: Errand) -> tuple[str, ...]:
        self.begun.append(errand)
        return (sys.executable, "-c", self.programs.get(errand.kind, "pass"))

    def config(self, text: str = "") -> Config:
        return parse_config(f"serve:\n  jitter: 0s\n{text}".encode(), self.folder / "driftbot.yaml")

    def world(self, look: float = 60.0) -> World:
        return World(self.clock, self.command, look=look, stopping=QUICK)

    def log(self) -> EventLog:
        return EventLog(self.out, self.clock)

    def keep_night(self, as_of: datetime) -> None:
        with (
            Store.open(self.store_url) as store,
            store.lease("test", as_of, timedelta(minutes=1)) as held,
            store.begin_night(held, as_of, as_of) as night,
        ):
            night.add_evaluation((), (), ExitCode.CLEAN, {})
            night.end(as_of + SECOND)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, NIGHT - SECOND)


@pytest.fixture
def store(scene: Scene) -> Iterator[Store]:
    with Store.open(scene.store_url) as opened:
        yield opened


@asynccontextmanager
async def serving(
    scene: Scene, store: Store, look: float = 60.0, text: str = "", **more: bool
) -> AsyncIterator[Serving]:
    config = scene.config(text)
    scene.real = datetime.now(UTC)
    one = Serving(config, store, scene.world(look), scene.log(), **more)
    task = asyncio.ensure_future(one.run())
    try:
        yield one
    finally:
        one.stop()
        await asyncio.wait_for(task, 30)


async def until(true: Callable[[], bool]) -> None:
    async def looked() -> None:
        while not true():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(looked(), 30)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def test_a_planned_night_begins_by_its_alarm_once(scene: Scene, store: Store):
    async def story() -> None:
        async with serving(scene, store) as one:
            await until(lambda: bool(scene.begun))
            assert scene.clock() >= NIGHT
            await until(lambda: one.attempt is not None and one.attempt.ended is not None)

    run(story)
    assert [(errand.kind, errand.planned) for errand in scene.begun] == [(ErrandKind.NIGHT, NIGHT)]


def test_a_missed_night_is_caught_up_at_the_start_and_said_to_be(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=5)
    scene.keep_night(NIGHT - timedelta(days=3))

    async def story() -> None:
        async with serving(scene, store) as one:
            await until(lambda: one.attempt is not None and one.attempt.ended is not None)

    run(story)
    assert [errand.planned for errand in scene.begun] == [NIGHT]
    assert "caught up; 2 missed before it are not caught up" in scene.out.getvalue()


def test_a_night_that_is_kept_is_not_begun_again(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=5)
    scene.keep_night(NIGHT + SECOND)

    async def story() -> None:
        async with serving(scene, store, look=0.05):
            await asyncio.sleep(0.6)

    run(story)
    assert scene.begun == []


def test_a_night_that_kept_nothing_waits_before_it_is_tried_again(scene: Scene, store: Store):
    scene.began_at = NIGHT + SECOND
    scene.programs[ErrandKind.NIGHT] = "import sys; sys.exit(1)"
    scene.keep_night(NIGHT - timedelta(days=1))

    async def story() -> None:
        async with serving(scene, store, look=0.05) as one:
            await until(lambda: one.attempt is not None and one.attempt.exit_code == 1)
            await asyncio.sleep(0.5)

    run(story)
    assert len(scene.begun) == 1


def test_a_night_on_demand(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=9)
    scene.programs[ErrandKind.NIGHT] = "import time; time.sleep(60)"

    async def story() -> None:
        async with serving(scene, store) as one:
            await until(lambda: is_ready(one.ready()))
            assert one.scan() is ScanAnswer.BEGUN
            assert one.scan() is ScanAnswer.RUNNING
            await until(lambda: bool(scene.begun))
            assert one.scan() is ScanAnswer.RUNNING
            one.stop()
            assert one.scan() is ScanAnswer.STOPPING
            assert not is_ready(one.ready())

    run(story)
    assert [errand.planned for errand in scene.begun] == [None]
    assert "stopped, because this process ends" in scene.out.getvalue()


def test_a_slack_that_does_not_answer_keeps_no_child_from_being_ended(scene: Scene, store: Store, monkeypatch):
    scene.began_at = NIGHT + SECOND
    scene.keep_night(NIGHT - timedelta(days=1))
    scene.programs[ErrandKind.NIGHT] = "import time; time.sleep(60)"

    async def story() -> None:
        answers = asyncio.Event()

        async def hangs(_wanted: bool) -> None:
            await asyncio.wait_for(answers.wait(), 20)

        async with serving(scene, store) as one:
            monkeypatch.setattr(one.chat, "keep", hangs)
            await until(lambda: bool(scene.begun))
            one.stop()
            await until(lambda: "stopped, because this process ends" in scene.out.getvalue())
            assert not answers.is_set()
            answers.set()

    run(story)


def test_a_child_that_cannot_be_started_is_told_and_the_lane_is_free_again(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=9)
    scene.keep_night(NIGHT + SECOND)

    async def story() -> None:
        async with serving(scene, store) as one:
            await until(lambda: is_ready(one.ready()))
            scene.programs[ErrandKind.APPLY] = "\0"
            one._decided(Decided(("3f9c2a71b0de", "Ann")))
            await until(lambda: "no child can be started: embedded null byte" in scene.out.getvalue())
            assert one.scan() is ScanAnswer.BEGUN
            await until(lambda: len(scene.begun) > 1)

    run(story)


def test_what_people_decide_in_a_chat_is_applied_in_their_name_and_told(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=9)
    scene.keep_night(NIGHT + SECOND)

    async def story() -> None:
        async with serving(scene, store) as one:
            await until(lambda: is_ready(one.ready()))
            one._decided(Decided(("3f9c2a71b0de", "Ann <ann@example.org>")))
            await until(lambda: bool(scene.begun))
            await until(lambda: "apply.ended" in scene.out.getvalue())

    run(story)
    assert scene.begun[0].arguments == ("apply", "3f9c2a71b0de", "--by=Ann <ann@example.org>")


def test_of_two_processes_one_begins_the_nights_and_the_other_takes_over(scene: Scene, store: Store):
    other = replace(scene, begun=[], out=StringIO())

    async def story() -> None:
        with Store.open(scene.store_url) as second:
            async with serving(scene, store) as first:
                await until(lambda: is_ready(first.ready()))
                async with serving(other, second, look=0.1) as standby:
                    await until(lambda: "this one stands by" in other.out.getvalue())
                    assert standby.scan() is ScanAnswer.STANDING_BY
                    assert not is_ready(standby.ready())
                    await until(lambda: bool(scene.begun))
                    first.stop()
                    await until(lambda: is_ready(standby.ready()) or bool(other.begun))

    run(story)
    assert [errand.planned for errand in scene.begun] == [NIGHT]


def test_a_store_that_cannot_be_read_is_told_and_nothing_begins_until_it_can(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=9)
    scene.keep_night(NIGHT + SECOND)
    store.close()
    path = scene.folder / "driftbot.db"
    good = path.read_bytes()

    async def story() -> None:
        with Store.open(scene.store_url) as opened:
            async with serving(scene, opened, look=0.05) as one:
                await until(lambda: is_ready(one.ready()))
                opened.close()
                path.write_bytes(b"no database at all" * 1000)
                await until(lambda: not is_ready(one.ready()))
                assert any(check.name == "store" and "driftbot.db" in check.told for check in one.ready())
                assert one.alive()
                opened.close()
                for beside in ("-wal", "-shm"):
                    (scene.folder / f"driftbot.db{beside}").unlink(missing_ok=True)
                path.write_bytes(good)
                await until(lambda: is_ready(one.ready()))

    run(story)
    assert scene.begun == []


def test_another_configuration_holds_from_then_on_and_a_bad_one_is_told(scene: Scene, store: Store):
    scene.began_at = NIGHT + timedelta(hours=9)

    async def story() -> None:
        async with serving(scene, store) as one:
            await until(lambda: is_ready(one.ready()))
            one.reload(None, "the file is not valid any more")
            assert not is_ready(one.ready())
            one.reload(scene.config("  cron: 0 12 * * *\n"))
            await until(lambda: is_ready(one.ready()))
            told = next(check.told for check in one.ready() if check.name == "last_night")
            assert "the next one begins 2026-05-03T12:00Z" in told

    run(story)
