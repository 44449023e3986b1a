"""Full and read-only disks, real ones: what was good stays good, and the next try succeeds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """The command that gives a child file systems of its own, or a loud skip."""
    command = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no process have a mount namespace (unshare -rm): no disk can be filled")
    return command


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("full", "disk_full None pushed"),
        ("nearly-full", "disk_full None pushed"),
        ("remote-full", "disk_full None pushed"),
        ("read-only", "read_only None pushed"),
    ],
)
def test_what_a_disk_refuses_is_told_and_succeeds_later(namespace, tmp_path, case, told):
    script = [sys.executable, "-m", "tests.repository.small_disk", str(tmp_path), case]
    done = subprocess.run([*namespace, *script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == told, done.stderr
