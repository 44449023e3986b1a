"""What is missing in a file, inserted in the file's own manner and proved: a key, an item, a document, or the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from driftbot.documents.format import Format, read_documents
from driftbot.documents.node import Node, Plain, Shape
from driftbot.edits.diff import Change, changed, creation_diff
from driftbot.edits.edit import Edit, Refusal, Refused, Target
from driftbot.edits.editable import place, refuse_doubt, refuse_shared, refuse_template_around, refuse_trimmed
from driftbot.edits.entry_insertion import ini_insertion, properties_insertion, texts
from driftbot.edits.flow_insertion import flow_change, json_writing
from driftbot.edits.masked import holds_placeholder
from driftbot.edits.proof import is_inserted
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.toml_insertion import insertion as toml_insertion
from driftbot.edits.yaml_insertion import added_lines, filling
from driftbot.edits.yaml_insertion import insertion as yaml_insertion
from driftbot.edits.yaml_layout import Layout, layout_of


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where something is missing: the value that is there (a collection, or a null to be filled) and what goes in it.

    ``key`` is None for one more item; ``fills`` says that the value takes the null's place.
    """

    location: Location
    node: Node
    key: str | None
    value: Plain
    fills: bool = False


def insert_value(file: SettingFile, parent: Location, key: str | None, value: Plain) -> Edit:
    """Insert a value under a key of the parent, or append it to the parent if ``key`` is None.

    Mappings that are missing on the way are made; a key without a value gets it. The new lines stand behind the
    siblings, with their indentation, spacing and quotes. The result is proved: read again, the value is there and
    everything else is what it was.

    Raises:
        Refused: the key is there, the parent is another value, feeds other places or is made by a template, or no
            insertion could be proved.
    """
    gap = _gap(file, parent, key, value)
    _refuse_unsafe(file, gap)
    change = _change(file, gap)
    refuse_trimmed(file, change.start)
    read = texts(gap.value) if file.known_format in (Format.PROPERTIES, Format.INI) else gap.value
    within: Location = () if gap.fills else (len(gap.node.items) if gap.key is None else gap.key,)
    if is_inserted(file, gap.node, gap.location, change, within, read):
        return file.edit(*change)
    reason = f"{place(file, gap.node)}: {_dotted(parent, key)} cannot be inserted so that nothing else changes"
    raise Refused(reason, Refusal.NOT_PROVABLE)


def append_document(file: SettingFile, value: Plain) -> Edit:
    """Add a document at the end of a YAML file.

    Raises:
        Refused: the file is of another format or cannot be read whole.
    """
    if file.known_format is not Format.YAML:
        raise Refused(f"{file.path}: only YAML files hold several documents", Refusal.NOT_EDITED)
    file.refuse_unreadable()
    lines = layout_of(file).lines(value, 0)
    alone = read_documents("\n".join(lines).encode(), "", file.path, Format.YAML)
    if not alone.complete or len(alone.nodes) != 1 or not _same(alone.nodes[0].plain(), value):
        raise Refused(f"{file.path}: the document cannot be written as YAML", Refusal.UNWRITABLE_VALUE)
    marker = ["---"] if file.readable.strip() else []
    change = added_lines(file, len(file.content), [*marker, *lines])
    refuse_trimmed(file, change.start)
    # A marker at a line's start ends whatever document stands before it. In an odd encoding it is looked at again, and
    # behind a last line without an end: a block of text there gets one more line break.
    if file.encoding != "utf-8" or not file.content.endswith(b"\n"):
        after = file.changed(changed(file.content, [change])).documents
        before = [node.plain() for node in file.documents.nodes]
        if not after.complete or not _same([node.plain() for node in after.nodes], [*before, value]):
            raise Refused(f"{file.path}: no document can be added so that nothing else changes", Refusal.NOT_PROVABLE)
    return file.edit(*change)


def new_file(path: str, value: Plain, format: Format = Format.YAML) -> Edit:
    """The edit that makes a file of one document.

    Raises:
        Refused: the format is neither YAML nor JSON, or cannot hold the value.
    """
    match format:
        case Format.YAML:
            text = "\n".join(Layout().lines(value, 0)) + "\n"
        case Format.JSON:
            text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        case _:
            raise Refused(f"{path}: a new {format} file is written by hand", Refusal.NOT_EDITED)
    made = read_documents(text.encode(), "", path, format)
    if not made.complete or not _same([node.plain() for node in made.nodes], [value]):
        raise Refused(f"{path}: the document cannot be written as {format}", Refusal.UNWRITABLE_VALUE)
    return Edit(path, 0, 0, b"", text.encode(), 1, creation_diff(path, text), target=Target.NEW)


def _gap(file: SettingFile, parent: Location, key: str | None, value: Plain) -> _Gap:
    """What is there of the way to the parent, and the value with what is missing of it around."""
    path, steps = parent[:1], [*parent[1:], key]
    node = file.node(path)
    if node is None:
        raise Refused(f"{file.path}: the file has no document {parent[0]}", Refusal.NOT_THERE)
    while steps:
        step = steps[0]
        if node.is_null:
            return _Gap(path, node, None, _wrapped(file, steps, value), fills=True)
        if not _fits(node, step):
            reason = f"{place(file, node)}: {_dotted(path, None)} is a {node.shape}; {step!r} cannot stand in it"
            raise Refused(reason, Refusal.NOT_THERE)
        below = None if step is None else node.get(step)
        if step is None or below is None:
            return _Gap(path, node, *_named(file, steps, value))
        node, path, steps = below, (*path, step), steps[1:]
    if node.is_null:
        return _Gap(path, node, None, value, fills=True)
    raise Refused(f"{place(file, node)}: {_dotted(path, None)} is there already", Refusal.ALREADY)


def _fits(node: Node, step: str | int | None) -> bool:
    return node.shape is (Shape.MAPPING if isinstance(step, str) else Shape.SEQUENCE)


def _named(file: SettingFile, steps: list[str | int | None], value: Plain) -> tuple[str | None, Plain]:
    first = steps[0]
    if isinstance(first, int):
        raise Refused(f"{file.path}: the list has no item {first}", Refusal.NOT_THERE)
    return first, _wrapped(file, steps[1:], value)


def _wrapped(file: SettingFile, steps: list[str | int | None], value: Plain) -> Plain:
    """The value below the missing steps."""
    for step in reversed(steps):
        if isinstance(step, int):
            raise Refused(f"{file.path}: there is no list that could have an item {step}", Refusal.NOT_THERE)
        value = [value] if step is None else {step: value}
    return value


def _refuse_unsafe(file: SettingFile, gap: _Gap) -> None:
    refuse_shared(file, gap.node)
    refuse_doubt(file, gap.location)
    refuse_template_around(file, gap.node)
    if file.masked and any(map(holds_placeholder, _texts([gap.key, gap.value]))):
        raise Refused(f"{place(file, gap.node)}: the value would hold a placeholder", Refusal.UNWRITABLE_VALUE)


def _change(file: SettingFile, gap: _Gap) -> Change:
    match file.known_format:
        case Format.YAML if gap.fills:
            return filling(file, gap.location, gap.node, gap.value)
        case Format.YAML:
            return yaml_insertion(file, gap.node, gap.key, gap.value)
        case Format.JSON if gap.fills:
            return Change(
                gap.node.start, gap.node.end, file.encoded(json_writing(file.readable).value(gap.value, None))
            )
        case Format.JSON:
            return flow_change(file, gap.node, gap.key, gap.value, json_writing(file.readable))
        case Format.TOML:
            return toml_insertion(file, gap.location, gap.node, gap.key, gap.value)
        case Format.PROPERTIES:
            return properties_insertion(file, gap.node, gap.key, gap.value)
        case Format.INI:
            return ini_insertion(file, gap.location, gap.node, gap.key, gap.value)


def _texts(value: Plain) -> Iterator[str]:
    """Every text in a value, keys included."""
    match value:
        case str():
            yield value
        case dict():
            for key, below in value.items():
                yield key
                yield from _texts(below)
        case list():
            for item in value:
                yield from _texts(item)


def _dotted(location: Location, key: str | None) -> str:
    steps = [*location[1:], *([key] if key is not None else [])]
    return ".".join(map(str, steps)) or "the document"


def _same(one: Plain | list[Plain], other: Plain | list[Plain]) -> bool:
    return json.dumps(one) == json.dumps(other)
