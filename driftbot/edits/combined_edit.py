"""Several edits of one file as one: a single diff, which can be applied where two against the original cannot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from driftbot.edits.diff import Change, changed, changes_diff
from driftbot.edits.edit import Edit, Refusal, Refused


def combined(edits: Sequence[Edit], content: bytes) -> Edit:
    """The edit that makes all of these (one at least), each of which was made for the same ``content`` of one file.

    It takes time in proportion to the content and the edits.

    Raises:
        Refused: two of them change the same bytes, or the content is not what they were made for.
    """
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    for before, behind in pairwise(ordered):
        if behind.start < before.end or (behind.start, behind.end) == (before.start, before.end):
            reason = f"{behind.path}:{behind.line}: another edit changes the same text; make one, then scan again"
            raise Refused(reason, Refusal.OVERLAPPING)
    for edit in ordered:
        edit.check(content)
    first, end = ordered[0], max(edit.end for edit in ordered)
    changes = [Change(edit.start, edit.end, edit.new) for edit in ordered]
    within = [Change(edit.start - first.start, edit.end - first.start, edit.new) for edit in ordered]
    old = content[first.start : end]
    told = changes_diff(first.path, content, changes, first.encoding)
    new = changed(old, within)
    return Edit(first.path, first.start, end, old, new, first.line, told, first.encoding, first.target)
