"""Our branches deleted, at the remote and in the clone, as long as they are ours."""

from __future__ import annotations

from enum import StrEnum

from driftbot.repository.boundary import Boundary
from driftbot.repository.change import check_branch
from driftbot.repository.clone import Clone, with_network
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.hindrance import persons_commit
from driftbot.repository.references import OWN, Move, move, references
from driftbot.repository.remote import Push, push
from driftbot.repository.seeing import kept_as, see
from driftbot.repository.tip import tips


class Closed(StrEnum):
    """How closing ended: we deleted the branch, or it was not there."""

    DELETED = "deleted"
    GONE = "gone"


def close(clone: Clone, branch: str, key: str, expected: str | None = None) -> Closed:
    """Delete our branch for this drift; ``expected`` is the commit that it must end with, None for any of ours.

    Raises:
        RepositoryFailure: ``PERSONS_COMMIT`` where it is not ours alone or ends otherwise, ``RACED``, ``DENIED`` and
            others; the branch stands then.
    """
    check_branch(branch)
    seen = see(clone, [branch])
    end = seen.tips.get(branch)
    if branch == seen.branch:
        raise RepositoryFailure(Fault.UNFIT_CHANGE, f"{branch} is the base itself; it is not deleted")
    if end is not None:
        _check(clone, branch, key, end, expected)
        failure = push(with_network(clone), clone.place, [Push(branch, None, end)])[branch]
        if failure:
            raise failure
        clone.terms.boundary(Boundary.DELETED)
    _forget(clone, branch)
    return Closed.GONE if end is None else Closed.DELETED


def _check(clone: Clone, branch: str, key: str, end: str, expected: str | None) -> None:
    foreign = tips(clone.git, [end])[end].foreign(clone.terms.identity, key)
    if not foreign and expected not in (None, end):
        foreign = f"it ends with {end}, not with {expected}"
    if foreign:
        raise persons_commit(branch, foreign)


def _forget(clone: Clone, branch: str) -> None:
    known = references(clone.git, [f"{OWN}{branch}", kept_as(clone.remote, branch)])
    move(clone.git, [Move(name, None, commit) for name, commit in known.items()], clone.format.null)
    clone.terms.boundary(Boundary.FORGOTTEN)
