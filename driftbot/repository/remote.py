"""The remote: what it has, what is fetched of it, and branches pushed only over what was last seen there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from driftbot.repository.complaint import explained, meaning, said_by_remote
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.git_process import Git

BRANCHES = "refs/heads/"
_PORTION = 200
"""Branches in one push: some forges refuse many more at once, and their names have to fit a command line."""

_STATUS = re.compile(r"(?P<flag>[ +\-*=!])\t[^\t]*:(?P<name>[^\t]+)\t(?P<told>.*)")
_REASON = re.compile(r"\((?P<reason>.*)\)$")


@dataclass(frozen=True, slots=True)
class Advertised:
    """What a remote offers: commits by the full name of the reference, and the branch that its HEAD names."""

    commits: Mapping[str, str]
    default: str | None


@dataclass(frozen=True, slots=True)
class Push:
    """A branch is to be ``commit`` at the remote (None: gone), if it is ``expected`` there (None: not there)."""

    branch: str
    commit: str | None
    expected: str | None


def look(git: Git, place: str, branches: Iterable[str]) -> Advertised:
    """What the remote has of these branches, and its default.

    Raises:
        RepositoryFailure: it cannot be reached, or does not let us in.
    """
    names = [f"{BRANCHES}{branch}" for branch in branches]
    commits: dict[str, str] = {}
    default = None
    for line in git.ask("ls-remote", "--symref", place, "HEAD", *names).decode(errors="replace").splitlines():
        told, _, name = line.partition("\t")
        if told.startswith("ref: "):
            default = told.removeprefix(f"ref: {BRANCHES}") if name == "HEAD" else default
        else:
            commits[name] = told
    return Advertised(commits, default)


def fetch(git: Git, place: str, kept: Mapping[str, str]) -> None:
    """Fetch branches, each into a reference of ours; no tags, no ``FETCH_HEAD``, no tracking branch of a person.

    Raises:
        RepositoryFailure: it cannot be reached, a branch is gone meanwhile, or the disk says no.
    """
    told = "".join(f"+{BRANCHES}{branch}:{reference}\n" for branch, reference in kept.items())
    git.ask(
        *("fetch", "--stdin", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head"),
        *("--no-auto-maintenance", "--recurse-submodules=no", "--refmap=", place),
        told=told.encode(),
    )


def push(git: Git, place: str, pushes: Sequence[Push]) -> Mapping[str, RepositoryFailure | None]:
    """Push these branches; by branch, why it was not taken, or None where it was.

    A person's commit is never overwritten: each push names what the branch has to be at the remote
    (``--force-with-lease`` with the commit). A hook that refuses all because of one is asked again in halves.

    Raises:
        RepositoryFailure: the remote answered for none of them; ``uncertain`` where it may have taken them.
    """
    ended: dict[str, RepositoryFailure | None] = {}
    for start in range(0, len(pushes), _PORTION):
        ended.update(_pushed(git, place, pushes[start : start + _PORTION]))
    return ended


def _pushed(git: Git, place: str, pushes: Sequence[Push]) -> dict[str, RepositoryFailure | None]:
    leases = [f"--force-with-lease={BRANCHES}{one.branch}:{one.expected or ''}" for one in pushes]
    refspecs = [f"{one.commit or ''}:{BRANCHES}{one.branch}" for one in pushes]
    answer = git.run("push", "--porcelain", "--no-verify", "--no-follow-tags", *leases, place, *refspecs)
    told = [match for line in answer.out.decode(errors="replace").splitlines() if (match := _STATUS.fullmatch(line))]
    ended = {match["name"].removeprefix(BRANCHES): _outcome(match, answer.complaint) for match in told}
    silent = [one.branch for one in pushes if one.branch not in ended]
    if silent:
        raise explained(answer.complaint, "push", uncertain=True)
    if len(pushes) > 1 and any(failure and failure.kind is Fault.REJECTED for failure in ended.values()):
        refused = [one for one in pushes if ended[one.branch]]
        half = max(len(refused) // 2, 1)
        for some in (refused[:half], refused[half:]):
            ended.update(_pushed(git, place, some) if some else {})
    return ended


def _outcome(match: re.Match[str], complaint: str) -> RepositoryFailure | None:
    if match["flag"] != "!":
        return None
    branch, told = match["name"].removeprefix(BRANCHES), match["told"]
    found = _REASON.search(told)
    reason = found["reason"] if found else told
    said = said_by_remote(complaint)
    kind, step = _refusal(reason, complaint)
    words = f"the remote did not take {branch}: {reason}"
    lost = "remote failure" in told or "failed to report" in reason
    return RepositoryFailure(kind, " / ".join([words, *said]), step, uncertain=lost)


def _refusal(reason: str, complaint: str) -> tuple[Fault, str]:
    if reason in ("stale info", "non-fast-forward", "fetch first", "already exists", "needs force"):
        return Fault.RACED, "run again: somebody changed the branch meanwhile"
    if "protected" in reason or "protected branch" in complaint.lower():
        return Fault.PROTECTED, "let this user push to branches of that name, or name them otherwise"
    if "hook declined" in reason or "declined" in reason:
        return Fault.REJECTED, "the remote's hook refuses it; its message says why"
    if "shallow" in reason:
        return Fault.INCOMPLETE, "fetch the whole branch (git fetch --unshallow)"
    kind, step = meaning(f"{reason}\n{complaint}")
    # What the loser of two pushes at the same moment is told.
    return (Fault.RACED, "run again") if kind is Fault.OTHER and "cannot lock ref" in complaint else (kind, step)
