"""A missing key of a properties or INI file: a line beside its siblings, separated as they are."""

from __future__ import annotations

import re

from driftbot.documents.format import Format
from driftbot.documents.node import Entry, Node, Plain, Shape
from driftbot.edits.diff import Change
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.piece import line_end
from driftbot.edits.properties_text import escaped
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.yaml_insertion import added_lines

_KEY_ESCAPED = re.compile(r"[:= ]|\A[#!]")


def properties_insertion(file: SettingFile, holder: Node, key: str | None, value: Plain) -> Change:
    """The key behind the one that shares most of its dotted beginning; the bytes are to be proved.

    Raises:
        Refused: a properties file has neither lists nor mappings.
    """
    name, text = _pair(file, key, value)
    entries = [entry for entry in holder.entries if entry.value.shape is Shape.SCALAR]
    beside = max(entries, key=lambda entry: (_shared(entry.key.text, name), entry.key.start), default=None)
    written = _KEY_ESCAPED.sub(lambda match: f"\\{match[0]}", escaped(name))
    line = f"{written}{_separator(file, beside, '=')}{escaped(text)}"
    at = line_end(file, max(beside.key.end, beside.value.end)) if beside else len(file.content)
    return added_lines(file, at, [line])


def ini_insertion(file: SettingFile, location: Location, holder: Node, key: str | None, value: Plain) -> Change:
    """The key behind the last one of its section, or a section of its own; the bytes are to be proved.

    Raises:
        Refused: an INI file has sections of texts and nothing deeper.
    """
    if isinstance(value, dict) and len(location) == 1:
        pairs = [_pair(file, below, one) for below, one in value.items()]
        lines = [f"[{key}]", *(f"{name} = {text}" for name, text in pairs)]
        apart = [""] if file.readable.strip() else []
        return added_lines(file, len(file.content), [*apart, *lines])
    name, text = _pair(file, key, value)
    entries = [entry for entry in holder.entries if entry.value.shape is Shape.SCALAR]
    beside = max(entries, key=lambda entry: entry.key.start, default=None)
    line = f"{_indentation(file, beside)}{name}{_separator(file, beside, ' = ')}{text}"
    if beside is not None:
        return added_lines(file, line_end(file, max(beside.key.end, beside.value.end)), [line])
    at = holder.content.first if len(location) == 1 else line_end(file, holder.end)
    return added_lines(file, at, [line])


def texts(value: Plain) -> Plain:
    """The value as these formats read it: numbers and flags are text."""
    if isinstance(value, dict):
        return {key: texts(below) for key, below in value.items()}
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pair(file: SettingFile, key: str | None, value: Plain) -> tuple[str, str]:
    if key is None or isinstance(value, dict | list) or value is None:
        format = "a properties" if file.known_format is Format.PROPERTIES else "an INI"
        reason = f"{file.path}: {format} file holds keys and texts only"
        raise Refused(reason, Refusal.UNWRITABLE_VALUE)
    return key, str(texts(value))


def _shared(one: str, other: str) -> int:
    """How many dotted parts two keys begin with alike."""
    parts = list(zip(one.split("."), other.split("."), strict=False))
    return next((number for number, (left, right) in enumerate(parts) if left != right), len(parts))


def _separator(file: SettingFile, beside: Entry | None, default: str) -> str:
    if beside is None:
        return default
    found = file.readable[beside.key.end : beside.value.start].decode(file.encoding, "replace")
    return found if re.fullmatch(r"[ \t]*[:=][ \t]*", found) else default


def _indentation(file: SettingFile, beside: Entry | None) -> str:
    if beside is None:
        return ""
    start = max(file.readable.rfind(b"\n", 0, beside.key.start) + 1, beside.key.content.first)
    return file.readable[start : beside.key.start].decode(file.encoding, "replace")
