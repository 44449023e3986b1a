"""Several edits of one file as one: a single diff, which can be applied where two against the original cannot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from driftbot.edits.edit import Edit, Refused, unified_diff


def combined(edits: Sequence[Edit], content: bytes) -> Edit:
    """The edit that makes all of these (one at least), each of which was made for the same ``content`` of one file.

    Raises:
        Refused: two of them change the same bytes, or the content is not what they were made for.
    """
    ordered = sorted(edits, key=lambda edit: edit.start)
    for before, behind in pairwise(ordered):
        if behind.start < before.end:
            raise Refused(f"{behind.path}:{behind.line}: another edit changes the same text; make one, then scan again")
    after = content
    # From the back: what stands before an edit keeps its place.
    for edit in reversed(ordered):
        after = edit.apply(after)
    first, end = ordered[0], ordered[-1].end
    new = after[first.start : len(after) - (len(content) - end)]
    was, now = (text.decode(first.encoding, "replace") for text in (content, after))
    told = unified_diff(first.path, was, now)
    return Edit(first.path, first.start, end, content[first.start : end], new, first.line, told, first.encoding)
