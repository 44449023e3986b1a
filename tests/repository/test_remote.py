"""What a remote refuses, and what comes between: hooks, protection, locks, names in the way, races, silence."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from driftbot.repository.boundary import Boundary
from driftbot.repository.clone import Terms
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.publishing import Ended, Published
from driftbot.repository.standing import State
from tests.repository.scene import BRANCH, FILE, KEY, Scene, change, numbered, run

REFUSING = r"""
echo 'Changes to deploy/ need a ticket.'
printf '\033[31mred\033[0m \342\200\256 <!channel>\n'
for line in 1 2 3 4 5 6 7 8 9; do echo "line $line"; done
exit 1
"""


def refused(scene: Scene, **options: object) -> RepositoryFailure:
    upstream = scene.upstream(**options)  # type: ignore[arg-type]
    with pytest.raises(RepositoryFailure) as caught:
        upstream.publish(change(scene.clone.head))
    assert scene.remote_tip() is None
    return caught.value


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_what_a_refusing_hook_says_is_told_without_what_a_terminal_would_obey(scene, hook):
    scene.hook(hook, REFUSING)
    failure = refused(scene)
    assert failure.kind is Fault.REJECTED
    assert not failure.uncertain
    assert "Changes to deploy/ need a ticket." in str(failure)
    assert r"\x1b[31mred" in str(failure)
    assert "\x1b" not in str(failure)
    assert "‮" not in str(failure)
    assert "line 3" in str(failure)
    assert "line 9" not in str(failure)


def test_a_hook_that_refuses_one_branch_does_not_hold_the_others_back(scene):
    scene.hook("pre-receive", 'while read old new ref; do test "$ref" != refs/heads/driftbot/3 || exit 1; done')
    upstream = scene.upstream()
    base = upstream.fetch().base
    outcomes = upstream.publish_all([numbered(base, number) for number in range(7)])
    assert [isinstance(one, Published) for one in outcomes] == [True, True, True, False, True, True, True]


def test_a_protected_branch(scene):
    scene.hook("update", "echo 'GL-HOOK-ERR: You are not allowed to push to a protected branch.'; exit 1")
    assert refused(scene).kind is Fault.PROTECTED


def test_a_name_in_the_way(scene):
    scene.person_adds("driftbot")
    assert refused(scene).kind is Fault.NAME_TAKEN


def test_a_lock_that_a_crash_left_at_the_remote(scene):
    lock = scene.bare / f"refs/heads/{BRANCH}.lock"
    lock.parent.mkdir()
    lock.touch()
    failure = refused(scene)
    assert failure.kind is Fault.LOCKED
    assert lock.name in str(failure)


def own_lock(scene: Scene, age: float) -> Path:
    lock = scene.clone.root / f".git/refs/driftbot/heads/{BRANCH}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    os.utime(lock, (time.time() - age,) * 2)
    return lock


def test_a_fresh_lock_on_a_reference_of_ours_is_somebodys(scene):
    lock = own_lock(scene, 1)
    failure = refused(scene)
    assert failure.kind is Fault.LOCKED
    assert str(lock) in str(failure)
    assert lock.exists()


def test_a_lock_of_ours_that_is_older_than_any_command_is_removed(scene):
    lock = own_lock(scene, 1000)
    assert scene.upstream().publish(change(scene.clone.head)).ended is Ended.PUSHED
    assert not lock.exists()


def test_a_lock_of_other_references_is_never_removed(scene):
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    scene.clone.git("pack-refs", "--all")
    lock = scene.clone.root / ".git/packed-refs.lock"
    lock.touch()
    os.utime(lock, (time.time() - 10_000,) * 2)
    with pytest.raises(RepositoryFailure) as caught:
        upstream.close(BRANCH, KEY)
    assert caught.value.kind is Fault.LOCKED
    assert lock.exists()


class Meanwhile:
    """Somebody does something once, at the first of these boundaries."""

    def __init__(self, boundary: Boundary, deed: object, times: int = 1) -> None:
        self.boundary, self.deed, self.times = boundary, deed, times

    def __call__(self, name: str) -> None:
        if name == self.boundary and self.times:
            self.times -= 1
            self.deed()  # type: ignore[operator]


def test_a_person_who_pushes_the_branch_meanwhile_wins(scene):
    theirs: list[str] = []
    meanwhile = Meanwhile(Boundary.KEPT, lambda: theirs.append(scene.person_adds()))
    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream(Terms(boundary=meanwhile)).publish(change(scene.clone.head))
    assert caught.value.kind is Fault.PERSONS_COMMIT
    assert scene.remote_tip() == theirs[0]


def test_a_person_who_adds_to_our_branch_meanwhile_wins(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    upstream.publish(change(base))
    theirs: list[str] = []
    meanwhile = Meanwhile(Boundary.KEPT, lambda: theirs.append(scene.person_adds()))
    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream(Terms(boundary=meanwhile)).publish(change(base, "timeout: 90s\n"))
    assert caught.value.kind is Fault.PERSONS_COMMIT
    assert scene.remote_tip() == theirs[0]


def test_another_runner_that_was_faster_is_found_and_nothing_done_twice(scene):
    other = scene.upstream()
    wanted = change(scene.clone.head)
    pushed: list[Published] = []
    run(scene.folder, "clone", "-q", str(scene.bare), "second")
    second = replace(other, clone=type(other).open(scene.folder / "second").clone)
    meanwhile = Meanwhile(
        Boundary.KEPT, lambda: pushed.append(second.publish(replace(wanted, at=wanted.at.replace(2027))))
    )
    published = scene.upstream(Terms(boundary=meanwhile)).publish(wanted)
    assert published == replace(pushed[0], ended=Ended.UNCHANGED)


def test_a_branch_deleted_while_it_is_looked_at(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    scene.person_adds()
    meanwhile = Meanwhile(Boundary.LOOKED, lambda: scene.at_remote("update-ref", "-d", f"refs/heads/{BRANCH}"))
    assert scene.upstream(Terms(boundary=meanwhile)).publish(change(base)).ended is Ended.PUSHED


def test_a_race_lost_twice_is_told(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    upstream.publish(change(base))

    def flap() -> None:
        new = "" if scene.remote_tip() else base
        scene.at_remote("update-ref", *(["-d"] if not new else []), f"refs/heads/{BRANCH}", *([new] if new else []))

    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream(Terms(boundary=Meanwhile(Boundary.KEPT, flap, 2))).publish(change(base, "timeout: 90s\n"))
    assert caught.value.kind is Fault.RACED


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_remote_that_says_nothing_is_given_up(scene, silent):
    scene.clone.git("remote", "set-url", "origin", f"git://127.0.0.1:{silent}/up.git")
    with pytest.raises(RepositoryFailure, match=r"took longer than 0\.5 s") as caught:
        scene.upstream(Terms(timeout=0.5)).fetch()
    assert caught.value.kind is Fault.UNREACHABLE


def test_a_remote_that_nobody_answers_for(scene):
    scene.clone.git("remote", "set-url", "origin", "http://127.0.0.1:1/up.git")
    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream().fetch()
    assert caught.value.kind is Fault.UNREACHABLE
    assert not caught.value.uncertain


def test_a_push_whose_answer_is_lost_is_read_back(scene):
    """The remote takes the branch, then does not end its answer."""
    scene.hook("post-receive", "sleep 30")
    upstream = scene.upstream()
    base = upstream.fetch().base
    published = scene.upstream(Terms(timeout=3)).publish(change(base))
    assert (published.ended, published.commit) == (Ended.PUSHED, scene.remote_tip())


def test_a_remote_that_does_not_tell_in_time_was_not_pushed_to(scene):
    base = scene.upstream().fetch().base
    program = scene.folder / "slow"
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    scene.clone.git("config", "remote.origin.uploadpack", str(program))
    with pytest.raises(RepositoryFailure, match="git ls-remote took longer than") as caught:
        scene.upstream(Terms(timeout=1)).publish(change(base))
    assert not caught.value.uncertain
    assert scene.remote_tip() is None


def test_a_push_of_which_nobody_can_tell_is_uncertain(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    scene.hook("pre-receive", "sleep 30")
    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream(Terms(timeout=1)).publish(change(base))
    assert caught.value.uncertain
    assert upstream.standing(change(base)).own.state is State.OURS_SAME


@pytest.fixture
def daemon(scene: Scene) -> Iterator[str]:
    """The remote behind git's own server, which lets everybody push."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", f"--base-path={scene.folder}", "--reuseaddr",
               "--export-all", "--enable=receive-pack"]  # fmt: skip
    process = subprocess.Popen(command, start_new_session=True)
    url = f"git://127.0.0.1:{port}/up.git"
    for _ in range(100):
        if subprocess.run(["git", "ls-remote", url], capture_output=True, check=False).returncode == 0:
            break
        threading.Event().wait(0.1)
    yield url
    os.killpg(process.pid, 15)
    process.wait()


def test_over_gits_own_protocol(scene, daemon):
    scene.clone.git("remote", "set-url", "origin", daemon)
    upstream = scene.upstream()
    base = upstream.fetch().base
    assert upstream.publish(change(base)).ended is Ended.PUSHED
    assert upstream.publish(change(base, "timeout: 90s\n")).ended is Ended.REPLACED
    assert scene.remote_file() == "timeout: 90s"
    upstream.close(BRANCH, KEY)
    assert scene.remote_tip() is None
    assert FILE in scene.at_remote("ls-tree", "-r", "--name-only", "main")
