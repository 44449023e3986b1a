"""One value of a file of any format, replaced byte for byte: quoted as its author did, and proved."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time

from driftbot.documents.format import Format
from driftbot.documents.node import Node, Scalar, Shape
from driftbot.documents.yaml_scalar import resolve
from driftbot.edits import ini_text, json_text, properties_text, toml_text, yaml_text
from driftbot.edits.diff import Change
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.editable import editable_location, place
from driftbot.edits.masked import holds_placeholder
from driftbot.edits.proof import is_proved
from driftbot.edits.setting_file import Location, SettingFile

LONGEST_SHOWN = 80
"""Characters of a value that a refusal shows."""

_SPELLINGS: Mapping[Format, Callable[[Node, str], Iterator[str]]] = {
    Format.YAML: yaml_text.spellings,
    Format.JSON: json_text.spellings,
    Format.TOML: toml_text.spellings,
    Format.PROPERTIES: properties_text.spellings,
    Format.INI: ini_text.spellings,
}


def set_value(file: SettingFile, location: Location, new: str) -> Edit:
    """Replace a scalar; ``new`` is what the parser shall read as its text (``30s``, ``true``).

    Text stays text, quoted where a parser would take it for something else; a number, boolean or null may become
    anything. Anchor, tag and comments stay.

    Raises:
        Refused: there is no scalar at the location, it feeds other places, a template makes it, or no replacement
            could be proved to change it and nothing else.
    """
    node = file.node(location)
    if node is None:
        raise Refused(f"{file.path}: there is no {_dotted(location)}", Refusal.NOT_THERE)
    if node.shape is not Shape.SCALAR:
        raise Refused(f"{place(file, node)}: {_dotted(location)} is a {node.shape}, no value", Refusal.NOT_THERE)
    return _replaced(file, node, new)


def set_at(file: SettingFile, start: int, end: int, new: str) -> Edit:
    """Replace the scalar that is written at these bytes, quotes included, as ``set_value`` does.

    Raises:
        Refused: as ``set_value``, or another value stands there.
    """
    return _replaced(file, file.at(start, end), new)


def _replaced(file: SettingFile, node: Node, new: str) -> Edit:
    location = editable_location(file, node)
    if _says(file, node, new):
        raise Refused(f"{place(file, node)}: it says {_shown(node.text)} already", Refusal.ALREADY)
    if file.masked and holds_placeholder(new):
        reason = f"{place(file, node)}: {_shown(new)} would be a placeholder of the template"
        raise Refused(reason, Refusal.UNWRITABLE_VALUE)
    for written in _SPELLINGS[file.known_format](node, new):
        change = Change(node.start, node.end, file.encoded(written))
        if is_proved(file, node, location, change, _read_text(file, written, new)):
            return file.edit(*change)
    reason = f"{place(file, node)}: {_shown(node.text)} cannot be replaced by {_shown(new)} so that it alone changes"
    raise Refused(reason, Refusal.NOT_PROVABLE)


def _read_text(file: SettingFile, written: str, new: str) -> str:
    """The text that the reader makes of it: dates of TOML are read as ISO 8601 writes them."""
    if file.known_format is Format.TOML and not written.startswith(('"', "'")):
        meant = tomllib.loads(f"x = {written}")["x"]
        return meant.isoformat() if isinstance(meant, date | time) else new
    return new


def _says(file: SettingFile, node: Node, new: str) -> bool:
    """Whether it would be the same value: the same text, or another word for the same number, boolean or null."""
    if isinstance(node.value, str):
        return new == node.text
    meant = _MEANINGS[file.known_format](new)
    return type(meant) is type(node.value) and meant == node.value


def _json(text: str) -> Scalar:
    try:
        meant = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(meant, dict | list) else meant


def _toml(text: str) -> Scalar:
    try:
        meant = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
    return meant if isinstance(meant, bool | int | float) else text


_MEANINGS: Mapping[Format, Callable[[str], Scalar]] = {
    Format.YAML: lambda text: resolve(text) if text else text,
    Format.JSON: _json,
    Format.TOML: _toml,
    Format.PROPERTIES: str,
    Format.INI: str,
}


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


def _dotted(location: Location) -> str:
    return ".".join(map(str, location[1:])) or "document"
