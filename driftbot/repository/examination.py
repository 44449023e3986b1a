"""A change held against what was seen: whose the branch is, what it holds, and what stands in the base."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from driftbot.repository.blob import ObjectFormat, Written, digest
from driftbot.repository.building import mode_of
from driftbot.repository.change import Change
from driftbot.repository.clone import Clone
from driftbot.repository.git_process import Git
from driftbot.repository.standing import Place, Seen, Standing, State
from driftbot.repository.tip import Tip, tips
from driftbot.repository.tree import Entries, entries

_GONE = "000000"


@dataclass(frozen=True, slots=True)
class Examined:
    """A change, how it stands, what stands at its paths in the base, and the digest of what it writes there."""

    change: Change
    standing: Standing
    at_base: Entries
    content: str


@dataclass(frozen=True, slots=True)
class _Material:
    """What judging takes: the commits that end branches, and what stands in each commit that files are compared in.

    ``merged`` are those of the commits that belong to the base's history: merging them again brings nothing.
    """

    tips: Mapping[str, Tip]
    trees: Mapping[str, Entries]
    merged: Collection[str]


def examine(clone: Clone, changes: Sequence[Change], seen: Seen) -> tuple[Examined, ...]:
    """Hold each change against what was seen.

    Raises:
        RepositoryFailure: ``INCOMPLETE``, the clone lacks a commit that a change was made from.
    """
    material = _material(clone, changes, seen)
    return tuple(_examined(clone, change, seen, material) for change in changes)


def _material(clone: Clone, changes: Sequence[Change], seen: Seen) -> _Material:
    ends = [end for change in changes for end in (seen.tips.get(change.branch), seen.own.get(change.branch)) if end]
    known = tips(clone.git, ends) if ends else {}
    wanted: dict[str, set[str]] = {}
    for change in changes:
        branch_ends = (known.get(end or "") for end in (seen.tips.get(change.branch), seen.own.get(change.branch)))
        bases = (tip.seal.base for tip in branch_ends if tip and tip.seal and tip.parents == (tip.seal.base,))
        for commit in {seen.base, change.base, *bases}:
            wanted.setdefault(commit, set()).update(change.paths)
    trees = {commit: entries(clone.git, commit, paths) for commit, paths in wanted.items()}
    return _Material(known, trees, _merged(clone.git, known, seen.base))


def _merged(git: Git, known: Mapping[str, Tip], base: str) -> Collection[str]:
    """The commits that are in the base's history; one that stands on its newest commit cannot be."""
    asked = [name for name, tip in known.items() if base not in tip.parents]
    if not asked:
        return ()
    told = "".join(f"{name}\n" for name in (*asked, f"^{base}")).encode()
    return set(asked) - set(git.ask("rev-list", "--stdin", told=told).decode().split())


def _examined(clone: Clone, change: Change, seen: Seen, material: _Material) -> Examined:
    at_base = material.trees[seen.base]
    written = tuple(_written(change, at_base, clone.format))
    content = digest(written)
    moved = _different(change.paths, material.trees[change.base], at_base)
    own, remote = (
        _place(clone, change, end, content, at_base, material)
        for end in (seen.own.get(change.branch), seen.tips.get(change.branch))
    )
    if all(_stands(one, at_base) for one in written):
        remote = Place(State.MERGED, remote.commit)
    return Examined(change, Standing(own, remote, seen.base, moved), at_base, content)


def _place(clone: Clone, change: Change, end: str | None, content: str, at_base: Entries, material: _Material) -> Place:
    if end is None:
        return Place(State.ABSENT)
    tip = material.tips[end]
    foreign = tip.foreign(clone.terms.identity, change.key)
    if foreign or tip.seal is None:
        return Place(State.PERSONS, end, foreign)
    touched = _different(change.paths, material.trees[tip.seal.base], at_base)
    same = tip.seal.content == content and not touched and end not in material.merged
    return Place(State.OURS_SAME if same else State.OURS_OLD, end)


def _written(change: Change, at_base: Entries, hashed: ObjectFormat) -> Iterable[Written]:
    for file in change.files:
        if file.after is None:
            yield Written(file.path, _GONE, hashed.null)
        else:
            yield Written(file.path, mode_of(file.path, at_base), hashed.blob(file.after))


def _stands(one: Written, at_base: Entries) -> bool:
    there = at_base.get(one.path)
    return one.mode == _GONE if there is None else there.name == one.blob


def _different(paths: Iterable[str], one: Entries, other: Entries) -> tuple[str, ...]:
    return tuple(sorted(path for path in paths if one.get(path) != other.get(path)))
