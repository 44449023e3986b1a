"""A piece of one scalar's text replaced in the bytes of its file, and the proof that no other value changed.

The text of a YAML scalar is its bytes with quotes, escapes, folds and indentation undone. They are not done again here:
the old piece is looked for in the bytes, and the place is the right one if the whole file, read after the replacement,
has the intended text at this location and everything else as before. The reader that is trusted to understand the file
is trusted to judge the edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from driftbot.core.rule import Problem
from driftbot.documents.node import Node
from driftbot.edits.edit import Edit, Refused, unified_diff
from driftbot.edits.replacement import Replacement
from driftbot.edits.setting_file import Leaf, Location, SettingFile

MOST_PLACES = 50
"""Places in a scalar's bytes that are tried: as often the same constant stands in no expression that people write."""


def replace_in_scalar(file: SettingFile, node: Node, replacement: Replacement) -> Edit:
    """Replace a piece of the scalar's text; the edit changes bytes of one line.

    Raises:
        Refused: other places take over the value, it is written with escapes, or the replacement would change more.
    """
    location = _only_location(file, node)
    _refuse_doubt(file, location)
    wanted = replacement.apply(node.text)
    old = node.text[replacement.start : replacement.end]
    if wanted == node.text:
        raise Refused(f"{_place(file, node)}: it says {old!r} already")
    for edit in _candidates(file, node, old, replacement):
        after = file.changed(edit.apply(file.content))
        if after.documents.complete and _only_leaf_changed(file, after, location, wanted):
            return edit
    raise Refused(
        f"{_place(file, node)}: {old!r} cannot be replaced by {replacement.new!r} in the bytes of the file so that it "
        "alone changes (it is written with escapes or over several lines, or the new text would have to be quoted)"
    )


def _only_location(file: SettingFile, node: Node) -> Location:
    first, *others = file.locations(node)
    if others:
        named = ", ".join(_named(file, other) for other in others[:5]) + (", …" if len(others) > 5 else "")
        raise Refused(f"{_place(file, node)}: the value is that of {_named(file, first)} and also feeds {named}")
    return first


def _named(file: SettingFile, location: Location) -> str:
    """The rule that a location is part of, else the path that leads there."""
    rule = file.rule(location)
    name = (rule.get("alert") or rule.get("record")) if rule else None
    return f"{name.text} (line {rule.line})" if rule and name else ".".join(map(str, location[1:]))


def _refuse_doubt(file: SettingFile, location: Location) -> None:
    holder = next(file.holders(location), None)
    problems: tuple[Problem, ...] = file.documents.problems
    doubts = [one for one in problems if holder and holder.start <= one.origin.start < holder.end]
    if doubts:
        raise Refused(f"what stands beside it is doubtful: {doubts[0]}")


def _place(file: SettingFile, node: Node) -> str:
    return f"{file.path}:{node.line}"


def _candidates(file: SettingFile, node: Node, old: str, replacement: Replacement) -> Iterator[Edit]:
    """Edits of every place in the scalar's bytes where the old text stands, the likeliest first."""
    encoding = node.content.encoding
    sought, new = old.encode(encoding), replacement.new.encode(encoding)
    raw = file.content[node.start : node.end]
    places = [match.start() + node.start for match in re.finditer(b"(?=" + re.escape(sought) + b")", raw)]
    # Before the text stand at most a block's header and an opening quote, behind it at most a closing one.
    behind = len(re.findall(f"(?={re.escape(old)})", node.text[replacement.start :]))
    likeliest = len(places) - behind
    for _, place in sorted((abs(likeliest - number), place) for number, place in enumerate(places))[:MOST_PLACES]:
        yield _edit(file, node, place, sought, new)


def _edit(file: SettingFile, node: Node, start: int, old: bytes, new: bytes) -> Edit:
    end, content = start + len(old), file.content
    after = content[:start] + new + content[end:]
    encoding = node.content.encoding
    told = unified_diff(file.path, content.decode(encoding, "replace"), after.decode(encoding, "replace"))
    return Edit(file.path, start, end, old, new, node.content.place(start)[0], told, encoding)


def _only_leaf_changed(before: SettingFile, after: SettingFile, location: Location, wanted: str) -> bool:
    old, new = before.leaves, after.leaves
    if len(old) != len(new):
        return False
    changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
    return len(changed) == 1 and _is_meant(*changed[0], location, wanted)


def _is_meant(was: Leaf, now: Leaf, location: Location, wanted: str) -> bool:
    """Whether the leaf is the one, says what it should, and text stayed text (``on`` would be a boolean)."""
    text_stays = isinstance(now.value, str) or not isinstance(was.value, str)
    return was.location == location and now == replace(was, text=wanted, value=now.value) and text_stays
