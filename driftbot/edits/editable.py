"""Whether a scalar may be edited: nothing else takes it over, no template makes it, no key of its way is doubtful."""

from __future__ import annotations

import re

from driftbot.documents.node import Node
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.setting_file import Location, SettingFile

_SPACE = re.compile(rb"\s*")
_UNLISTED = "more than "
"""How the problem begins that stands for the duplicate keys that are not listed one by one."""


def editable_location(file: SettingFile, node: Node) -> Location:
    """The only place where the value counts.

    Raises:
        Refused: it counts in several places, a template makes it, or a key on the way to it stands twice.
    """
    refuse_shared(file, node)
    refuse_template(file, node)
    location = file.locations(node)[0]
    refuse_doubt(file, location)
    return location


def place(file: SettingFile, node: Node) -> str:
    """The file and line of a value, for a reason."""
    return f"{file.path}:{node.line}"


def refuse_shared(file: SettingFile, node: Node) -> None:
    """Leave alone what counts in several places.

    Raises:
        Refused: an alias or a merge key takes the value over; the reason names where.
    """
    first, *others = file.locations(node)
    if others:
        named = ", ".join(_named(file, other) for other in others[:5]) + (", …" if len(others) > 5 else "")
        reason = f"{place(file, node)}: the value is that of {_named(file, first)} and also feeds {named}"
        raise Refused(reason, Refusal.SHARED)


def _named(file: SettingFile, location: Location) -> str:
    """The rule that a location is part of, else the path that leads there."""
    rule = file.rule(location)
    name = (rule.get("alert") or rule.get("record")) if rule else None
    return f"{name.text} (line {rule.line})" if rule and name else ".".join(map(str, location[1:]))


def refuse_template(file: SettingFile, node: Node) -> None:
    """Leave alone what a placeholder is part of, and the empty place that one fills.

    Raises:
        Refused: it is such a value.
    """
    if file.masked is None:
        return
    end = node.end
    if node.start == node.end:
        space = _SPACE.match(file.readable, node.end)
        end = space.end() if space else end
    if file.masked.touches(node.start, end):
        reason = f"{place(file, node)}: a template makes this value; edit the template or what it is filled from"
        raise Refused(reason, Refusal.TEMPLATED)


def refuse_template_around(file: SettingFile, holder: Node) -> None:
    """Insert nothing where a placeholder brings in what cannot be seen: a line of its own, or a key.

    Raises:
        Refused: there is one in the collection, or right behind it.
    """
    if file.masked is None:
        return
    space = _SPACE.match(file.readable, holder.end)
    end = space.end() if space else holder.end
    keys = [entry.key for entry in holder.entries]
    for start, stop in file.masked.spans:
        inside = holder.start <= start < end
        if inside and (not file.readable[start:stop].strip() or any(key.start <= start < key.end for key in keys)):
            line = file.content.count(b"\n", 0, start) + 1
            reason = f"{file.path}:{line}: a template brings in what stands there, which may have the key already"
            raise Refused(reason, Refusal.TEMPLATED)


def refuse_trimmed(file: SettingFile, at: int) -> None:
    """Begin no line behind a placeholder that takes the line break behind itself away (``-}}``): it would be glued on.

    Raises:
        Refused: such a one is the last thing before the place.
    """
    if file.masked is None:
        return
    end = len(file.content[:at].rstrip())
    trims = file.content[:end].endswith((b"-}}", b"-%}", b"-%>"))
    if trims and any(stop == end for _, stop in file.masked.spans):
        line = file.content.count(b"\n", 0, end) + 1
        reason = f"{file.path}:{line}: a template takes the line break away behind which it would be added"
        raise Refused(reason, Refusal.TEMPLATED)


def refuse_doubt(file: SettingFile, location: Location) -> None:
    """Readers disagree on which of two equal keys counts.

    Raises:
        Refused: one of them is on the way to the value.
    """
    problems = file.documents.problems
    if not problems:
        return
    keys = _keys(file, location)
    document = file.documents.nodes[int(location[0])]
    for problem in problems:
        start = problem.origin.start
        unlisted = problem.message.startswith(_UNLISTED) and document.start <= start < document.end
        if start in keys or unlisted:
            kind = Refusal.TEMPLATED if file.masked else Refusal.DUPLICATE_KEY
            raise Refused(f"what stands beside it is doubtful: {problem}", kind)


def _keys(file: SettingFile, location: Location) -> set[int]:
    """Where the keys on the way to a value start."""
    node, starts = file.documents.nodes[int(location[0])], set()
    for step in location[1:]:
        key = node.key(step) if isinstance(step, str) else None
        starts |= {key.start} if key else set()
        below = node.get(step)
        if below is None:
            break
        node = below
    return starts
