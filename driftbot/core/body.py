"""Bodies: the raw answers of a source, before anybody understood them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """One raw answer of a source: a file's bytes, or why they could not be read.

    ``locator`` is the path relative to the source's root, with forward slashes.
    """

    locator: str
    content: bytes = b""
    problem: str = ""
