"""The proof of an edit: read again, exactly the one value that was meant is another, or is there for the first time.

The reader that is trusted to understand the file is trusted to judge the edit. It reads the smallest piece of the file
that means the same alone (``driftbot.edits.piece``); all other bytes stay what they are.
"""

from __future__ import annotations

import json
import re

from driftbot.documents.format import Format
from driftbot.documents.node import Node, Plain
from driftbot.edits.diff import Change, changed
from driftbot.edits.piece import Piece, pieces
from driftbot.edits.setting_file import Location, SettingFile

_MARKER = re.compile(rb"(?:^|(?<=[\r\n]))(?:---|\.\.\.)(?=\s|\Z)")


def is_proved(file: SettingFile, node: Node, location: Location, change: Change, wanted: str) -> bool:
    """Whether after the change the scalar ``node`` reads ``wanted``, text stays text, and all else is as it was."""
    before, after, within = _both(file, node, location, change)
    if not _is_read(before, after) or len(before.leaves) != len(after.leaves):
        return False
    differing = [(was, now) for was, now in zip(before.leaves, after.leaves, strict=True) if was != now]
    if len(differing) != 1:
        return False
    was, now = differing[0]
    text_stays = isinstance(now.value, str) or not _is_text(file, node)
    return was.location == within and now == was._replace(text=wanted, value=now.value) and text_stays


def is_inserted(
    file: SettingFile, node: Node, location: Location, change: Change, below: Location, value: Plain
) -> bool:
    """Whether after the change ``value`` stands at ``below`` in the collection (or null) ``node``; all else stays."""
    before, after, within = _both(file, node, location, change)
    place = (*within, *below)
    found = after.node(place) if _is_read(before, after) else None
    if found is None or json.dumps(found.plain()) != json.dumps(value) or found.tag:
        return False
    kept = [leaf for leaf in before.leaves if leaf.location != within]
    left = [leaf for leaf in after.leaves if leaf.location[: len(place)] != place]
    return kept == left and len(before.documents.problems) == len(after.documents.problems)


def _is_read(before: SettingFile, after: SettingFile) -> bool:
    """Whether it is read whole, as the same documents, and is not taken for a template that it was not before.

    A reader leaves out empty documents, so that their markers are counted here.
    """
    if not after.documents.complete or after.masked is not None:
        return False
    return before.known_format is not Format.YAML or _markers(before) == _markers(after)


def _markers(file: SettingFile) -> int:
    return len(_MARKER.findall(file.readable))


def _both(
    file: SettingFile, node: Node, location: Location, change: Change
) -> tuple[SettingFile, SettingFile, Location]:
    """The smallest piece of the file that shows the value, before and after the change, and the value's place in it."""
    for piece in pieces(file, location):
        if not piece.start <= change.start <= change.end <= piece.end:
            continue
        before = _alone(file, piece)
        within = _found(before, node, piece.start)
        if within is not None:
            moved = Change(change.start - piece.start, change.end - piece.start, change.new)
            return before, before.changed(changed(before.readable, [moved])), within
    raise AssertionError(f"{file.path}: {location} is not in the file itself")


def _alone(file: SettingFile, piece: Piece) -> SettingFile:
    if piece == Piece(0, len(file.content)):
        return file
    return SettingFile(file.path, piece.of(file.readable), file.known_format)


def _found(piece: SettingFile, node: Node, start: int) -> Location | None:
    """Where the scalar is in its piece; None where the piece does not have it as the file has."""
    if not piece.documents.complete:
        return None
    place = node.start - start, node.end - start, node.shape
    found = next((at for at in piece.nodes if (at[1].start, at[1].end, at[1].shape) == place), None)
    if found is None:
        return None
    location, read = found
    return location if (read.text, read.tag, read.value) == (node.text, node.tag, node.value) else None


def _is_text(file: SettingFile, node: Node) -> bool:
    """Whether the value is text, which must stay text (``on`` would be a boolean); a date of TOML is none."""
    bare = file.known_format is Format.TOML and file.readable[node.start : node.start + 1] not in (b'"', b"'")
    return isinstance(node.value, str) and not bare
