"""A missing key or item of a YAML file, written behind its siblings with their indentation, or in their brackets."""

from __future__ import annotations

from driftbot.documents.node import Node, Plain
from driftbot.edits.diff import Change
from driftbot.edits.flow_insertion import JSON, Writing, flow_change
from driftbot.edits.piece import line_end
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.yaml_layout import Layout, is_block, layout_of


def insertion(file: SettingFile, holder: Node, key: str | None, value: Plain) -> Change:
    """The value under a key of the holder, or at its end if it is a list; the bytes are to be proved."""
    layout = layout_of(file)
    if not is_block(file, holder) or not holder.children:
        return flow_change(file, holder, key, value, _writing(file, holder, layout))
    indentation = _column(_first(holder))
    lines = layout.lines({key: value} if key is not None else [value], indentation)
    return added_lines(file, line_end(file, holder.end), lines)


def filling(file: SettingFile, location: Location, empty: Node, value: Plain) -> Change:
    """The value in the place of a null; a collection goes on the lines below its key."""
    layout = layout_of(file)
    holder = file.node(location[:-1]) if len(location) > 1 else None
    key = holder.key(str(location[-1])) if holder is not None and isinstance(location[-1], str) else None
    block = holder is not None and is_block(file, holder) and isinstance(value, dict | list) and value
    if empty.start == empty.end and key is not None and block:
        step = layout.step if isinstance(value, dict) else layout.dash
        lines = layout.lines(value, _column(key) + step)
        return added_lines(file, line_end(file, empty.end), lines)
    space = " " if empty.start == empty.end else ""
    return Change(empty.start, empty.end, file.encoded(space + layout.flow(value)))


def added_lines(file: SettingFile, at: int, lines: list[str]) -> Change:
    """Lines behind the line that ends at this byte, with the file's line ends; a file without a final one gets none."""
    end = line_break(file)
    newline = "\n".encode(file.encoding)
    begun = at <= file.first or file.readable[at - len(newline) : at] == newline
    text = end.join(lines) + end if begun else end + end.join(lines)
    return Change(at, at, file.encoded(text))


def line_break(file: SettingFile) -> str:
    """How the file's first line ends."""
    first = file.readable[: line_end(file, 0)].decode(file.encoding, "replace")
    return "\r\n" if first.endswith("\r\n") else "\n"


def _first(holder: Node) -> Node:
    """The first key or item that stands in the collection itself, not in one that it merges."""
    own = [entry.key for entry in holder.entries if holder.start <= entry.key.start < holder.end]
    return own[0] if own else holder


def _column(node: Node) -> int:
    return node.column - 1


def _writing(file: SettingFile, holder: Node, layout: Layout) -> Writing:
    """As the siblings are: JSON, which most of YAML's readers take, or bare words."""
    if holder.entries and all(file.readable[one.key.start : one.key.start + 1] == b'"' for one in holder.entries):
        return JSON
    return Writing(lambda key: layout.flow(key), ": ", lambda value, _: layout.flow(value))
