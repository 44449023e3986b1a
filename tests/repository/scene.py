"""A bare remote, the clone that driftbot writes through, and a person's clone, all of them real."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from driftbot.repository.change import Change, FileChange
from driftbot.repository.clone import Terms
from driftbot.repository.upstream import Upstream
from tests.git_repository import GitRepository

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
BRANCH = "driftbot/3f9c2a"
KEY = "3f9c2a"
FILE = "deploy/cart.yaml"
FILES: dict[str, str | None] = {FILE: "timeout: 30s\nretries: 3\n", "README.md": "A shop.\n"}
SHA1 = "sha1"


class Scene:
    def __init__(self, folder: Path, object_format: str = SHA1) -> None:
        self.folder, self.bare = folder, folder / "up.git"
        run(folder, "init", "-q", "--bare", "-b", "main", f"--object-format={object_format}", str(self.bare))
        self.clone = GitRepository(folder / "clone", object_format=object_format)
        self.clone.commit("The shop", FILES)
        self.clone.git("remote", "add", "origin", str(self.bare))
        self.clone.git("push", "-q", "origin", "main")
        run(folder, "clone", "-q", str(self.bare), str(folder / "person"))
        self.person = GitRepository(folder / "person")

    def upstream(self, terms: Terms | None = None, base: str | None = None) -> Upstream:
        return Upstream.open(self.clone.root, base=base, terms=terms)

    def at_remote(self, *arguments: str) -> str:
        return run(self.bare, *arguments)

    def remote_tip(self, branch: str = BRANCH) -> str | None:
        return self.at_remote("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def remote_file(self, path: str = FILE, branch: str = BRANCH) -> str:
        return self.at_remote("cat-file", "blob", f"{branch}:{path}")

    def hook(self, name: str, script: str) -> Path:
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        path.chmod(0o755)
        return path

    def person_adds(self, branch: str = BRANCH, files: Mapping[str, str | None] | None = None) -> str:
        """A person fetches, adds a commit to a branch (the remote's, or a new one on main) and pushes it."""
        self.person.git("fetch", "-q", "origin")
        there = self.person.git("for-each-ref", f"refs/remotes/origin/{branch}")
        self.person.git("checkout", "-q", "-B", branch, f"origin/{branch}" if there else "origin/main")
        commit = self.person.commit("By hand", dict(files or {"README.md": "A shop, by hand.\n"}))
        self.person.git("push", "-q", "origin", branch)
        return commit


def run(folder: Path, *arguments: str) -> str:
    """What git prints there; nothing of the machine's configuration counts."""
    own = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def change(base: str, after: str | bytes | None = "timeout: 60s\nretries: 3\n", path: str = FILE) -> Change:
    body = after.encode() if isinstance(after, str) else after
    return Change(BRANCH, KEY, "Raise cart's timeout\n\nSee the review.", (FileChange(path, body),), base, NOW)


def numbered(base: str, number: int) -> Change:
    """One of many changes, each on a branch of its own."""
    one = change(base, f"timeout: {number}s\n")
    return replace(one, branch=f"driftbot/{number}", key=str(number))


def surroundings(root: Path) -> tuple[object, ...]:
    """All of a clone that is its owner's: files, index, HEAD, branches, what is stashed or under way."""
    files = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and ".git" not in path.parts}
    folder = root / ".git"
    own = {name: (folder / name).read_bytes() for name in ("HEAD", "index") if (folder / name).exists()}
    heads = run(root, "for-each-ref", "refs/heads", "refs/tags", "refs/stash")
    return files, own, heads, sorted(path.name for path in folder.iterdir())
