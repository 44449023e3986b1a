"""A missing member within brackets (JSON, YAML's flow style, TOML's inline tables), spaced as its siblings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from driftbot.documents.node import Node, Plain, Shape
from driftbot.edits.diff import Change
from driftbot.edits.setting_file import SettingFile

_GAP = re.compile(rb"(?:[ \t\r\n]|#[^\r\n]*)*")
_BEGINS_LINE = re.compile(r"(?P<end>\r\n|\r|\n)(?P<indentation>[ \t]*)\Z")
_ALONE = re.compile(r'(?P<end>\r\n|\r|\n)(?P<indentation>[ \t]*)(?:"(?:[^"\\\r\n]|\\.)*"[ \t]*:[ \t]*)?\Z')
_STEP = "  "


@dataclass(frozen=True, slots=True)
class Spread:
    """Values written over several lines: how lines end, the indentation of this one, and one more level of it."""

    end: str
    indentation: str
    step: str


@dataclass(frozen=True, slots=True)
class Writing:
    """How a format writes a key, what joins it to its value unless siblings say otherwise, and a value.

    ``value`` takes how lines are broken where the siblings stand on lines of their own; ``space`` follows a comma.
    """

    key: Callable[[str], str]
    joint: str
    value: Callable[[Plain, Spread | None], str]
    space: str = " "


def _json_value(value: Plain, spread: Spread | None) -> str:
    if spread is None:
        return json.dumps(value, ensure_ascii=False)
    written = json.dumps(value, ensure_ascii=False, indent=spread.step)
    return written.replace("\n", f"{spread.end}{spread.indentation}")


def _compact_value(value: Plain, spread: Spread | None) -> str:
    if spread is not None:
        return _json_value(value, spread)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _json_key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


JSON = Writing(_json_key, ": ", _json_value)
_COMPACT = Writing(_json_key, ":", _compact_value, "")


def json_writing(content: bytes) -> Writing:
    """JSON with spaces as it has them: compact where there are none."""
    return JSON if re.search(rb"[,:]\s", content) else _COMPACT


def flow_change(file: SettingFile, holder: Node, key: str | None, value: Plain, writing: Writing) -> Change:
    """The value behind the last member of a collection in brackets; the bytes are to be proved."""
    members = _members(holder)
    if not members:
        return _only_member(file, holder, key, value, writing)
    content, (start, end) = file.readable, members[-1]
    line = _BEGINS_LINE.search(_text(file, holder.start, start))
    spread = Spread(line["end"], line["indentation"], _step(file, holder, line["indentation"])) if line else None
    text = _member(file, holder, key, value, writing, spread)
    between = line[0] if line else _between(file, members, writing.space)
    gap = _GAP.match(content, end)
    comma = gap.end() if gap and content[gap.end() : gap.end() + 1] == b"," else -1
    if comma < 0:
        return Change(end, end, file.encoded(f",{between}{text}"))
    return Change(comma + 1, comma + 1, file.encoded(f"{between}{text}{',' if line else ''}"))


def _members(holder: Node) -> list[tuple[int, int]]:
    """Where each member starts, its key included, and ends."""
    if holder.shape is Shape.SEQUENCE:
        return sorted((item.start, item.end) for item in holder.items)
    return sorted((entry.key.start, max(entry.key.end, entry.value.end)) for entry in holder.entries)


def _only_member(file: SettingFile, holder: Node, key: str | None, value: Plain, writing: Writing) -> Change:
    """The member of an empty collection: on a line of its own where what the collection is part of is spread so."""
    around = _text(file, 0, holder.start)
    line = _ALONE.search(around)
    if writing is JSON and line:
        step = _first_step(around)
        spread = Spread(line["end"], line["indentation"] + step, step)
        text = _member(file, holder, key, value, writing, spread)
        written = f"{spread.end}{spread.indentation}{text}{spread.end}{line['indentation']}"
        return Change(holder.start + 1, holder.end - 1, file.encoded(written))
    text = _member(file, holder, key, value, writing, None)
    return Change(holder.start + 1, holder.start + 1, file.encoded(text))


def _member(
    file: SettingFile, holder: Node, key: str | None, value: Plain, writing: Writing, spread: Spread | None
) -> str:
    written = writing.value(value, spread)
    return written if key is None else f"{writing.key(key)}{_joint(file, holder, writing)}{written}"


def _joint(file: SettingFile, holder: Node, writing: Writing) -> str:
    """What stands between a sibling's key and value."""
    for entry in holder.entries:
        joint = _text(file, entry.key.end, entry.value.start)
        if re.fullmatch(r"[ \t]*[:=][ \t]*", joint) and (writing.key is _json_key or not joint.endswith(":")):
            return joint
    return writing.joint


def _between(file: SettingFile, members: list[tuple[int, int]], usual: str) -> str:
    """The space between two members on one line."""
    if len(members) < 2:
        return usual
    found = re.fullmatch(r"\s*,([ \t]*)", _text(file, members[-2][1], members[-1][0]))
    return found[1] if found else usual


def _step(file: SettingFile, holder: Node, indentation: str) -> str:
    """One level of indentation: how much deeper members are than the line that opens their collection."""
    line = _text(file, 0, holder.start).rpartition("\n")[2]
    outer = line[: len(line) - len(line.lstrip(" \t"))]
    deeper = indentation.removeprefix(outer)
    return deeper if indentation.startswith(outer) and deeper else _STEP


def _first_step(around: str) -> str:
    found = re.search(r"\n([ \t]+)\S", around)
    return found[1] if found else _STEP


def _text(file: SettingFile, start: int, end: int) -> str:
    return file.readable[start:end].decode(file.encoding, "replace")
