"""Looking at the remote: what it has of the base and of our branches, fetched so that it can be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftbot.repository.boundary import Boundary
from driftbot.repository.clone import Clone, is_one_name, with_network
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.references import OWN, SEEN, Move, move, references
from driftbot.repository.remote import BRANCHES, Advertised, fetch, look
from driftbot.repository.standing import Seen


def see(clone: Clone, branches: Sequence[str]) -> Seen:
    """Look at the remote and fetch what is new of the base and of these branches; once more where it moves meanwhile.

    Raises:
        RepositoryFailure: ``NO_BASE``, ``UNREACHABLE``, ``DENIED`` and others; nothing was changed.
    """
    try:
        return _see(clone, branches)
    except RepositoryFailure as failure:
        if failure.kind is not Fault.RACED:
            raise
    return _see(clone, branches)


def last_seen(clone: Clone, branches: Sequence[str]) -> Seen | None:
    """What is known without asking the remote; None where it was never looked at, or the base has no name."""
    if clone.base is None:
        return None
    known = _known(clone, clone.base, branches)
    base = known.get(_kept(clone, clone.base))
    if base is None:
        return None
    tips = {branch: known.get(_kept(clone, branch)) for branch in branches}
    return Seen(clone.base, base, tips, _own(known, branches))


def _see(clone: Clone, branches: Sequence[str]) -> Seen:
    base, offered = _offered(clone, branches)
    known = _known(clone, base, branches)
    clone.terms.boundary(Boundary.LOOKED)
    there = {branch: offered[branch] for branch in branches if branch in offered}
    held = set(known.values())
    new = [branch for branch, commit in there.items() if commit not in held]
    # The base is kept even if another reference of ours names it: that one may go.
    stale_base = known.get(_kept(clone, base)) != offered[base]
    if new or stale_base:
        _fetch(clone, base if stale_base else None, new)
        known = _known(clone, base, branches)
        clone.terms.boundary(Boundary.FETCHED)
    _drop_gone(clone, known, [branch for branch in branches if branch not in there])
    tips = {branch: known[_kept(clone, branch)] if branch in new else there.get(branch) for branch in branches}
    return Seen(base, known[_kept(clone, base)], tips, _own(known, branches))


def _offered(clone: Clone, branches: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """The base's name, and by name the commits of the base and of those branches that are there."""
    git = with_network(clone)
    wanted = [clone.base] if clone.base else []
    apart = clone.place != clone.remote
    first = look(git, clone.remote, wanted if apart else [*wanted, *branches])
    base = clone.base or first.default
    commit = first.commits.get(f"{BRANCHES}{base}" if clone.base else "HEAD")
    if base is None or commit is None or not is_one_name(base):
        raise _no_base(clone, first)
    second = look(git, clone.place, branches) if apart else first
    there = {name.removeprefix(BRANCHES): one for name, one in second.commits.items() if name.startswith(BRANCHES)}
    return base, {**there, base: commit}


def _fetch(clone: Clone, base: str | None, branches: Sequence[str]) -> None:
    git = with_network(clone)
    bases = {base: _kept(clone, base)} if base else {}
    ours = {branch: _kept(clone, branch) for branch in branches}
    portions = {clone.remote: {**bases, **ours}} if clone.place == clone.remote else {
        clone.remote: bases, clone.place: ours,
    }  # fmt: skip
    for place, kept in portions.items():
        if kept:
            fetch(git, place, kept)


def _drop_gone(clone: Clone, known: Mapping[str, str], branches: Sequence[str]) -> None:
    names = [name for branch in branches if (name := _kept(clone, branch)) in known]
    move(clone.git, [Move(name, None, known[name]) for name in names], clone.format.null)


def _known(clone: Clone, base: str, branches: Sequence[str]) -> Mapping[str, str]:
    names = [name for branch in branches for name in (f"{OWN}{branch}", _kept(clone, branch))]
    return references(clone.git, [_kept(clone, base), *names])


def _own(known: Mapping[str, str], branches: Sequence[str]) -> Mapping[str, str]:
    return {branch: known[f"{OWN}{branch}"] for branch in branches if f"{OWN}{branch}" in known}


def _kept(clone: Clone, branch: str) -> str:
    return kept_as(clone.remote, branch)


def kept_as(remote: str, branch: str) -> str:
    """The reference of ours that keeps what was last seen of a branch."""
    return f"{SEEN}{remote}/{branch}"


def _no_base(clone: Clone, advertised: Advertised) -> RepositoryFailure:
    if not advertised.commits and not clone.base:
        return RepositoryFailure(
            Fault.NO_BASE,
            f"the remote {clone.remote} has no branch that its HEAD names: it is empty, or HEAD names a missing one",
            "push a first commit, or name the base branch",
        )
    default = f" (its default is {advertised.default})" if advertised.default else ""
    return RepositoryFailure(
        Fault.NO_BASE,
        f"the remote {clone.remote} has no branch {clone.base}{default}",
        "name the branch that changes are merged into",
    )
