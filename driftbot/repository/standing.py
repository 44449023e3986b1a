"""How a change stands to a clone and its remote: what is there of it, and whether it may be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """What a branch is to a change.

    ``OURS_SAME``: our commit makes this very change and still fits the base. ``OURS_OLD``: our commit, made for another
    value, for files that have changed in the base since, or merged once and then taken back. ``PERSONS``: somebody
    else's commit ends it. ``MERGED``: the base has all files as the change leaves them, whatever the branch is.
    ``UNREADABLE``: it cannot be told.
    """

    ABSENT = "absent"
    OURS_SAME = "ours_same"
    OURS_OLD = "ours_old"
    PERSONS = "persons"
    MERGED = "merged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """A branch in one place: its state, the commit that ends it, and why it is not ours, or cannot be read."""

    state: State
    commit: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A change held against what was seen.

    ``own`` is what we made in this clone (pushed or not), ``remote`` the branch there, ``base`` the base's newest
    commit; ``moved`` are the files, sorted, that are not in the base any more what the change was made from.
    """

    own: Place
    remote: Place
    base: str | None = None
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The remote as it was at one look: the base's name and newest commit, and our branches' (None: not there).

    ``own`` are the commits that we made in this clone, by branch.
    """

    branch: str
    base: str
    tips: Mapping[str, str | None] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
