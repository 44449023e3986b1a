"""Changes written to git and pushed to a bare repository on the same disk, as ratios to plain git doing the same.

``python -m benchmarks.playbooks.bench_git_change [--files 5000] [--edits 1000] [--branches 1000] [--single 100]``

One commit: so many files of a repository are read and edited, committed and pushed on one branch; plain git writes
the same bytes into a working tree, then ``git add``, ``commit``, ``push``. Branches: as many changes of one file, each
on a branch of its own, at once and one by one; plain git checks out, commits and pushes one after the other. One by one
is measured on ``--single`` branches and taken times the number. The trees of both commits are compared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from driftbot.repository.change import Change, FileChange
from driftbot.repository.failure import RepositoryFailure
from driftbot.repository.upstream import Upstream

BUDGET = 30.0
"""Seconds for 1,000 edits of one repository."""

NOW = datetime(2026, 11, 2, tzinfo=UTC)
OLD, NEW = b"timeout: 30s", b"timeout: 60s"
COMMITTER = {
    "GIT_AUTHOR_NAME": "p", "GIT_AUTHOR_EMAIL": "p@localhost", "GIT_COMMITTER_NAME": "p",
    "GIT_COMMITTER_EMAIL": "p@localhost", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
}  # fmt: skip


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Keep the seconds by the clock that the block takes: most of them are spent in git's processes."""
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def git(folder: Path, *arguments: str) -> str:
    """What plain git prints."""
    command = ["git", "-c", "gc.auto=0", *arguments]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **COMMITTER}, check=True, capture_output=True)
    return done.stdout.decode().strip()


def path_of(number: int) -> str:
    """Fifty teams, each with its services."""
    return f"deploy/team-{number % 50}/service-{number}/values.yaml"


def shop(folder: Path, files: int) -> Path:
    """A clone with a remote; each file has 120 lines."""
    clone = folder / "clone"
    clone.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main", "up.git")
    git(clone, "init", "-q", "-b", "main")
    for number in range(files):
        path = clone / path_of(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"setting-{line}: {number * line % 977}" for line in range(119)]
        path.write_bytes("\n".join([*lines[:60], OLD.decode(), *lines[60:], ""]).encode())
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "The shop")
    git(clone, "remote", "add", "origin", str(folder / "up.git"))
    git(clone, "push", "-q", "origin", "main")
    return clone


def one_commit(clone: Path, edits: int) -> str:
    """Ours: looked at, read, edited, committed, pushed; the tree of the commit."""
    upstream = Upstream.open(clone)
    base = upstream.fetch(["driftbot/all"]).base
    before = upstream.read(base, [path_of(number) for number in range(edits)])
    files = tuple(FileChange(path, body.replace(OLD, NEW)) for path, body in before.items())
    published = upstream.publish(Change("driftbot/all", "all", "Raise the timeouts", files, base, NOW))
    return git(clone, "rev-parse", f"{published.commit}^{{tree}}")


def plain_commit(clone: Path, edits: int) -> str:
    """Plain git: written, added, committed, pushed; the tree of the commit."""
    git(clone, "checkout", "-q", "-b", "plain-all")
    for number in range(edits):
        path = clone / path_of(number)
        path.write_bytes(path.read_bytes().replace(OLD, NEW))
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "Raise the timeouts")
    git(clone, "push", "-q", "origin", "plain-all")
    return git(clone, "rev-parse", "HEAD^{tree}")


def changes(upstream: Upstream, count: int, prefix: str) -> list[Change]:
    """Changes of one file each."""
    base = upstream.fetch().base
    before = upstream.read(base, [path_of(number) for number in range(count)])
    edited = [(path, body.replace(OLD, NEW)) for path, body in sorted(before.items())]
    return [Change(f"{prefix}/{n}", str(n), "Raise it", (FileChange(*one),), base, NOW) for n, one in enumerate(edited)]


def plain_branches(clone: Path, count: int) -> None:
    """Plain git, branch after branch."""
    for number in range(count):
        git(clone, "checkout", "-q", "-B", f"plain/{number}", "main")
        path = clone / path_of(number)
        path.write_bytes(path.read_bytes().replace(OLD, NEW))
        git(clone, "commit", "-q", "-a", "-m", "Raise it")
        git(clone, "push", "-q", "origin", f"plain/{number}")


def main() -> int:
    """Print the table; 1 where a target is missed or the bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in (("files", 5000), ("edits", 1000), ("branches", 1000), ("single", 100)):
        parser.add_argument(f"--{name}", type=int, default=size)
    sizes = parser.parse_args()
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        ours, plain = shop(Path(name, "ours"), sizes.files), shop(Path(name, "plain"), sizes.files)
        with timed(seconds, "one commit"):
            tree = one_commit(ours, sizes.edits)
        with timed(seconds, "one commit, plain git"):
            same = tree == plain_commit(plain, sizes.edits)
        git(plain, "checkout", "-q", "main")
        upstream = Upstream.open(ours)
        single = changes(upstream, sizes.single, "single")
        with timed(seconds, "one by one"):
            for one in single:
                upstream.publish(one)
        with timed(seconds, "one by one, plain git"):
            plain_branches(plain, sizes.single)
        with timed(seconds, "branches"):
            outcomes = upstream.publish_all(changes(upstream, sizes.branches, "many"))
        same = same and not any(isinstance(outcome, RepositoryFailure) for outcome in outcomes)
    return report(sizes, seconds, same)


def report(sizes: argparse.Namespace, seconds: dict[str, float], same: bool) -> int:
    """The table, and 1 where a target is missed."""
    print(f"{sizes.files:,} files of 120 lines; {sizes.edits:,} edited in one commit; {sizes.branches:,} branches,")
    print(f"{sizes.single:,} one by one; a bare remote on the same disk; seconds by the clock")
    plain = seconds["one by one, plain git"] * sizes.branches / sizes.single
    rows = {
        "one commit": (seconds["one commit"], seconds["one commit, plain git"]),
        "branches at once": (seconds["branches"], plain),
        "branches one by one": (seconds["one by one"] * sizes.branches / sizes.single, plain),
    }
    for name, (own, peer) in rows.items():
        print(f"{name:20} {own:8.2f} s   plain git {peer:8.2f} s   ratio {own / peer:5.2f}")
    print(f"the same bytes: {'yes' if same else 'NO'}")
    late = max(seconds["one commit"], seconds["branches"]) > BUDGET
    print(f"one commit, and branches at once, within {BUDGET:.0f} s: {'NO' if late else 'yes'}")
    return int(late or not same)


if __name__ == "__main__":
    sys.exit(main())
