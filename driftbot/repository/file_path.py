"""Paths inside a repository that may be written: no way out of it, and none into git's own folder."""

from __future__ import annotations

import re

from driftbot.core.harmless import harmless
from driftbot.repository.failure import Fault, RepositoryFailure

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What file systems take for `.git` as well: NTFS' short name, and HFS+ ignoring invisible characters (CVE-2014-9390).
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT_FOLDERS = frozenset({".git", "git~1"})


def check_path(path: str) -> None:
    """Refuse a path that is not a plain one below the repository's root, with ``/`` between its parts.

    Raises:
        RepositoryFailure: ``UNSAFE_PATH``.
    """
    reason = _unsafe(path)
    if reason:
        raise RepositoryFailure(
            Fault.UNSAFE_PATH,
            f"{harmless(path)!r} is no path that may be written: {reason}",
            "name a file by its path from the repository's root",
        )


def parents_of(path: str) -> tuple[str, ...]:
    """The folders above a path, the outermost first; the root is not among them."""
    parts = path.split("/")
    return tuple("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _unsafe(path: str) -> str:
    parts = path.split("/")
    if not path or path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "it is not relative to the repository's root"
    if _CONTROL.search(path):
        return "it has control characters"
    if {"", ".", ".."} & set(parts):
        return "it has empty parts, `.` or `..`"
    if any(_plain(part) in _GIT_FOLDERS for part in parts):
        return "it leads into git's own folder"
    return ""


def _plain(part: str) -> str:
    return _IGNORED_BY_HFS.sub("", part).casefold().rstrip(". ")
