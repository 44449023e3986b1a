"""Why a change does not reach a repository: the kind of obstacle, in words, and what a person can do."""

from __future__ import annotations

from enum import StrEnum

from driftbot.core.failure import Failure


class Fault(StrEnum):
    """The kinds of obstacle.

    ``PERSONS_COMMIT``: the branch is not ours alone, it is never overwritten. ``MOVED``: a file is not what the change
    was made for. ``RACED``: somebody was faster; look again. ``REJECTED``: a hook of the remote said no. ``FILTERED``:
    what git stores is not what people see (LFS, encryption, line ends). ``INCOMPLETE``: the clone lacks what is needed.
    """

    NO_GIT = "no_git"
    NO_REPOSITORY = "no_repository"
    NO_REMOTE = "no_remote"
    NO_BASE = "no_base"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    REJECTED = "rejected"
    PROTECTED = "protected"
    RACED = "raced"
    PERSONS_COMMIT = "persons_commit"
    MOVED = "moved"
    UNSAFE_PATH = "unsafe_path"
    UNFIT_CHANGE = "unfit_change"
    FILTERED = "filtered"
    NAME_TAKEN = "name_taken"
    LOCKED = "locked"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    INCOMPLETE = "incomplete"
    SIGNING = "signing"
    OTHER = "other"


class RepositoryFailure(Failure):
    """A repository does not take a change, or does not tell. ``str`` is a sentence, ``next_step`` what to do.

    ``uncertain`` where the remote may have taken it all the same: read it back before anything is tried again.
    """

    def __init__(self, kind: Fault, message: str, next_step: str = "", *, uncertain: bool = False) -> None:
        super().__init__(message, next_step)
        self.kind, self.uncertain = kind, uncertain
