"""Git as a child: ended as a whole by Ctrl-C and by its time limit."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.git_process import Git
from driftbot.repository.publishing import Ended
from tests.repository.orphan import awaited, is_alive
from tests.repository.scene import Scene, change, run
from tests.repository.test_crash import COMMAND, ROOT


def written(path: Path) -> str:
    for _ in range(300):
        if path.exists() and path.read_text().strip():
            return path.read_text().strip()
        time.sleep(0.05)
    raise AssertionError(f"{path} was not written")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_git_and_all_that_it_runs_and_leaves_no_lock(scene: Scene, how):
    """SIGTERM ends Python without a word to git: its child ends by itself, and what it did is read back."""
    note = scene.folder / "hook"
    hook = scene.hook("pre-receive", f"echo $$ >{note}; exec sleep 5")
    process = subprocess.Popen([*COMMAND, str(scene.clone.root)], cwd=ROOT, stdout=-1, stderr=-1)
    running = int(written(note))
    os.kill(process.pid, how)
    process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert not is_alive(running)
        assert not list((scene.clone.root / ".git").rglob("*.lock"))
    hook.unlink()
    awaited([running])
    upstream = scene.upstream()
    assert upstream.publish(change(upstream.fetch().base)).ended in (Ended.PUSHED, Ended.REPLACED)
    assert run(scene.bare, "fsck", "--no-dangling") == ""


def test_a_command_that_takes_too_long_is_ended(scene):
    with pytest.raises(RepositoryFailure, match=r"took longer than 0\.2 s and was ended") as caught:
        Git(scene.clone.root, timeout=0.2).ask("-c", "alias.wait=!sleep 30", "wait")
    assert caught.value.kind is Fault.UNREACHABLE
    assert not caught.value.uncertain


def test_git_that_is_not_installed(scene, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryFailure, match="git is not installed") as caught:
        Git(scene.clone.root).ask("version")
    assert caught.value.kind is Fault.NO_GIT
