"""A splice: bytes of a file as it was proposed, and what stands there instead. Pure."""

from __future__ import annotations

from typing import Any

from driftbot.actions.strict import Strict
from driftbot.edits.edit import Edit, Refusal, Refused


class Splice(Strict):
    """The bytes from ``start`` to ``end`` of the file as it was proposed: ``old`` becomes ``new``."""

    start: int
    end: int
    old: str
    new: str
    encoding: str = "utf-8"

    @property
    def old_bytes(self) -> bytes:
        """What is replaced."""
        return self.old.encode(self.encoding)

    @property
    def new_bytes(self) -> bytes:
        """What stands there afterwards."""
        return self.new.encode(self.encoding)

    def refuse_other(self, edit: Edit) -> Edit:
        """The edit, if it is the one that was proposed but for its place."""
        if (edit.old, edit.new) != (self.old_bytes, self.new_bytes):
            raise moved(edit.path, "what would be written there now is not what was proposed")
        return edit


def splice_of(edit: Edit) -> dict[str, Any]:
    """The fields of a splice that an edit is.

    Raises:
        Refused: its bytes are no text in the file's encoding.
    """
    try:
        old, new = edit.old.decode(edit.encoding), edit.new.decode(edit.encoding)
    except UnicodeDecodeError as error:
        raise Refused(f"{edit.path}:{edit.line}: {error}", Refusal.UNREADABLE) from None
    return {"start": edit.start, "end": edit.end, "old": old, "new": new, "encoding": edit.encoding}


def moved(path: str, reason: str) -> Refused:
    """The refusal of a change whose place is not there any more."""
    return Refused(f"{path}: the file has changed, {reason}; plan again", Refusal.MOVED)
