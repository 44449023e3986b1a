"""Trials: something is done to a world by a driftbot that is killed, recovered (killed again, perhaps) and judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.campaigns.crash.crash_checker import known, whole
from tests.campaigns.crash.doomed import Death, Ended, Order
from tests.campaigns.crash.planted import Case
from tests.campaigns.crash.records import Records, read_records
from tests.campaigns.crash.world import APPLIED, FRESH, World
from tests.repository.orphan import awaited

ROOT = Path(__file__).parents[3]
AGAIN = 0.3
"""How often recovering is killed, too."""


class Deed(StrEnum):
    """What a person asks for."""

    APPLY = "apply"
    UNDO = "undo"


@dataclass
class Executioner:
    """The process that does what it is ordered and is killed on the way."""

    process: subprocess.Popen[str]

    def order(self, order: Order) -> Ended:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(order)) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return Ended(**{**answer, "passed": tuple(answer["passed"]), "left": tuple(answer["left"])})


@contextmanager
def executioner(folder: Path, config: Path) -> Iterator[Executioner]:
    """A running one; the configuration is read once beforehand, so that not every child takes its time for that."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = [sys.executable, "-m", "tests.campaigns.crash.doomed", str(folder), str(config)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Executioner(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@dataclass(frozen=True)
class Moment:
    """When to kill: at a boundary counted from 0, or so many seconds after the first one."""

    at: int | None = None
    after: float | None = None
    death: Death = Death.ALL


@dataclass
class Arena:
    """A world, who is killed in it, and what was counted."""

    world: World
    case: Case
    killer: Executioner
    random: Random
    mutant: str = ""
    tally: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: dict[Deed, float] = field(default_factory=dict)

    def prepare(self) -> None:
        """Keep the world as it is before anything was done, and as it is once the case was applied."""
        self.world.keep(FRESH)
        if self.case.undoable:
            ended = self._order(self._work(Deed.APPLY), Moment())
            assert not ended.killed and ended.code == 0, ended
            self.world.keep(APPLIED)

    def tried(self, deed: Deed, moment: Moment, recovery: str = "recover") -> Ended:
        """One trial; what the checker has to say goes to ``violations``; ``recovery`` may be ``run``, the night."""
        case = self.case
        self.world.restore(APPLIED if deed is Deed.UNDO else FRESH)
        ended = self._order(self._work(deed), moment)
        self._count(ended)
        where = f"{self.world.way.name} {case.playbook} {deed}, killed after {ended.passed[-1:]} ({moment.death})"
        excused = moment.death is Death.REST_LIVES_ON or bool(ended.left)
        self._judge(where, known(self.world, case, self._records()))
        left = ended.left + self._recovered()
        awaited(left)
        self.world.deployer.settle()
        last = self._order((recovery,), Moment())
        records = self._records()
        self._judge(f"{where}; {last.printed.strip()}", whole(self.world, case, records, excused=excused))
        self._outcome(records, ended)
        return ended

    def boundaries(self, deed: Deed) -> Iterator[Ended]:
        """A trial for each boundary in turn, and one that nobody kills."""
        for at in range(1000):
            ended = self.tried(deed, Moment(at))
            yield ended
            if not ended.killed:
                return

    def _recovered(self) -> tuple[int, ...]:
        """Recovering that is killed again, perhaps several times."""
        left: tuple[int, ...] = ()
        while self.random.random() < AGAIN:
            ended = self._order(("recover",), Moment(self.random.randrange(12)))
            self._count(ended, "recovering ")
            left += ended.left
            if not ended.killed:
                break
        return left

    def _work(self, deed: Deed) -> tuple[str, ...]:
        what = self.world.digests[self.case.playbook] if deed is Deed.APPLY else "1"
        return (deed.value, what, "--by", "ann@example.org")

    def _order(self, work: tuple[str, ...], moment: Moment) -> Ended:
        order = Order(work, str(self.world.config), moment.at, moment.after, moment.death, self.mutant)
        ended = self.killer.order(order)
        crashed = "Traceback" in ended.printed or "defect" in ended.printed
        assert self.mutant or not crashed, ended.printed
        return ended

    def _records(self) -> Records:
        return read_records(self.world.store_url)

    def _judge(self, where: str, wrong: Iterator[str]) -> None:
        self.violations += [f"{where}: {one}" for one in wrong]

    def _count(self, ended: Ended, what: str = "") -> None:
        self.tally[f"{what}killed"] += ended.killed
        self.tally["boundaries passed"] += len(ended.passed)

    def _outcome(self, records: Records, ended: Ended) -> None:
        self.tally["trials"] += 1
        state = records.runs[0].state if records.runs else "not begun"
        self.tally[f"ended {state}"] += 1
        readable = all(step.readable for step in self.world.way.steps_of(self.case))
        self.tally["ended uncertain though it could be read back"] += state == "uncertain" and readable
        self.tally["killed in the midst of a run"] += ended.killed and bool(records.runs)
