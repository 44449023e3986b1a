"""Every playbook killed at every boundary and at a thousand random moments: nothing half, nothing lost, nothing twice.

What kills, what is killed and who judges are three: a process that forks driftbot's own command line and ends it with
SIGKILL, the real files, remote, store and servers, and a checker that shares nothing with the runner. Ten ways to break
running and recovery on purpose show that the checker can fail. A seeded sample runs with every test run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from driftbot.forges.options import ForgeKind
from tests.campaigns.crash.arena import Arena, Deed, Executioner, Moment, executioner
from tests.campaigns.crash.doomed import Death
from tests.campaigns.crash.mutants import MUTANTS
from tests.campaigns.crash.outside import Deployer, deployer
from tests.campaigns.crash.planted import SHIPPED, Case, Way, own_cases
from tests.campaigns.crash.world import World
from tests.forges.bench import Bench, bench
from tests.servers.alertmanager import AlertmanagerServer
from tests.store.postgresql import postgresql

OWN = tuple(case.playbook for case in own_cases(""))
EVERYWHERE = [
    *(("folder", case.playbook) for case in SHIPPED),
    *(("folder", playbook) for playbook in OWN),
    *((way, case.playbook) for way in ("branch", "request") for case in SHIPPED if case.edits),
]
"""Every playbook, those that change files in each of the ways that a configuration can say."""
PARTS, MOMENTS = 10, 100
"""A thousand random moments, in parts that are told one by one."""
SAMPLE = [
    ("folder", "chain"),
    ("folder", "blind-request"),
    ("branch", "raise-job-deadline"),
    ("request", "set-probe-timeout"),
]
WHOLE = [
    pytest.mark.campaign,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not os.environ.get("DRIFTBOT_CAMPAIGN"), reason="a long run; DRIFTBOT_CAMPAIGN=all runs it"),
]
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="no /proc: nobody knows what a process runs"
)


@dataclass
class Stage:
    """The servers, the executioner, and an arena for every case that was asked for."""

    folder: Path
    deployer: Deployer
    forges: dict[ForgeKind, Bench]
    stack: ExitStack
    killers: list[Executioner] = field(default_factory=list)
    arenas: dict[tuple[str, str], Arena] = field(default_factory=dict)

    def arena(self, way: str, playbook: str, seed: int | None = None, **more: object) -> Arena:
        """The arena of a case, its counts begun anew."""
        if (way, playbook) not in self.arenas:
            self.arenas[way, playbook] = self.built(way, playbook, "here", **more)
        arena = self.arenas[way, playbook]
        arena.random, arena.mutant = Random(f"{way} {playbook}" if seed is None else seed), ""
        arena.tally, arena.violations = Counter(), []
        return arena

    def built(self, way: str, playbook: str, where: str, **more: object) -> Arena:
        """A new arena in a folder that is called after all three."""
        folder = self.folder / f"{way}-{playbook}-{where}"
        (case,) = (one for one in (*SHIPPED, *own_cases(str(folder), silences=True)) if one.playbook == playbook)
        kind = ForgeKind.GITLAB if playbook in ("issue", "set-probe-timeout") else ForgeKind.GITHUB
        world = World(folder, Way(way, {playbook: case}), self.deployer, self.forges[kind], **more)  # type: ignore[arg-type]
        world.plant()
        if not self.killers:
            self.killers.append(self.stack.enter_context(executioner(self.folder, world.config)))
        arena = Arena(world, case, self.killers[0], Random(1))
        arena.prepare()
        return arena


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        forges = {kind: stack.enter_context(bench(kind)) for kind in ForgeKind}
        yield Stage(tmp_path_factory.mktemp("crash"), stack.enter_context(deployer()), forges, stack)


def _deeds(case: Case) -> tuple[Deed, ...]:
    return tuple(Deed) if case.undoable else (Deed.APPLY,)


def _told(what: str, tally: Counter[str]) -> None:
    print(f"{what}: " + ", ".join(f"{count:,} {name}" for name, count in sorted(tally.items()) if count))


@pytest.mark.parametrize(("way", "playbook"), [pytest.param(*one, marks=WHOLE) for one in EVERYWHERE])
def test_killed_at_every_boundary(stage: Stage, way: str, playbook: str):
    arena = stage.arena(way, playbook)
    for deed in _deeds(arena.case):
        ended = list(arena.boundaries(deed))
        assert [one.killed for one in ended] == [True] * (len(ended) - 1) + [False]
        arena.tally["boundaries"] += len(ended) - 1
    _told(f"{way} {playbook}", arena.tally)
    assert arena.violations == []
    assert arena.tally["boundaries"] >= 10


def killed_at_random(stage: Stage, places: list[tuple[str, str]], times: int, seed: int) -> Counter[str]:
    """Kills at moments between the first boundary and the end; whatever driftbot runs then dies, ends or lives on."""
    random, tally, violations = Random(seed), Counter[str](), []
    while tally["moments"] < times:
        arena = stage.arena(*places[tally["moments"] % len(places)], seed=random.randrange(2**32))
        deed = random.choice(_deeds(arena.case))
        if deed not in arena.seconds:
            arena.seconds[deed] = arena.tried(deed, Moment()).seconds
        moment = Moment(after=random.uniform(0, arena.seconds[deed]), death=random.choice(list(Death)))
        ended = arena.tried(deed, moment)
        tally += arena.tally
        tally["moments"] += ended.killed
        tally[f"death: {moment.death}"] += ended.killed
        violations += arena.violations
    _told(f"{times:,} random moments", tally)
    assert violations == []
    return tally


@pytest.mark.parametrize("part", [pytest.param(part, marks=WHOLE) for part in range(PARTS)])
def test_killed_at_a_thousand_random_moments(stage: Stage, part: int):
    tally = killed_at_random(stage, EVERYWHERE, MOMENTS, seed=100 + part)
    assert tally["killed in the midst of a run"] > 0.8 * MOMENTS


def test_a_sample_is_killed_at_boundaries_and_at_random_moments(stage: Stage):
    random, tally = Random(3), Counter[str]()
    for way, playbook in SAMPLE:
        arena = stage.arena(way, playbook)
        for deed in _deeds(arena.case):
            for recovery in ("recover", "run"):
                arena.tried(deed, Moment(random.randrange(2, 20)), recovery)
        assert arena.violations == []
        tally += arena.tally
    _told("sample", tally)
    assert tally["killed in the midst of a run"] >= 5
    killed_at_random(stage, SAMPLE, 4, seed=4)


CAUGHT = {
    "intent after the effect": ("folder", "raise-job-deadline", Deed.APPLY),
    "nothing is read back": ("folder", "raise-job-deadline", Deed.APPLY),
    "what was begun is done again": ("folder", "command", Deed.APPLY),
    "the blind are believed": ("folder", "blind-command", Deed.APPLY),
    "the key is forgotten": ("folder", "slow-request", Deed.APPLY),
    "approvals are not kept": ("folder", "raise-job-deadline", Deed.APPLY),
    "undoing is not taken up": ("folder", "raise-job-deadline", Deed.UNDO),
    "undoing is believed": ("folder", "raise-job-deadline", Deed.UNDO),
    "nothing is undone after a failure": ("folder", "broken-chain", Deed.APPLY),
    "everything looks done": ("folder", "raise-job-deadline", Deed.APPLY),
}
QUICK = ("intent after the effect", "nothing is read back", "the key is forgotten", "the blind are believed")
"""Mutants that every test run tries; the others wait for the campaign."""


@pytest.mark.parametrize("mutant", [pytest.param(one, marks=() if one in QUICK else WHOLE) for one in MUTANTS])
def test_the_checker_notices_what_is_broken_on_purpose(stage: Stage, mutant: str):
    way, playbook, deed = CAUGHT[mutant]
    arena = stage.arena(way, playbook)
    arena.mutant = mutant
    for _ in arena.boundaries(deed):
        if arena.violations:
            print(f"{mutant}: {arena.violations[0]}")
            return
    pytest.fail(f"killed at every boundary, and nothing was noticed: {mutant}")


@pytest.mark.server
@pytest.mark.parametrize("times", [2, pytest.param(1000, marks=WHOLE)])
def test_a_store_on_postgresql(stage: Stage, times: int):
    with postgresql() as server:
        arena = stage.built("branch", "raise-job-deadline", "on-postgresql", store=server.make())
        for at in range(times):
            if not arena.tried(Deed.APPLY, Moment(at if times > 2 else 6 + 6 * at)).killed:
                break
    _told("PostgreSQL", arena.tally)
    assert arena.violations == []
    assert arena.tally["killed in the midst of a run"] >= 2


@pytest.mark.server
@pytest.mark.parametrize("times", [pytest.param(1000, marks=WHOLE)])
def test_a_silence_on_a_real_alertmanager(stage: Stage, times: int, alertmanager_server):
    pager: AlertmanagerServer = alertmanager_server("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    arena = stage.arena("folder", "silence", pager=pager)
    for deed in Deed:
        ended = list(arena.boundaries(deed))
        arena.tally["boundaries"] += len(ended) - 1
        assert len(ended) < times
    _told("folder silence", arena.tally)
    assert arena.violations == []
