"""Killed between any two steps, and at random moments: nothing half, nothing twice, nobody's work touched."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path

import pytest

from driftbot.repository.boundary import Boundary
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended
from driftbot.repository.standing import State
from driftbot.repository.upstream import Upstream
from tests.repository.crash import perform
from tests.repository.orphan import awaited, children, descendants
from tests.repository.scene import BRANCH, FILE, Scene, change, run, surroundings

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.repository.crash"]

NOTHING, OLD, NEW = State.ABSENT, State.OURS_OLD, State.OURS_SAME


def killed_at(scene: Scene, boundary: Boundary, operation: str) -> None:
    arguments = [*COMMAND, str(scene.clone.root), boundary, operation]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def check_whole(scene: Scene) -> None:
    """Whatever happened: both repositories are sound, and our branch is away or one commit of ours on the base."""
    for place in (scene.bare, scene.clone.root):
        assert run(place, "fsck", "--no-dangling") == ""
    if scene.remote_tip():
        assert scene.at_remote("rev-list", "--count", f"main..{BRANCH}") == "1"
        assert scene.at_remote("diff", "--name-only", "main", BRANCH) == FILE


@pytest.mark.parametrize(
    ("boundary", "own", "remote"),
    [
        (Boundary.LOOKED, NOTHING, NOTHING),
        (Boundary.FETCHED, NOTHING, NOTHING),
        (Boundary.BUILT, NOTHING, NOTHING),
        (Boundary.KEPT, NEW, NOTHING),
        (Boundary.PUSHED, NEW, NEW),
    ],
)
def test_a_new_branch(scene, boundary, own, remote):
    before = surroundings(scene.clone.root)
    wanted = change(scene.clone.head, "timeout: 60s\n")
    killed_at(scene, boundary, "60")
    assert surroundings(scene.clone.root) == before
    upstream = scene.upstream()
    found = upstream.standing(wanted)
    assert (found.own.state, found.remote.state) == (own, remote)
    made = found.own.commit
    published = upstream.publish(wanted)
    assert published.ended is (Ended.UNCHANGED if remote is NEW else Ended.PUSHED)
    assert published.commit == made or made is None
    check_whole(scene)
    assert scene.remote_file() == "timeout: 60s"


@pytest.mark.parametrize(
    ("boundary", "own", "remote"),
    [(Boundary.LOOKED, OLD, OLD), (Boundary.BUILT, OLD, OLD), (Boundary.KEPT, NEW, OLD), (Boundary.PUSHED, NEW, NEW)],
)
def test_a_branch_updated_in_place(scene, boundary, own, remote):
    upstream = scene.upstream()
    perform(upstream, "60")
    wanted = change(scene.clone.head, "timeout: 90s\n")
    killed_at(scene, boundary, "90")
    found = upstream.standing(wanted)
    assert (found.own.state, found.remote.state) == (own, remote)
    check_whole(scene)
    upstream.publish(wanted)
    check_whole(scene)
    assert scene.remote_file() == "timeout: 90s"


@pytest.mark.parametrize("boundary", [Boundary.LOOKED, Boundary.DELETED, Boundary.FORGOTTEN])
def test_a_branch_closed(scene, boundary):
    upstream = scene.upstream()
    perform(upstream, "60")
    killed_at(scene, boundary, "close")
    check_whole(scene)
    perform(upstream, "close")
    assert scene.remote_tip() is None
    assert scene.clone.git("for-each-ref", f"refs/driftbot/**/{BRANCH}") == ""


def test_a_change_kept_before_the_crash_is_pushed_when_wanted_again_only(scene):
    """What was decided meanwhile counts, not what a dead process left."""
    killed_at(scene, Boundary.KEPT, "60")
    scene.upstream().publish(change(scene.clone.head, "timeout: 90s\n"))
    check_whole(scene)
    assert scene.remote_file() == "timeout: 90s"


class Death(StrEnum):
    """How a process ends, and the git that it is running, which has a session of its own and may outlive it.

    What the remote took before is at work there until it is done: whoever looks meanwhile sees what was before it.
    """

    GIT_TOO = "git dies with it"
    GIT_ENDS_FIRST = "git ends by itself before anybody looks"
    GIT_LIVES_ON = "git still runs while the next process starts"


def kill(process: subprocess.Popen[bytes], death: Death) -> list[int]:
    """End it at once; the processes that were at work for it, the remote's among them, which nobody kills."""
    os.kill(process.pid, signal.SIGSTOP)
    git, running = children(process.pid), descendants(process.pid)
    for one in (*(git if death is Death.GIT_TOO else []), process.pid):
        os.kill(one, signal.SIGKILL)
    process.wait()
    if death is not Death.GIT_LIVES_ON:
        awaited(running)
    return running


def time_passes(scene: Scene) -> None:
    """Locks of ours that a killed git left are an hour old now; a person removed the one that is not ours."""
    for lock in (scene.clone.root / ".git/refs/driftbot").rglob("*.lock"):
        os.utime(lock, (time.time() - 3600,) * 2)
    (scene.clone.root / ".git/packed-refs.lock").unlink(missing_ok=True)


def settled(upstream: Upstream, base: str) -> None:
    """A git that outlived its Python may still hold a lock for a moment."""
    for _ in range(50):
        try:
            upstream.publish(change(base, "timeout: 1s\n"))
            return
        except RepositoryFailure as failure:
            assert failure.kind in (Fault.LOCKED, Fault.RACED), failure
            time.sleep(0.05)
    raise AssertionError("the lock stays")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc: nobody knows which git a process runs")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("times", [12, pytest.param(1000, marks=pytest.mark.campaign)])
def test_random_moments(scene, times):
    if times > 12 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    moments = random.Random(times)
    before = surroundings(scene.clone.root)
    upstream = scene.upstream()
    base = upstream.fetch().base
    for number in range(times):
        death = list(Death)[number % 3]
        process = subprocess.Popen([*COMMAND, str(scene.clone.root)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout and process.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0, 0.3))
        running = kill(process, death)
        process.stdout.close()
        time_passes(scene)
        if death is not Death.GIT_LIVES_ON:
            found = upstream.standing(change(base, "timeout: 1s\n"))
            assert {found.own.state, found.remote.state} <= {NOTHING, OLD, NEW}, (death, found)
            check_whole(scene)
        settled(upstream, base)
        awaited(running)
        settled(upstream, base)
        check_whole(scene)
        assert scene.remote_file() == "timeout: 1s"
        assert surroundings(scene.clone.root) == before
