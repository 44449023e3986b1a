"""A delivery into Slack killed at every boundary and at random moments: afterwards each message stands once.

What kills, what is killed and who judges are three: a process that forks a delivery with slack_sdk's own client and the
real store and ends it with SIGKILL; the sandbox, which does nothing for whoever posts twice; and a checker that shares
nothing with the delivery. Ways to break delivering on purpose show that the checker can fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import pytest

from driftbot.sandbox.sandbox import Sandbox
from driftbot.store.access import Access
from driftbot.store.store import Store
from tests.campaigns.slack.delivery_checker import Shown, known, rows, shown, whole
from tests.campaigns.slack.doomed import Ended, Order
from tests.campaigns.slack.mutants import MUTANTS
from tests.campaigns.slack.nights import NIGHTS

ROOT = Path(__file__).parents[3]
AGAIN = 0.3
"""How often going on is killed, too."""
PARTS, MOMENTS = 5, 100
"""Five hundred random moments, in parts that are told one by one."""
WHOLE = [
    pytest.mark.campaign,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not os.environ.get("DRIFTBOT_CAMPAIGN"), reason="a long run; DRIFTBOT_CAMPAIGN=all runs it"),
]


@dataclass
class Arena:
    """A Slack, a process that delivers and is killed, and what was counted."""

    folder: Path
    sandbox: Sandbox
    killer: subprocess.Popen[str]
    random: Random = field(default_factory=lambda: Random(1))
    mutant: str = ""
    tally: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    calm: dict[str, list[Shown]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    trials: int = 0

    def prepare(self) -> None:
        """A store that knows nothing yet, and what both nights look like where nobody is killed."""
        with Store.open(f"sqlite:///{self.folder / 'fresh.db'}", Access.MAKE):
            pass
        (self.folder / "token").write_text(self.sandbox.token)
        channel = self._channel()
        for night in NIGHTS:
            ended = self._ordered(night, channel)
            assert not ended.killed and ended.code == 0
            self.calm[night], self.seconds[night] = self._shown(channel), ended.seconds

    def tried(self, night: str, at: int | None = None, after: float | None = None) -> Ended:
        """One delivery that is killed, then others that go on; what the checker has to say goes to ``violations``."""
        channel = self._channel()
        if night == "second":
            self._ordered("first", channel, mutant="")
        ended = self._ordered(night, channel, at, after)
        self._count(ended)
        if not ended.killed:
            self.seconds[night] = ended.seconds  # the machine is less busy than it was, or busier
        where = f"{night} night, killed after {ended.passed[-1:]} ({len(ended.passed)} boundaries)"
        if night == "first":  # on the second one some of what stands is forgotten, as it should be
            self._judge(where, known(self._shown(channel), rows(self._store(channel))))
        while ended.killed and self.random.random() < AGAIN:
            self._count(self._ordered(night, channel, at=self.random.randrange(12)), "going on ")
        last = self._ordered(night, channel)
        assert self.mutant or last.code == 0
        self._judge(where, whole(self._shown(channel), rows(self._store(channel)), self.calm[night]))
        return ended

    def _ordered(
        self, night: str, channel: str, at: int | None = None, after: float | None = None, mutant: str | None = None
    ) -> Ended:
        assert self.killer.stdin is not None and self.killer.stdout is not None
        order = Order(
            night, channel, f"sqlite:///{self._store(channel)}", self.sandbox.api_url, str(self.folder / "token"), at,
            after, self.mutant if mutant is None else mutant,
        )  # fmt: skip
        self.killer.stdin.write(json.dumps(asdict(order)) + "\n")
        self.killer.stdin.flush()
        answer = json.loads(self.killer.stdout.readline())
        self._settle()
        return Ended(**{**answer, "passed": tuple(answer["passed"])})

    def _settle(self) -> None:
        """Wait until what the killed one had sent already is answered: Slack does not know that nobody listens."""
        same, before = 0, -1
        while same < 4:
            calls = len(self.sandbox.log)
            same, before = (same + 1, before) if calls == before else (0, calls)
            time.sleep(0.005)

    def _channel(self) -> str:
        self.trials += 1
        name = f"trial-{self.trials}"
        self.sandbox.add_channel(name)
        self._store(name).write_bytes((self.folder / "fresh.db").read_bytes())
        return name

    def _store(self, channel: str) -> Path:
        return self.folder / f"{channel}.db"

    def _shown(self, channel: str) -> list[Shown]:
        view = self.sandbox.channel(channel)
        return shown(view.everything, view.messages)

    def _judge(self, where: str, wrong: Iterator[str]) -> None:
        self.violations += [f"{where}: {one}" for one in wrong]

    def _count(self, ended: Ended, what: str = "") -> None:
        self.tally["trials"] += not what
        self.tally[f"{what}killed"] += ended.killed
        self.tally["boundaries passed"] += len(ended.passed)
        self.tally["killed in the midst"] += ended.killed and bool(ended.passed) and not what


@contextmanager
def arena_in(folder: Path) -> Iterator[Arena]:
    command = [sys.executable, "-W", "error", "-m", "tests.campaigns.slack.doomed"]
    killer = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with killer, Sandbox() as sandbox:
        made = Arena(folder, sandbox, killer)
        made.prepare()
        yield made
        assert killer.stdin is not None
        killer.stdin.close()
        assert killer.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    with arena_in(tmp_path_factory.mktemp("slack")) as made:
        yield made


@pytest.fixture
def arena(shared: Arena) -> Arena:
    shared.random, shared.mutant, shared.tally, shared.violations = Random(7), "", Counter(), []
    return shared


def told(what: str, tally: Counter[str]) -> None:
    print(f"{what}: " + ", ".join(f"{count:,} {name}" for name, count in sorted(tally.items()) if count))


def killed_at_random(arena: Arena, times: int, seed: int) -> None:
    arena.random = Random(seed)
    while arena.tally["killed in the midst"] < times:
        night = arena.random.choice(list(NIGHTS))
        arena.tried(night, after=arena.random.uniform(0, arena.seconds[night]))
        assert arena.tally["trials"] < 20 + 10 * times
    told(f"{times:,} random moments", arena.tally)
    assert arena.violations == []


@pytest.mark.parametrize("night", [pytest.param(one, marks=WHOLE) for one in NIGHTS])
def test_killed_at_every_boundary(arena: Arena, night: str):
    at = 0
    while arena.tried(night, at).killed:
        at += 1
    told(f"{night} night", arena.tally)
    assert arena.violations == []
    assert at >= 15


@pytest.mark.parametrize("part", [pytest.param(part, marks=WHOLE) for part in range(PARTS)])
def test_killed_at_five_hundred_random_moments(arena: Arena, part: int):
    killed_at_random(arena, MOMENTS, seed=100 + part)


def test_a_sample_is_killed_at_boundaries_and_at_random_moments(arena: Arena):
    for night in NIGHTS:
        for at in arena.random.sample(range(15), 4):
            assert arena.tried(night, at).killed
    killed_at_random(arena, 12, seed=4)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_checker_notices_what_is_broken_on_purpose(arena: Arena, mutant: str):
    arena.mutant = mutant
    for at in range(12):
        arena.tried("first", at)
        if arena.violations:
            print(f"{mutant}: {arena.violations[0]}")
            return
    pytest.fail(f"killed at every boundary, and nothing was noticed: {mutant}")
