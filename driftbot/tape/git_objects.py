"""Objects of a git repository: the files of a revision, and their contents, read in one go and limited in size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from driftbot.git import ask
from driftbot.tape.folder import MAX_BYTES

REGULAR = frozenset({"100644", "100755"})
"""Modes of plain files; links and submodules are none."""


def files_of(folder: Path, revision: str) -> Mapping[str, str]:
    """The plain files of a revision below the folder: contents' ids by path relative to it.

    Raises:
        NotAnswered: git does not tell.
    """
    listed = ask(folder, "ls-tree", "-r", "-z", revision).split(b"\0")
    found = {}
    for entry in filter(None, listed):
        head, _, path = entry.partition(b"\t")
        mode, kind, name = head.decode().split()[:3]
        if mode in REGULAR and kind == "blob":
            found[path.decode("utf-8", "surrogateescape")] = name
    return found


def sizes_of(folder: Path, ids: Iterable[str]) -> Mapping[str, int]:
    """The contents' sizes in bytes; what the repository lacks (a partial clone) is left out.

    Raises:
        NotAnswered: git does not tell.
    """
    told = "".join(f"{name}\n" for name in ids).encode()
    answer = ask(folder, "cat-file", "--batch-check", told=told) if told else b""
    words = (line.split() for line in answer.decode().splitlines())
    return {word[0]: int(word[2]) for word in words if len(word) == 3 and word[1] == "blob"}


def contents_of(folder: Path, ids: Iterable[str]) -> Mapping[str, bytes]:
    """The contents by their ids; larger ones than a file may have are left out.

    Raises:
        NotAnswered: git does not tell.
    """
    sizes = sizes_of(folder, dict.fromkeys(ids))
    told = "".join(f"{name}\n" for name, size in sizes.items() if size <= MAX_BYTES).encode()
    return dict(_entries(ask(folder, "cat-file", "--batch", "--buffer", told=told) if told else b""))


def _entries(answer: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        name, _, size = answer[at:end].decode().split()
        start, at = end + 1, end + 2 + int(size)
        yield name, answer[start : at - 1]


def id_of(content: bytes, like: str) -> str:
    """The id that git gives to a content, in the repository that ``like`` is an id of (SHA-1 or SHA-256)."""
    digest = hashlib.sha256 if len(like) > 40 else hashlib.sha1
    return digest(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
