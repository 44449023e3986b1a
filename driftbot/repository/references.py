"""References of driftbot's own in a clone, each moved only from where it was last seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from driftbot.repository.git_process import Git

OWN = "refs/driftbot/heads/"
"""The commits that we made, by branch, pushed or not."""

SEEN = "refs/driftbot/remotes/"
"""What was last seen at remotes, by remote and branch: it keeps the objects, and lets git fetch only what is new."""

_NAMED = 200


@dataclass(frozen=True, slots=True)
class Move:
    """A reference is to name ``new`` (None: nothing any more), if it names ``old`` (None: nothing yet)."""

    name: str
    new: str | None
    old: str | None


def references(git: Git, names: Sequence[str]) -> Mapping[str, str]:
    """These references of ours that the clone has: commits by full name.

    Raises:
        RepositoryFailure: git does not tell.
    """
    # Thousands of names make a command line too long, and it is faster to read all then.
    asked = names if len(names) <= _NAMED else ["refs/driftbot/"]
    listed = git.ask("for-each-ref", "--format=%(objectname) %(refname)", *asked)
    rows = (line.partition(" ") for line in listed.decode("utf-8", "surrogateescape").splitlines())
    wanted = frozenset(names)
    return {name: commit for commit, _, name in rows if name in wanted}


def move(git: Git, moves: Iterable[Move], null: str) -> None:
    """Make these moves, all of them or none; ``null`` is the name of nothing in this repository.

    Raises:
        RepositoryFailure: ``RACED`` where one names something else than ``old``, ``LOCKED``, or what the disk says.
    """
    told = "".join(f"update {one.name}\0{one.new or null}\0{one.old or null}\0" for one in moves if one.new != one.old)
    if told:
        git.ask("update-ref", "--no-deref", "--stdin", "-z", told=told.encode())
