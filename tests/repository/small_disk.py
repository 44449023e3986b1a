"""A change written where the disk is full or read-only: ``unshare -rm python small_disk.py FOLDER CASE``.

It runs in a mount namespace of its own, so that a real file system can be filled and made read-only. Prints the kind of
each failure, and how publishing ended once there was room again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from driftbot.repository.failure import RepositoryFailure
from driftbot.repository.upstream import Upstream
from tests.repository.scene import Scene, change, run

NOISE = os.urandom(400_000)
LITTER = ("fast_import_crash", "tmp_")


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def attempt(upstream: Upstream, base: str) -> str:
    try:
        return upstream.publish(change(base, NOISE)).ended
    except RepositoryFailure as failure:
        sys.stderr.write(f"{failure} -- {failure.next_step}\n")
        return failure.kind


def disk(folder: Path) -> Path:
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=4m", "none", str(folder))
    return folder


def tried(folder: Path, case: str) -> list[str]:
    small = disk(folder / "small")
    scene = Scene(small)
    if case == "remote-full":
        moved = disk(folder / "far") / "up.git"
        shutil.move(scene.bare, moved)
        scene.clone.git("remote", "set-url", "origin", str(moved))
        scene.bare = moved
    upstream = scene.upstream()
    base = upstream.fetch().base
    filler = scene.bare.parent / "filler"
    if case == "read-only":
        mount("-o", "remount,ro", str(small))
    else:
        fill(filler, room=300_000 if case == "nearly-full" else 0)
    told = [attempt(upstream, base), str(scene.remote_tip())]
    if case == "read-only":
        mount("-o", "remount,rw", str(small))
    filler.unlink(missing_ok=True)
    told.append(attempt(upstream, base))
    for place in (scene.bare, scene.clone.root):
        assert run(place, "fsck", "--strict", "--no-dangling") == ""
    litter = [path.name for path in (scene.clone.root / ".git").rglob("*") if path.name.startswith(LITTER)]
    return [*told, *litter]


def fill(filler: Path, room: int) -> None:
    """Leave this many bytes."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            os.ftruncate(file.fileno(), filler.stat().st_size - room)


if __name__ == "__main__":
    os.environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull)
    print(*tried(Path(sys.argv[1]), sys.argv[2]))
