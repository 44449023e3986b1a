"""The past of a folder's files as the checked-out branch of its git repository tells it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from driftbot.core.commit import Commit, FileChange, FileHistory, Landing
from driftbot.git import DEEPER, WHOLE, NotAnswered, ask, in_repository, is_shallow
from driftbot.tape.folder import read_folder
from driftbot.tape.git_objects import REGULAR, contents_of, files_of, id_of, sizes_of
from driftbot.tape.patterns import wanted_by

MOST_COMMITS = 10_000
"""Commits that are looked at; what lies before them is named, not read (ours)."""

MOST_BYTES = 200_000_000
"""Bytes of all contents together, for the same reason (ours)."""

LONGEST = 200
"""Characters of a subject or a name that are kept (ours)."""

_FORMAT = "%H%x00%P%x00%an%x00%cI%x00%s"
_ASKED = (
    *("log", "--first-parent", "-m", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--encoding=UTF-8", f"--format={_FORMAT}"),
)
_HEADER = 5
_ABSENT = re.compile(r"0+")


def read_history(root: Path, include: Sequence[str], exclude: Sequence[str], since: datetime) -> FileHistory:
    """What changed in the files below ``root`` (or in that file) since a time, commit by commit, and not yet committed.

    The branch is followed along first parents: a merge is one commit, by whoever merged, on the day it landed. A folder
    that is in no repository, or whose repository has no commit, has no past. Never raises; what git refuses is a note.
    """
    folder = root if root.is_dir() else root.parent
    if not folder.is_dir() or not in_repository(folder):
        return FileHistory()
    wanted = wanted_by(include, exclude) if root.is_dir() else (lambda path: path == root.name)
    try:
        return _History(folder, root, wanted, since).read(include, exclude)
    except NotAnswered as error:
        return FileHistory(notes=(f"the git history of {root.name or root} is not known: {error}",))


@dataclass(slots=True)
class _History:
    folder: Path
    root: Path
    wanted: Callable[[str], bool]
    since: datetime
    notes: list[str] = field(default_factory=list)

    def read(self, include: Sequence[str], exclude: Sequence[str]) -> FileHistory:
        """All of it."""
        if not ask(self.folder, "rev-list", "-n", "1", "--all"):
            return FileHistory()
        committed = {path: name for path, name in files_of(self.folder, "HEAD").items() if self.wanted(path)}
        if not committed:
            return FileHistory()
        landings = self._affordable([*self._not_committed(committed, include, exclude), *self._landings()])
        return FileHistory(self.since, tuple(landings), contents_of(self.folder, _ids(landings)), tuple(self.notes))

    def _landings(self) -> Iterator[Landing]:
        since = f"--since={self.since.isoformat()}"
        answer = ask(self.folder, *_ASKED, since, "-n", str(MOST_COMMITS + 1), "HEAD", "--", ".")
        shallow = is_shallow(self.folder)
        for number, (commit, parents, changes) in enumerate(_told(answer)):
            if number == MOST_COMMITS:
                self._ends(commit.at, f"only {MOST_COMMITS:,} commits are looked at")
                return
            if shallow and not parents:
                self._ends(commit.at, DEEPER)
                return
            ours = tuple(change for change in changes if self.wanted(change.locator))
            if ours and commit.at >= self.since:
                yield Landing(commit, ours)

    def _ends(self, at: datetime, why: str) -> None:
        self.since = at
        self.notes.append(f"what changed in {self.root.name} up to {at:%Y-%m-%d} is not known: {why}")

    def _not_committed(
        self, committed: Mapping[str, str], include: Sequence[str], exclude: Sequence[str]
    ) -> Iterator[Landing]:
        """The files that stand otherwise than the last commit has them, new and missing ones too."""
        changes, seen = [], set()
        for body in read_folder(self.root, include, exclude):
            before = committed.get(body.locator, "")
            seen.add(body.locator)
            # A link is no file of its own for git.
            if (self.folder / body.locator).is_symlink():
                continue
            if not body.problem and (not before or id_of(body.content, before) != before):
                changes.append(FileChange(body.locator, before, ""))
        changes += [FileChange(path, name, "") for path, name in committed.items() if path not in seen]
        if changes:
            yield Landing(None, tuple(sorted(changes)))

    def _affordable(self, landings: list[Landing]) -> list[Landing]:
        ids = _ids(landings)
        sizes, total = sizes_of(self.folder, ids), 0
        if lacking := len(ids) - len(sizes):
            self.notes.append(f"{lacking:,} contents of {self.root.name} are not in this clone; {WHOLE}")
        counted: set[str] = set()
        for number, landing in enumerate(landings):
            fresh = set(_ids([landing])) - counted
            counted |= fresh
            total += sum(sizes.get(name, 0) for name in fresh)
            if total > MOST_BYTES and landing.commit:
                self._ends(landing.commit.at, f"only {MOST_BYTES:,} bytes are read")
                return landings[:number]
        return landings


def _ids(landings: Sequence[Landing]) -> list[str]:
    ids = (name for landing in landings for change in landing.changes for name in (change.before, change.after))
    return list(dict.fromkeys(filter(None, ids)))


def _told(answer: bytes) -> Iterator[tuple[Commit, str, list[FileChange]]]:
    """Each commit with its parents and the plain files that it changed."""
    tokens = answer.decode("utf-8", "surrogateescape").split("\0")
    at = 0
    while at + _HEADER <= len(tokens) - 1:
        name, parents, author, date, subject = tokens[at : at + _HEADER]
        at += _HEADER
        changes = []
        while tokens[at].lstrip("\n").startswith(":"):
            change = _change(tokens[at].lstrip("\n"), tokens[at + 1])
            changes += [change] if change.before or change.after else []
            at += 2
        commit = Commit(name.strip(), _shown(author), datetime.fromisoformat(date), _shown(subject))
        yield commit, parents, sorted(changes)


def _shown(text: str) -> str:
    whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


def _change(status: str, path: str) -> FileChange:
    old_mode, new_mode, before, after, *_ = status[1:].split()
    sides = ((old_mode, before), (new_mode, after))
    old, new = ("" if mode not in REGULAR or _ABSENT.fullmatch(name) else name for mode, name in sides)
    return FileChange(path, old, new)
