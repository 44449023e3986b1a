"""Changes brought to the remote: judged, built, kept in the clone, pushed; a race is run once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from driftbot.repository.boundary import Boundary
from driftbot.repository.building import Draft, build
from driftbot.repository.change import Change
from driftbot.repository.clone import Clone, with_network
from driftbot.repository.examination import Examined, examine
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.hindrance import hindrances
from driftbot.repository.references import OWN, Move, move
from driftbot.repository.remote import BRANCHES, Push, look, push
from driftbot.repository.seal import Seal
from driftbot.repository.seeing import see
from driftbot.repository.standing import Seen, State


class Ended(StrEnum):
    """How publishing ended: a new branch, ours replaced, nothing to do, or the base has it all already."""

    PUSHED = "pushed"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Published:
    """A change that is at the remote: the commit that ends its branch (None: merged, and there is no branch)."""

    branch: str
    ended: Ended
    commit: str | None
    base: str


Outcome = Published | RepositoryFailure


def publish(clone: Clone, changes: Sequence[Change], seen: Seen | None = None) -> tuple[Outcome, ...]:
    """Bring each change to its branch; what became of each, in their order. One that fails keeps no other back.

    ``seen`` is a look that was just taken; without it, of another branch, and after a lost race the remote is looked
    at anew.

    Raises:
        RepositoryFailure: nothing was pushed: the remote cannot be seen, or the clone not be written.
    """
    ended: dict[int, Outcome] = dict(_unfit(changes))
    for last in (False, True):
        waiting = {number: change for number, change in enumerate(changes) if number not in ended}
        if waiting:
            outcomes = _tried(clone, list(waiting.values()), None if last else seen, last=last)
            told = zip(waiting, outcomes, strict=True)
            ended.update((number, outcome) for number, outcome in told if last or not _raced(outcome))
    return tuple(ended[number] for number in range(len(changes)))


def keep(clone: Clone, examined: Sequence[Examined], seen: Seen) -> tuple[str, ...]:
    """The commits of these changes, built where they are not there yet, and kept under ``refs/driftbot/heads/``.

    Raises:
        RepositoryFailure: the clone cannot be written, or somebody else moved a reference of ours.
    """
    there = [_there(one) for one in examined]
    drafts = [_draft(one, seen) for one, commit in zip(examined, there, strict=True) if commit is None]
    terms = clone.terms
    built = iter(build(clone.git, drafts, terms.identity, terms.signing, clone.git_folder) if drafts else ())
    terms.boundary(Boundary.BUILT)
    commits = tuple(commit or next(built) for commit in there)
    kept = ((one.change.branch, commit) for one, commit in zip(examined, commits, strict=True))
    moves = [Move(f"{OWN}{branch}", commit, seen.own.get(branch)) for branch, commit in kept]
    move(clone.git, moves, clone.format.null)
    terms.boundary(Boundary.KEPT)
    return commits


def _unfit(changes: Sequence[Change]) -> Mapping[int, RepositoryFailure]:
    found = {}
    branches: set[str] = set()
    for number, change in enumerate(changes):
        try:
            change.check()
        except RepositoryFailure as failure:
            found[number] = failure
        if change.branch in branches:
            found[number] = RepositoryFailure(Fault.UNFIT_CHANGE, f"two changes are for the branch {change.branch}")
        branches.add(change.branch)
    return found


def _tried(clone: Clone, changes: Sequence[Change], seen: Seen | None, *, last: bool) -> Sequence[Outcome]:
    """One attempt; a race for a reference of ours is lost by all of them."""
    branches = [change.branch for change in changes]
    now = seen if seen and seen.tips.keys() >= set(branches) else see(clone, branches)
    try:
        return _attempt(clone, changes, now)
    except RepositoryFailure as failure:
        if last or not _raced(failure):
            raise
        return [failure] * len(changes)


def _raced(outcome: Outcome) -> bool:
    return isinstance(outcome, RepositoryFailure) and outcome.kind is Fault.RACED


def _attempt(clone: Clone, changes: Sequence[Change], seen: Seen) -> list[Outcome]:
    examined = examine(clone, changes, seen)
    ended: dict[str, Outcome] = {}
    for one in examined:
        if done := _done(one, seen):
            ended[one.change.branch] = done
    ended.update(hindrances(clone, [one for one in examined if one.change.branch not in ended], seen))
    writing = [one for one in examined if one.change.branch not in ended]
    if writing:
        ended.update(_pushed(clone, writing, keep(clone, writing, seen), seen))
    return [ended[change.branch] for change in changes]


def _done(one: Examined, seen: Seen) -> Published | None:
    """What needs no writing: the base has it, or our branch is at the remote as it has to be."""
    at_remote = one.standing.remote
    endings = {State.MERGED: Ended.MERGED, State.OURS_SAME: Ended.UNCHANGED}
    if at_remote.state not in endings or one.change.branch == seen.branch:
        return None
    return Published(one.change.branch, endings[at_remote.state], at_remote.commit, seen.base)


def _there(one: Examined) -> str | None:
    """The commit that makes this change already."""
    own = one.standing.own
    return own.commit if own.state is State.OURS_SAME else None


def _draft(one: Examined, seen: Seen) -> Draft:
    seal = Seal(one.change.key, seen.base, one.content)
    return Draft(one.change, seal.on(one.change.message), seen.base, one.at_base)


def _pushed(clone: Clone, writing: Sequence[Examined], commits: Sequence[str], seen: Seen) -> Mapping[str, Outcome]:
    branches = [one.change.branch for one in writing]
    pushes = [Push(b, commit, seen.tips.get(b)) for b, commit in zip(branches, commits, strict=True)]
    try:
        refused = push(with_network(clone), clone.place, pushes)
    except RepositoryFailure as failure:
        refused = _read_back(clone, pushes, failure) if failure.uncertain else dict.fromkeys(branches, failure)
    clone.terms.boundary(Boundary.PUSHED)
    return {one.branch: refused[one.branch] or _published(one, seen) for one in pushes}


def _published(one: Push, seen: Seen) -> Published:
    ended = Ended.REPLACED if one.expected else Ended.PUSHED
    return Published(one.branch, ended, one.commit, seen.base)


def _read_back(
    clone: Clone, pushes: Sequence[Push], failure: RepositoryFailure
) -> Mapping[str, RepositoryFailure | None]:
    """What a push did whose end was not heard: what is at the remote now was taken, of the rest nobody can tell yet."""
    try:
        there = look(with_network(clone), clone.place, [one.branch for one in pushes]).commits
    except RepositoryFailure:
        there = {}
    return {one.branch: None if there.get(f"{BRANCHES}{one.branch}") == one.commit else failure for one in pushes}
