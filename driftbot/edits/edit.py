"""An edit: bytes of one file and what stands there instead; and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why an edit is not made; ``sentence`` says it of every edit refused so."""

    NOT_THERE = "not_there"
    UNWRITTEN = "unwritten"
    MOVED = "moved"
    TEMPLATED = "templated"
    SHARED = "shared"
    SEVERAL = "several"
    DUPLICATE_KEY = "duplicate_key"
    NOT_PROVABLE = "not_provable"
    UNREADABLE = "unreadable"
    UNWRITABLE_VALUE = "unwritable_value"
    NO_VALUE = "no_value"
    NOT_EDITED = "not_edited"
    ALREADY = "already"
    OVERLAPPING = "overlapping"

    @property
    def sentence(self) -> str:
        """What the kind means, for a person."""
        return _SENTENCES[self]


_SENTENCES = {
    Refusal.NOT_THERE: "There is no value at this place of the file.",
    Refusal.UNWRITTEN: "Nobody wrote the value where it counts: it is a default, computed, or stands a level above.",
    Refusal.MOVED: "The file is not what was read: something else stands there now.",
    Refusal.TEMPLATED: "A template makes the value or its surroundings; its source is what a person edits.",
    Refusal.SHARED: "Other places of the file take the value over and would change with it.",
    Refusal.SEVERAL: "The value stands in several places, and which one is meant is not known.",
    Refusal.DUPLICATE_KEY: "A key on the way to the value stands twice, and readers disagree on which one counts.",
    Refusal.NOT_PROVABLE: "No edit of the bytes could be proved to change this value and nothing else.",
    Refusal.UNREADABLE: "The file cannot be read whole, so nothing can be proved about an edit of it.",
    Refusal.UNWRITABLE_VALUE: "The new value cannot be written in the notation or encoding that stands there.",
    Refusal.NO_VALUE: "There is no value to write.",
    Refusal.NOT_EDITED: "Values of this kind are not edited in files.",
    Refusal.ALREADY: "The file says the new value already.",
    Refusal.OVERLAPPING: "Another edit changes the same bytes.",
}


class Refused(Exception):
    """The edit is not made; ``reason`` says why, with the place, and what a person can do instead."""

    def __init__(self, reason: str, kind: Refusal = Refusal.UNREADABLE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


class Target(StrEnum):
    """What an edit is of: a file that is there, or one that it makes."""

    EXISTING = "existing"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Edit:
    """``old`` at the bytes ``start`` to ``end`` (exclusive) of ``path`` becomes ``new``.

    ``line`` (from 1) is where it stands; ``diff`` is the change as a unified diff, as ``git apply`` takes it, of the
    text that the file's bytes are in ``encoding``. An edit whose ``target`` is new makes the file of nothing.
    """

    path: str
    start: int
    end: int
    old: bytes
    new: bytes
    line: int
    diff: str
    encoding: str = "utf-8"
    target: Target = Target.EXISTING

    def apply(self, content: bytes) -> bytes:
        """The file's content after the edit.

        Raises:
            Refused: the old bytes do not stand where they are expected.
        """
        self.check(content)
        return content[: self.start] + self.new + content[self.end :]

    def check(self, content: bytes) -> None:
        """Hold the file against what the edit was made for.

        Raises:
            Refused: the old bytes do not stand where they are expected.
        """
        if content[self.start : self.end] != self.old:
            reason = f"{self.path}:{self.line}: the file has changed, what is to be replaced stands elsewhere now"
            raise Refused(reason, Refusal.MOVED)
