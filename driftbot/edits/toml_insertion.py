"""A missing key of a TOML file: in its table behind the last of its keys, in brackets, or in a table of its own."""

from __future__ import annotations

import json
import re

from driftbot.documents.node import Node, Plain, Shape
from driftbot.edits.diff import Change
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.flow_insertion import Spread, Writing, flow_change
from driftbot.edits.piece import line_end
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.toml_text import basic
from driftbot.edits.yaml_insertion import added_lines

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_KEY_PART = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_-]+)"
_HEADER = re.compile(rf"\[\[?[ \t]*{_KEY_PART}(?:[ \t]*\.[ \t]*{_KEY_PART})*[ \t]*\]")


def insertion(file: SettingFile, location: Location, holder: Node, key: str | None, value: Plain) -> Change:
    """The value under a key of the holder, or at its end if it is an array; the bytes are to be proved.

    Raises:
        Refused: TOML has no null.
    """
    if _is_bracketed(file, holder):
        return flow_change(file, holder, key, value, Writing(_key, " = ", _inline))
    if key is None:
        return _array_table(file, location, holder, value)
    section = _section(file, location, holder)
    if section is None or (isinstance(value, dict) and value and len(location) == 1):
        return _new_table(file, (*location, key) if isinstance(value, dict) else location, key, value)
    written = f"{_prefix(file, holder, section)}{_key(key)}{_joint(file, holder)}{_inline(value, None)}"
    return added_lines(file, _last_end(file, section), [written])


def _inline(value: Plain, _spread: Spread | None) -> str:
    """The value in one line.

    Raises:
        Refused: TOML has no null.
    """
    match value:
        case None:
            raise Refused("TOML has no null; leave the key out", Refusal.UNWRITABLE_VALUE)
        case str():
            return basic(value)
        case dict():
            members = ", ".join(f"{_key(key)} = {_inline(below, None)}" for key, below in value.items())
            return f"{{ {members} }}" if members else "{}"
        case list():
            return "[" + ", ".join(_inline(item, None) for item in value) + "]"
    return json.dumps(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else basic(key)


def _is_bracketed(file: SettingFile, node: Node) -> bool:
    """Whether it is an inline table or an array, not what headers or dotted keys open."""
    sign = file.readable[node.start : node.start + 1]
    if node.shape is Shape.MAPPING:
        return sign == b"{"
    return sign == b"[" and not any(_opens(file, item) for item in node.items)


def _opens(file: SettingFile, node: Node) -> bool:
    """Whether a header opens the table."""
    return node.shape is Shape.MAPPING and file.readable[node.start : node.start + 1] == b"["


def _headers(file: SettingFile) -> list[int]:
    return sorted({node.start for _, node in file.nodes if _opens(file, node)})


def _section(file: SettingFile, location: Location, holder: Node) -> tuple[int, int] | None:
    """The bytes behind the holder's header up to the next one; None where no header is its own."""
    headers = _headers(file)
    if len(location) == 1:
        return 0, headers[0] if headers else len(file.content)
    if not _opens(file, holder):
        # Dotted keys opened it: it goes on where they stand.
        start = max((one for one in headers if one <= holder.start), default=0)
    else:
        start = holder.start
        names = sum(isinstance(step, str) for step in location[1:])
        header = _HEADER.match(file.readable[start : line_end(file, start + 1)].decode("utf-8", "replace"))
        if header is None or len(re.findall(_KEY_PART, header[0])) != names:
            return None
    return start, next((one for one in headers if one > start), len(file.content))


def _last_end(file: SettingFile, section: tuple[int, int]) -> int:
    """The end of the last line of a section that says something."""
    start, end = section
    ends = [node.end for _, node in file.nodes if start < node.start and node.end <= end and not _is_table(file, node)]
    if ends:
        return line_end(file, max(ends))
    return line_end(file, start + 1) if file.readable[start : start + 1] == b"[" else start


def _is_table(file: SettingFile, node: Node) -> bool:
    return node.shape is not Shape.SCALAR and not _is_bracketed(file, node)


def _prefix(file: SettingFile, holder: Node, section: tuple[int, int]) -> str:
    """What stands before a sibling's key on its line: indentation, and the first parts of a dotted key."""
    for entry in holder.entries:
        if section[0] <= entry.key.start < section[1] and not _opens(file, entry.value):
            start = file.readable.rfind(b"\n", 0, entry.key.start) + 1
            return file.readable[max(start, file.documents.nodes[0].start) : entry.key.start].decode("utf-8")
    return ""


def _joint(file: SettingFile, holder: Node) -> str:
    for entry in holder.entries:
        joint = file.readable[entry.key.end : entry.value.start].decode("utf-8", "replace")
        if re.fullmatch(r"[ \t]*=[ \t]*", joint):
            return joint
    return " = "


def _new_table(file: SettingFile, location: Location, key: str, value: Plain) -> Change:
    """A table at the end of the file."""
    path, pairs = [str(step) for step in location[1:] if isinstance(step, str)], value
    if not isinstance(pairs, dict):
        pairs = {key: value}
    while len(pairs) == 1 and isinstance(below := next(iter(pairs.values())), dict) and below:
        path.append(next(iter(pairs)))
        pairs = below
    return _table(file, len(file.content), f"[{'.'.join(map(_key, path))}]", pairs)


def _array_table(file: SettingFile, location: Location, holder: Node, value: Plain) -> Change:
    """One more table of an array of tables, behind the last one."""
    if not isinstance(value, dict):
        raise Refused(f"{file.path}: an array of tables holds tables only", Refusal.UNWRITABLE_VALUE)
    path = ".".join(_key(str(step)) for step in location[1:] if isinstance(step, str))
    end = max(node.end for _, node in holder.items[-1].walk())
    return _table(file, line_end(file, end), f"[[{path}]]", value)


def _table(file: SettingFile, at: int, header: str, pairs: dict[str, Plain]) -> Change:
    lines = [header, *(f"{_key(key)} = {_inline(below, None)}" for key, below in pairs.items())]
    apart = [""] if file.readable[:at].strip() and not file.readable[:at].endswith((b"\n\n", b"\n\r\n")) else []
    return added_lines(file, at, [*apart, *lines])
