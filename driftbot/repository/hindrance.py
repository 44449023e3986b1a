"""What keeps a change from being written: a person's commit, a file that has moved, a place or a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftbot.core.harmless import harmless
from driftbot.repository.attributes import check_attributes, filtered
from driftbot.repository.clone import Clone
from driftbot.repository.examination import Examined
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.standing import Seen, State
from driftbot.repository.tree import check_place


def hindrances(clone: Clone, examined: Sequence[Examined], seen: Seen) -> Mapping[str, RepositoryFailure]:
    """Why changes must not be written, by branch: a person's commit, a file that has moved, a place or a filter.

    Raises:
        RepositoryFailure: git does not tell.
    """
    found = {}
    writable = []
    for one in examined:
        try:
            _check(one, seen)
            writable.append(one)
        except RepositoryFailure as failure:
            found[one.change.branch] = failure
    if writable:
        refused = check_attributes(clone.git, seen.base, tuple(one.change for one in writable), writable[0].at_base)
        for one in writable:
            for path in sorted(refused.keys() & set(one.change.paths)):
                found[one.change.branch] = filtered(path, refused[path])
    return found


def _check(one: Examined, seen: Seen) -> None:
    branch, standing = one.change.branch, one.standing
    if branch == seen.branch:
        raise RepositoryFailure(Fault.UNFIT_CHANGE, f"{branch} is the base itself; a change has a branch of its own")
    if standing.remote.state is State.PERSONS:
        raise persons_commit(branch, standing.remote.why)
    if standing.moved:
        paths = ", ".join(harmless(path) for path in standing.moved)
        raise RepositoryFailure(
            Fault.MOVED, f"{seen.branch} has changed {paths} since the change was made", "plan it again"
        )
    for path in one.change.paths:
        check_place(path, one.at_base)


def persons_commit(branch: str, why: str) -> RepositoryFailure:
    """The failure that keeps a person's work from being overwritten."""
    return RepositoryFailure(
        Fault.PERSONS_COMMIT,
        f"the branch {branch} at the remote is not driftbot's alone: {harmless(why)}",
        "merge it, or delete it, and run again",
    )
