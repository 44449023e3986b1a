"""Names of contents as git computes them, and the digest of what a commit changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ObjectFormat(StrEnum):
    """The hash that a repository names its objects by."""

    SHA1 = "sha1"
    SHA256 = "sha256"

    @property
    def null(self) -> str:
        """The name of nothing: what a reference is before it is made."""
        return "0" * hashlib.new(self).digest_size * 2

    def blob(self, content: bytes) -> str:
        """The name of these bytes as a file (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
        return hashlib.new(self, b"blob %d\0" % len(content) + content).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Written:
    """A file as a commit leaves it: path, mode and content's name; both of zeros alone where it is taken away."""

    path: str
    mode: str
    blob: str


def digest(written: Iterable[Written]) -> str:
    """SHA-256 of what a commit changes, in hexadecimal, whatever the order."""
    lines = (f"{one.mode} {one.blob} {one.path}\0" for one in sorted(written))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
