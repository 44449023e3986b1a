"""Git, asked and never obeyed: nothing is written or fetched, and no program of a repository's configuration runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TIMEOUT_SECONDS = 120.0
"""How long one question may take (ours: ten thousand commits are told within seconds)."""

QUIET = (
    *("-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "log.showSignature=false"),
    *("-c", "log.follow=false", "-c", "log.showRoot=true", "-c", "blame.showRoot=false"),
    # In a partial clone git would fetch what is missing; a bare repository inside a tree is nobody's own.
    *("-c", "protocol.allow=never", "-c", "safe.bareRepository=explicit"),
    *("--no-optional-locks", "--literal-pathspecs"),
)
"""Arguments that switch off what a repository's configuration would run, and every access to the network."""

WHOLE = "clone without --filter to have it all"
"""What to do about a partial clone."""

DEEPER = "the clone is shallow; fetch the whole branch (fetch-depth: 0)"
"""Why a shallow clone does not tell, and what to do about it."""

NO_REPOSITORY = "it is in no git repository"

_PLACES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"})
"""Where a hook says that its own repository is: it may be another one than the folder's."""


class NotAnswered(Exception):
    """Git does not tell, and why, in a sentence; ``silent`` where git itself gave no reason."""

    def __init__(self, reason: str, *, silent: bool = False) -> None:
        super().__init__(reason)
        self.silent = silent


def environment() -> dict[str, str]:
    """The process's environment for git: plain English, nobody to ask for a password, the folder's own repository."""
    own = {name: value for name, value in os.environ.items() if name not in _PLACES}
    return {**own, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}


def in_repository(folder: Path) -> bool:
    """Whether the folder lies in a working tree, told without starting git."""
    real = folder.resolve()
    return any((parent / ".git").exists() for parent in (real, *real.parents))


def ask(folder: Path, *arguments: str, told: bytes = b"", timeout: float = TIMEOUT_SECONDS) -> bytes:
    """What ``git <arguments>`` prints in the folder; ``told`` is its standard input.

    Raises:
        NotAnswered: git is missing, refuses, or takes longer than ``timeout`` seconds.
    """
    try:
        done = subprocess.run(
            ["git", *QUIET, *arguments],
            cwd=folder, env=environment(), input=told, capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise NotAnswered("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise NotAnswered(f"git {arguments[0]} took longer than {timeout:g} s") from None
    except (OSError, ValueError) as error:
        raise NotAnswered(f"git could not be started: {error}") from None
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()
        raise NotAnswered(_reason(complaint, arguments[0]), silent=not complaint)
    return done.stdout


def is_shallow(folder: Path) -> bool:
    """Whether the clone lacks what lies before some of its commits.

    Raises:
        NotAnswered: git does not tell.
    """
    return ask(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _reason(complaint: str, command: str) -> str:
    if "not a git repository" in complaint:
        return NO_REPOSITORY
    if "dubious ownership" in complaint:
        return "the repository belongs to another user; git config --global --add safe.directory allows reading it"
    if "lazy fetching disabled" in complaint or ("transport" in complaint and "not allowed" in complaint):
        return f"the clone is partial, and what it lacks is not fetched; {WHOLE}"
    return f"git {command}: {complaint.splitlines()[0] if complaint else 'failed without a word'}"
