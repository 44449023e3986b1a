"""The newest commit of a branch, and whether it is ours: made by us, for this drift, and untouched since."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from driftbot.repository.blob import Written, digest
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.git_process import Git
from driftbot.repository.identity import Identity
from driftbot.repository.seal import Seal, seal_of
from driftbot.repository.tree import contents

_DATE = re.compile(r" \d+ [+-]\d{4}$")


@dataclass(frozen=True, slots=True)
class Tip:
    """A commit: its parents, its committer as ``name <address>``, its seal, and what it changes against its parent."""

    commit: str
    tree: str
    parents: tuple[str, ...]
    committer: str
    seal: Seal | None
    written: tuple[Written, ...] = ()

    def foreign(self, identity: Identity, key: str) -> str:
        """Why the branch that ends here is not ours alone, in words; empty where it is.

        Our branches have one commit above a commit of the base, and say so: whoever adds a commit, changes ours or puts
        one below it leaves another committer, another parent or other content than the seal names. The history below
        is not asked for, which a shallow clone has not.
        """
        if self.committer != str(identity):
            return f"its last commit was made by {self.committer}"
        if self.seal is None:
            return "its last commit has no trailers of driftbot"
        if self.seal.key != key:
            return f"it belongs to another drift ({self.seal.key})"
        if self.parents != (self.seal.base,):
            return "its last commit stands on another than it was made for"
        return "" if digest(self.written) == self.seal.content else "what its last commit changes was altered"


def tips(git: Git, commits: Iterable[str]) -> Mapping[str, Tip]:
    """These commits, by name.

    Raises:
        RepositoryFailure: ``INCOMPLETE``, the clone lacks one of them or its parent.
    """
    wanted = tuple(dict.fromkeys(commits))
    bare = {name: _tip(name, body) for name, body in contents(git, wanted).items()}
    single = [name for name in wanted if len(bare[name].parents) == 1]
    changed = _changed(git, single) if single else {}
    return {
        name: Tip(name, tip.tree, tip.parents, tip.committer, tip.seal, changed.get(name, ()))
        for name, tip in bare.items()
    }


def _tip(name: str, body: bytes) -> Tip:
    head, _, message = body.decode("utf-8", "surrogateescape").partition("\n\n")
    # A name may hold what Python takes for the end of a line, and look like another one behind it.
    lines = [line.partition(" ") for line in head.split("\n")]
    told: dict[str, list[str]] = {}
    for word, _space, rest in lines:
        told.setdefault(word, []).append(rest)
    if "tree" not in told or "committer" not in told:
        raise RepositoryFailure(Fault.OTHER, f"{name} is no commit", "look at it with git cat-file -p")
    committer = _DATE.sub("", told["committer"][0])
    return Tip(name, told["tree"][0], tuple(told.get("parent", ())), committer, seal_of(message))


def _changed(git: Git, commits: list[str]) -> Mapping[str, tuple[Written, ...]]:
    """What each commit changes against its one parent; renames are a file taken away and one added."""
    told = "".join(f"{name}\n" for name in commits).encode()
    answer = git.ask("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", told=told)
    found: dict[str, list[Written]] = {}
    for commit, written in _rows(answer.decode("utf-8", "surrogateescape").split("\0")):
        found.setdefault(commit, []).append(written)
    return {name: tuple(rows) for name, rows in found.items()}


def _rows(words: list[str]) -> Iterator[tuple[str, Written]]:
    """Words are a commit's name, then for each file ``:modes names status`` and its path."""
    commit, rest = "", iter(words)
    for word in rest:
        if word.startswith(":"):
            _old_mode, mode, _old, blob, _status = word[1:].split()
            yield commit, Written(next(rest), mode, blob)
        else:
            commit = word.strip()
