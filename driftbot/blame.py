"""Who last touched a line: asked from git, which may not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from driftbot.git import DEEPER, NO_REPOSITORY, NotAnswered, ask, is_shallow

TIMEOUT_SECONDS = 10.0
_ASKED = ("blame", "--porcelain", "--no-textconv")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Change:
    """The commit that last changed a line: its full hash, the author's name, when it was written, and its subject."""

    commit: str
    author: str
    at: datetime
    subject: str

    def __str__(self) -> str:
        return f"{self.author}, {self.at.date()}, {self.commit[:10]} {self.subject}"


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Git does not know who changed the line, and why."""

    reason: str


def last_change(root: Path, path: str, line: int) -> Change | None:
    """The change that last touched ``line`` (from 1) of ``path`` below ``root``; None where git does not know."""
    answer = blame(root, path, line)
    return answer if isinstance(answer, Change) else None


def blame(root: Path, path: str, line: int, timeout: float = TIMEOUT_SECONDS) -> Change | NotKnown:
    """Like ``last_change``, but with the reason where git does not know. Never raises; waits ``timeout`` seconds.

    Settings of the repository that would run programs (file monitor, text conversion, pager) are switched off.
    """
    file = root / path
    if line < 1 or not file.is_file():
        return NotKnown(f"there is no line {line} of {path} below {root}")
    asked = (*_ASKED, "-L", f"{line},{line}", "--", file.name)
    try:
        told = ask(file.parent, *asked, timeout=timeout).decode(errors="replace").splitlines()
        # A shallow clone gives every line to the commit at which it was cut off.
        if "boundary" in told and is_shallow(file.parent):
            return NotKnown(DEEPER)
    except NotAnswered as error:
        return NotKnown(_reason(str(error), path))
    return _change(told, path, line)


def _reason(complaint: str, path: str) -> str:
    if complaint == NO_REPOSITORY:
        return f"{path} is in no git repository"
    if "no such path" in complaint or "no such ref" in complaint:
        return f"{path} is not committed yet"
    return complaint


def _change(told: list[str], path: str, line: int) -> Change | NotKnown:
    first, *rest = told or [""]
    commit = first.partition(" ")[0]
    words = dict(entry.partition(" ")[::2] for entry in rest if not entry.startswith("\t"))
    if not _COMMIT.fullmatch(commit) or not words.get("author-time", "").isdigit():
        return NotKnown("git blame answered nothing that could be read")
    if not commit.strip("0"):
        return NotKnown(f"line {line} of {path} is changed and not committed yet")
    at = datetime.fromtimestamp(int(words["author-time"]), _zone(words.get("author-tz", "")))
    return Change(commit, words.get("author", ""), at, words.get("summary", ""))


def _zone(text: str) -> timezone:
    match = re.fullmatch(r"([+-])(\d\d)(\d\d)", text)
    if not match:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)
