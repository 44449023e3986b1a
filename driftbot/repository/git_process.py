"""Git run for writing: without hooks, prompts, housekeeping or whatever surrounds the process, and ended as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from driftbot.git import environment
from driftbot.repository.access import token_of, without_secret
from driftbot.repository.complaint import explained, lock_in
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.stale_lock import removed_if_stale

TIMEOUT_SECONDS = 120.0
"""How long one command of git may take, the network's included."""

GRACE_SECONDS = 5.0
"""How long git may take to remove its locks once it is told to end."""

CONFIGURATION = (
    # Hooks of a clone are its owner's programs, made for its owner's commits: a pre-push hook runs a test suite on the
    # working tree, which is not what is pushed here. The remote's hooks decide, and are heard.
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.pager=cat"),
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.writeCommitGraph=false"),
    *("-c", "commit.gpgSign=false", "-c", "push.gpgSign=false", "-c", "log.showSignature=false"),
    *("-c", "push.followTags=false", "-c", "push.recurseSubmodules=no", "-c", "submodule.recurse=false"),
    # The commands of `ext::` URLs. Git's default leaves them to the user; nobody is there to be asked.
    *("-c", "protocol.ext.allow=never"),
    # What the journal calls done has to outlive a loss of power.
    *("-c", "core.fsync=objects,reference", "-c", "core.fsyncMethod=fsync"),
    *("--literal-pathspecs", "--no-replace-objects"),
)
_ELSEWHERE = ("GIT_TRACE", "GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CURL_VERBOSE", "GIT_QUARANTINE_PATH", "SSH_ASKPASS")
_OBJECTS = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE")
_LAZY = "GIT_NO_LAZY_FETCH"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command of git said, how it ended (0: well), and which process it was."""

    code: int
    out: bytes
    complaint: str
    process: int


@dataclass(frozen=True, slots=True)
class Git:
    """Commands run in one clone. ``options`` and ``variables`` let a token answer for the remote."""

    folder: Path
    timeout: float = TIMEOUT_SECONDS
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def ask(self, *arguments: str, told: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
        """What ``git <arguments>`` prints; a lock of ours that a crash left is removed once.

        Raises:
            RepositoryFailure: git refuses, in words.
        """
        answer = self.run(*arguments, told=told, variables=variables)
        lock = lock_in(answer.complaint) if answer.code else None
        if lock and removed_if_stale(lock, self.timeout):
            answer = self.run(*arguments, told=told, variables=variables)
        if answer.code:
            raise explained(answer.complaint, arguments[0])
        return answer.out

    def run(self, *arguments: str, told: bytes = b"", variables: Mapping[str, str] | None = None) -> Answer:
        """What ``git <arguments>`` says, however it ends.

        It is in a session of its own: Ctrl-C ends it through us, with time to remove its locks, and no program of it
        finds a terminal to ask a person.

        Raises:
            RepositoryFailure: git is missing, or takes longer than ``timeout`` seconds (``uncertain`` of a push alone).
        """
        own = {**surroundings(), **self.variables, **(variables or {})}
        process = self._started([*CONFIGURATION, *self.options, *arguments], own)
        try:
            out, complaint = process.communicate(told, timeout=self.timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            raise RepositoryFailure(
                Fault.UNREACHABLE,
                f"git {arguments[0]} took longer than {self.timeout:g} s and was ended",
                "look whether the remote answers, or allow more time",
                uncertain=arguments[0] == "push",
            ) from None
        except BaseException:
            _end(process)
            raise
        said = without_secret(complaint.decode(errors="replace").strip(), token_of(own))
        return Answer(process.returncode, out, said, process.pid)

    def _started(self, arguments: list[str], own: Mapping[str, str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(
                ["git", *arguments],
                cwd=self.folder, env=own, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            if not self.folder.is_dir():
                raise RepositoryFailure(Fault.NO_REPOSITORY, f"there is no folder {self.folder}") from None
            if isinstance(error, FileNotFoundError):
                raise RepositoryFailure(Fault.NO_GIT, "git is not installed", "install git") from None
            raise RepositoryFailure(Fault.NO_GIT, f"git could not be started: {error}") from None


def surroundings() -> dict[str, str]:
    """The process's environment without what would send git elsewhere, print secrets or ask on a screen.

    What a partial clone lacks is fetched here: unlike reading at night, writing needs the network anyway.
    """
    dropped = (*_ELSEWHERE, *_OBJECTS, _LAZY)
    return {name: value for name, value in environment().items() if not name.startswith(dropped)}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and all that it started: politely first, so that it removes its locks."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):
                stream.close()
