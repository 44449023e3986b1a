"""Commits: what landed on the checked-out branch, when, by whom, and which files it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the branch: its full hash, its author's name, its committer's date and its subject.

    A merge counts as one commit, with its own date: that is when the branch changed. An empty hash stands for what is
    changed and not committed yet.
    """

    id: str
    author: str
    at: datetime
    subject: str

    def __str__(self) -> str:
        return f"{self.id[:10]} {self.author}: {self.subject}" if self.id else "not committed yet"


@dataclass(frozen=True, slots=True, order=True)
class FileChange:
    """A file before and after: ids of contents, empty where there was no such file.

    Of what is not committed yet ``after`` is empty: it is the file as it stands, if there is one.
    """

    locator: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Landing:
    """What one commit changed in the files asked for, sorted by path; None: what is not committed yet."""

    commit: Commit | None
    changes: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The files' past, the newest landing first, with every content that was read; one that is missing was not.

    ``since`` is from when on it is known whole; None where the files have no past at all. ``notes`` say what is not
    known though somebody asked, e.g. because the clone is shallow.
    """

    since: datetime | None = None
    landings: tuple[Landing, ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
