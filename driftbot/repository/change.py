"""What is to be written: one commit on one branch, with whole files as they are to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.harmless import harmless
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.file_path import check_path

_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*(?:/[A-Za-z0-9_][A-Za-z0-9._+-]*)*")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file by its path from the repository's root, and its bytes after the change; None takes it away.

    The bytes are those that git stores (``Upstream.read`` gives them), not those of a working tree, which filters and
    line-end settings may have turned into others.
    """

    path: str
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Change:
    """One commit that is to stand alone on ``branch``.

    ``key`` names the drift: a branch whose commit has another key is not ours to update. ``base`` is the commit that
    the files' new bytes were made from; where one of them is another by now, the change is refused. ``at`` is when it
    is written. ``message`` is the caller's text; what makes the commit recognisable is added below it.
    """

    branch: str
    key: str
    message: str
    files: tuple[FileChange, ...]
    base: str
    at: datetime

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its files, as they were given."""
        return tuple(file.path for file in self.files)

    def check(self) -> None:
        """Refuse what no git repository should be asked to store.

        Raises:
            RepositoryFailure: ``UNSAFE_PATH`` or ``UNFIT_CHANGE``.
        """
        check_branch(self.branch)
        check_commit(self.base)
        for path in self.paths:
            check_path(path)
        reason = self._unfit()
        if reason:
            raise RepositoryFailure(Fault.UNFIT_CHANGE, f"the change on {self.branch}: {reason}")

    def _unfit(self) -> str:
        if not _KEY.fullmatch(self.key):
            return f"its key {harmless(self.key)!r} is not 1 to 200 visible ASCII characters without a space"
        if not self.files:
            return "it changes no file"
        if len(set(self.paths)) != len(self.files):
            return "it names a file twice"
        if self.at.tzinfo is None:
            return "its time has no zone"
        return "" if self.message.strip() and "\0" not in self.message else "its message is empty or has a NUL"


def check_branch(branch: str) -> None:
    """Refuse a name that git, a shell or a forge could take for something else than one branch.

    Narrower than git's own rule (``git check-ref-format``): ASCII letters, digits and ``._+-`` between slashes.

    Raises:
        RepositoryFailure: ``UNFIT_CHANGE``.
    """
    ends_badly = any(part.endswith((".", ".lock")) or ".." in part for part in branch.split("/"))
    if not _BRANCH.fullmatch(branch) or ends_badly or len(branch) > 200:
        raise RepositoryFailure(
            Fault.UNFIT_CHANGE,
            f"{harmless(branch)!r} is no branch's name that is written to",
            "use letters, digits and ._+- between slashes",
        )


def check_commit(name: str) -> None:
    """Refuse what is not the full name of a commit.

    Raises:
        RepositoryFailure: ``UNFIT_CHANGE``.
    """
    if not _COMMIT.fullmatch(name):
        raise RepositoryFailure(
            Fault.UNFIT_CHANGE, f"{harmless(name)!r} is no commit", "name it by its full hash, as fetching gives it"
        )
