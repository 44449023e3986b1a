"""Values and documents that are inserted into a file, found again where it moved, and taken out exactly. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from driftbot.actions.action import Standing
from driftbot.actions.address import Address, address_of
from driftbot.actions.splice import Splice, moved, splice_of
from driftbot.documents.node import Node, Plain, Shape
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.insertion import append_document, insert_value
from driftbot.edits.setting_file import Location, SettingFile

_MOST_PLACES = 50


class InsertedValue(Splice):
    """A value inserted below a mapping or appended to a list."""

    kind: Literal["insertion"] = "insertion"
    parent: Address
    key: str | None
    value: Any

    def standing(self, file: SettingFile) -> Standing:
        """Whether the value is missing, there, or another one is."""
        node = self._parent(file)
        if node is None:
            return Standing.OTHER
        if self.key is None:
            return Standing.AFTER if any(item.plain() == self.value for item in node.items) else Standing.BEFORE
        found = node.get(self.key)
        if found is None or found.is_null:
            return Standing.BEFORE
        return Standing.AFTER if found.plain() == self.value else Standing.OTHER

    def made(self, file: SettingFile) -> Edit:
        """The insertion, where its place is now.

        Raises:
            Refused: the place cannot be told beyond doubt, or other bytes would be written.
        """
        location = self.parent.find(file.documents)
        if location is None or self.standing(file) is not Standing.BEFORE:
            raise moved(file.path, "the place where the value is missing is not there")
        return self.refuse_other(insert_value(file, location, self.key, self.value))

    def reverted(self, file: SettingFile) -> Edit:
        """The insertion taken back.

        Raises:
            Refused: what was inserted does not stand there.
        """
        return _taken_out(self, file)

    def _parent(self, file: SettingFile) -> Node | None:
        location = self.parent.find(file.documents)
        node = file.node(location) if location else None
        fits = Shape.SEQUENCE if self.key is None else Shape.MAPPING
        return node if node is not None and (node.shape is fits or node.is_null) else None


class AddedDocument(Splice):
    """A document added at the end of a file."""

    kind: Literal["document"] = "document"
    value: Any

    def standing(self, file: SettingFile) -> Standing:
        """Whether the file has this document; one of the same name that says something else is another."""
        plain = [node.plain() for node in file.documents.nodes]
        if self.value in plain:
            return Standing.AFTER
        name = object_name(self.value)
        taken = bool(name) and name in map(object_name, plain)
        return Standing.OTHER if taken else Standing.BEFORE

    def made(self, file: SettingFile) -> Edit:
        """The document at the end of the file as it is now.

        Raises:
            Refused: the file has one of this name, or other bytes would be written.
        """
        if self.standing(file) is not Standing.BEFORE:
            raise moved(file.path, "a document of this name stands there")
        return self.refuse_other(append_document(file, self.value))

    def reverted(self, file: SettingFile) -> Edit:
        """The document taken out again.

        Raises:
            Refused: what was added does not stand there.
        """
        return _taken_out(self, file)


def inserted_value(file: SettingFile, parent: Location, key: str | None, value: Plain) -> tuple[InsertedValue, Edit]:
    """A value inserted below a place of the file, and the edit that does it.

    Raises:
        Refused: it cannot be inserted there.
    """
    edit = insert_value(file, parent, key, value)
    address = address_of(parent, file.documents)
    return InsertedValue(**splice_of(edit), parent=address, key=key, value=value), edit


def added_document(file: SettingFile, value: Plain) -> tuple[AddedDocument, Edit]:
    """A document added at the end of the file, and the edit that does it.

    Raises:
        Refused: the file has it, has another one of its name, or takes none.
    """
    name = object_name(value)
    if name and name in (object_name(node.plain()) for node in file.documents.nodes):
        raise Refused(f"{file.path}: a {name} stands in the file already", Refusal.ALREADY)
    edit = append_document(file, value)
    return AddedDocument(**splice_of(edit), value=value), edit


def object_name(plain: Plain) -> str:
    """What an object of Kubernetes is called, by kind, namespace and name; empty for everything else."""
    metadata = plain.get("metadata") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(metadata, dict) or not metadata.get("name"):
        return ""
    return f"{plain.get('kind')} {metadata.get('namespace') or ''}/{metadata['name']}"


def _taken_out(change: InsertedValue | AddedDocument, file: SettingFile) -> Edit:
    """The inserted bytes taken out where the file is, without them, what it was before them.

    Of a value, that is proved by inserting it again; a document may have got others behind it.
    """
    if change.standing(file) is Standing.AFTER:
        for start in _places(file.content, change.new_bytes):
            edit = file.edit(start, start + len(change.new_bytes), change.old_bytes)
            without = edit.apply(file.content)
            if _gives(change, file.changed(without), file):
                return edit
    raise moved(file.path, "what was added does not stand there as it was added")


def _places(content: bytes, sought: bytes) -> Iterator[int]:
    """Where these bytes stand, the last first: what they are added to grows at its end."""
    end = len(content)
    for _ in range(_MOST_PLACES):
        at = content.rfind(sought, 0, end)
        if at < 0:
            return
        yield at
        end = at + len(sought) - 1


def _gives(change: InsertedValue | AddedDocument, without: SettingFile, file: SettingFile) -> bool:
    """Whether the file is what it is without the change, and the change."""
    if isinstance(change, AddedDocument):
        rest = [node.plain() for node in file.documents.nodes]
        rest.remove(change.value)
        return without.documents.complete and [node.plain() for node in without.documents.nodes] == rest
    try:
        return change.made(without).apply(without.content) == file.content
    except Refused:
        return False
