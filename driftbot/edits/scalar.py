"""A piece of one scalar's text replaced in the bytes of its file, and the proof that no other value changed.

The text of a YAML scalar is its bytes with quotes, escapes, folds and indentation undone. They are not done again
here: the old piece is looked for in the bytes, and the place is the right one if the file, read after the replacement,
has the intended text at this location and everything else as before (``driftbot.edits.proof``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.documents.node import Node
from driftbot.edits.diff import Change
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.editable import editable_location, place
from driftbot.edits.proof import is_proved
from driftbot.edits.replacement import Replacement
from driftbot.edits.setting_file import SettingFile

MOST_PLACES = 50
"""Places in a scalar's bytes that are tried: as often the same constant stands in no expression that people write."""


def replace_in_scalar(file: SettingFile, node: Node, replacement: Replacement) -> Edit:
    """Replace a piece of the scalar's text; the edit changes bytes of one line.

    Raises:
        Refused: other places take over the value, it is written with escapes, or the replacement would change more.
    """
    location = editable_location(file, node)
    wanted = replacement.apply(node.text)
    old = node.text[replacement.start : replacement.end]
    if wanted == node.text:
        raise Refused(f"{place(file, node)}: it says {old!r} already", Refusal.ALREADY)
    for change in _candidates(file, node, old, replacement):
        if is_proved(file, node, location, change, wanted):
            return file.edit(*change)
    raise Refused(
        f"{place(file, node)}: {old!r} cannot be replaced by {replacement.new!r} in the bytes of the file so that it "
        "alone changes (it is written with escapes or over several lines, or the new text would have to be quoted)",
        Refusal.NOT_PROVABLE,
    )


def _candidates(file: SettingFile, node: Node, old: str, replacement: Replacement) -> Iterator[Change]:
    """Changes of every place in the scalar's bytes where the old text stands, the likeliest first."""
    sought, new = file.encoded(old), file.encoded(replacement.new)
    raw = file.content[node.start : node.end]
    places = [match.start() + node.start for match in re.finditer(b"(?=" + re.escape(sought) + b")", raw)]
    # Before the text stand at most a block's header and an opening quote, behind it at most a closing one.
    behind = len(re.findall(f"(?={re.escape(old)})", node.text[replacement.start :]))
    likeliest = len(places) - behind
    for _, start in sorted((abs(likeliest - number), start) for number, start in enumerate(places))[:MOST_PLACES]:
        yield Change(start, start + len(sought), new)
