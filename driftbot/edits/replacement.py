"""A replacement: characters of a text and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replacement:
    """The characters from ``start`` to ``end`` (exclusive) of a text and what stands there instead."""

    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        """The text after it."""
        return text[: self.start] + self.new + text[self.end :]
