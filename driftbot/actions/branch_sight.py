"""How a branch and its base stand to what the branch is to hold: waiting, merged, declined, or somebody else's."""

from __future__ import annotations

from driftbot.actions.action import Sight, Standing, Tools
from driftbot.actions.branch_intent import BranchIntent, Pushed
from driftbot.core.canonical import canonical
from driftbot.edits.edit import Refused
from driftbot.repository.change import Change, FileChange
from driftbot.repository.publishing import Ended
from driftbot.repository.standing import Place, Seen, State
from driftbot.repository.upstream import Upstream


def branch_sight(repository: Upstream, intent: BranchIntent, done: Pushed | None, seen: Seen, tools: Tools) -> Sight:
    """The base and the branch at the remote, held against the intent; ``done`` is what pushing gave, where known."""
    bodies = repository.read(seen.base, intent.paths)
    at_base = intent.standing(bodies)
    if at_base is Standing.AFTER:
        return Sight(Standing.AFTER, f"{seen.branch} of {repository.url} has the change")
    if at_base is Standing.BEFORE and was_merged(repository, done, seen):
        return Sight(Standing.DECLINED, f"{intent.branch} was merged, and taken back since")
    if was_merged(repository, done, seen):
        return Sight(Standing.OTHER, f"{intent.branch} was merged, and {seen.branch} has been changed since")
    try:
        change = change_of(intent, intent.made(bodies), seen.base, tools)
    except Refused as refusal:
        return _without_base(intent, done, seen, refusal)
    remote = repository.standing(change, seen).remote
    return _by_branch(intent, done, remote, seen.base)


def was_merged(repository: Upstream, done: Pushed | None, seen: Seen) -> bool:
    """Whether the commit that was pushed is part of the base's history."""
    return done is not None and done.commit is not None and repository.has(seen.base, done.commit)


def change_of(intent: BranchIntent, files: tuple[FileChange, ...], base: str, tools: Tools) -> Change:
    """The commit that these files are, for the repository."""
    return Change(intent.branch, intent.key, intent.message, files, base, tools.clock())


def body_of(pushed: Pushed) -> str:
    """What was pushed, for the journal."""
    return canonical(pushed.model_dump(mode="json"))


def _by_branch(intent: BranchIntent, done: Pushed | None, remote: Place, base: str) -> Sight:
    """The standing of a change that the base has not, by what the branch at the remote is to it."""
    branch, why, commit = intent.branch, remote.why, remote.commit
    match remote.state:
        case State.OURS_SAME:
            return _waiting(intent, commit, base)
        case State.OURS_OLD if done is not None:
            return _waiting(intent, commit, base)
        case State.PERSONS if done is not None:
            return Sight(Standing.PENDING, f"{branch} waits to be merged; {why}")
        case State.PERSONS:
            return Sight(Standing.OTHER, f"{branch} is not driftbot's alone: {why}")
        case State.ABSENT if done is not None:
            return Sight(Standing.DECLINED, f"{branch} was deleted without being merged")
        case State.UNREADABLE:
            return Sight(Standing.UNREADABLE, why)
        case _:
            return Sight(Standing.BEFORE, f"{branch} does not have the change, and the base takes it")


def _without_base(intent: BranchIntent, done: Pushed | None, seen: Seen, refusal: Refused) -> Sight:
    """The base has something else by now; a branch that waits is people's to merge or to close."""
    if done is None:
        return Sight(Standing.OTHER, f"{seen.branch}: {refusal.reason}")
    if seen.tips.get(intent.branch) is None:
        return Sight(Standing.DECLINED, f"{intent.branch} was deleted without being merged")
    return Sight(Standing.PENDING, f"{intent.branch} waits, and {seen.branch} has changed beneath it")


def _waiting(intent: BranchIntent, commit: str | None, base: str) -> Sight:
    body = body_of(Pushed(branch=intent.branch, commit=commit, base=base, ended=Ended.UNCHANGED))
    if intent.wait:
        return Sight(Standing.PENDING, f"{intent.branch} waits to be merged", body=body)
    return Sight(Standing.AFTER, f"{intent.branch} has the change", body=body)
