"""One change of a file as a step keeps it: the bytes as they were proposed, and how to find their place again.

A file may move between proposing and performing: another step of the same plan adds a line further up, a person edits
another alert. The change is then made again where its place is now, and only if it is the same change: the same bytes
become the same bytes, at the same address, and read again nothing else differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from driftbot.actions.action import Standing
from driftbot.actions.address import Address, address_of
from driftbot.actions.strict import Strict
from driftbot.documents.node import Node, Plain, Shape
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.insertion import append_document, insert_value
from driftbot.edits.setting_file import Location, SettingFile

_MOST_PLACES = 50


class _Change(Strict):
    """The bytes from ``start`` to ``end`` of the file as it was proposed: ``old`` becomes ``new``."""

    start: int
    end: int
    old: str
    new: str
    encoding: str = "utf-8"

    @property
    def old_bytes(self) -> bytes:
        """What is replaced."""
        return self.old.encode(self.encoding)

    @property
    def new_bytes(self) -> bytes:
        """What stands there afterwards."""
        return self.new.encode(self.encoding)

    def _refuse_other(self, edit: Edit) -> Edit:
        """The edit, if it is the one that was proposed but for its place."""
        if (edit.old, edit.new) != (self.old_bytes, self.new_bytes):
            raise _moved(edit.path, "what would be written there now is not what was proposed")
        return edit


class ReplacedText(_Change):
    """A piece of a scalar replaced. ``inset`` is how far behind the scalar's start it stands, in bytes.

    ``scalar`` is all of it as it was written; without an ``address`` the change is made at its own bytes only.
    """

    kind: Literal["text"] = "text"
    address: Address | None = None
    inset: int = 0
    scalar: str = ""

    @property
    def before(self) -> bytes:
        """The whole scalar before."""
        return self.scalar.encode(self.encoding)

    @property
    def after(self) -> bytes:
        """The whole scalar afterwards."""
        old = self.before
        return old[: self.inset] + self.new_bytes + old[self.inset + len(self.old_bytes) :]

    def joined(self, other: ReplacedText) -> ReplacedText:
        """Both changes of one scalar as one.

        Raises:
            Refused: they change the same bytes, or were not made for the same scalar.
        """
        first, second = sorted((self, other), key=lambda change: change.start)
        begins = self.start - self.inset
        fits = (self.address, self.scalar, begins) == (other.address, other.scalar, other.start - other.inset)
        if not fits or second.start < first.end:
            raise Refused("two changes of one value exclude each other; make one, then scan again", Refusal.OVERLAPPING)
        whole = self.before
        between = whole[first.inset + len(first.old_bytes) : second.inset]
        rest = whole[second.inset + len(second.old_bytes) :]
        after = whole[: first.inset] + first.new_bytes + between + second.new_bytes + rest
        return self.model_copy(
            update={
                "start": begins,
                "end": begins + len(whole),
                "old": self.scalar,
                "new": after.decode(self.encoding),
                "inset": 0,
            }
        )

    def standing(self, file: SettingFile) -> Standing:
        """How the scalar at the address stands to the change."""
        node = self._node(file)
        now = None if node is None else file.content[node.start : node.end]
        return Standing.BEFORE if now == self.before else Standing.AFTER if now == self.after else Standing.OTHER

    def made(self, file: SettingFile) -> Edit:
        """The change, where its place is now.

        Raises:
            Refused: the place cannot be told beyond doubt, or more than this would change.
        """
        return self._swapped(file, self.before, self.old_bytes, self.new_bytes)

    def reverted(self, file: SettingFile) -> Edit:
        """The change taken back.

        Raises:
            Refused: the value that it made does not stand there.
        """
        return self._swapped(file, self.after, self.new_bytes, self.old_bytes)

    def _node(self, file: SettingFile) -> Node | None:
        location = self.address.find(file.documents) if self.address else None
        node = file.node(location) if location else None
        return node if node is not None and node.shape is Shape.SCALAR else None

    def _swapped(self, file: SettingFile, expected: bytes, old: bytes, new: bytes) -> Edit:
        location = self.address.find(file.documents) if self.address else None
        node = self._node(file)
        if location is None or node is None or file.content[node.start : node.end] != expected:
            raise _moved(file.path, "the value that was read does not stand where it stood")
        start = node.start + self.inset
        edit = file.edit(start, start + len(old), new)
        if edit.old != old or not _only_differs(file, file.changed(edit.apply(file.content)), location):
            raise _moved(file.path, "it cannot be proved that this value alone would change")
        return edit


class InsertedValue(_Change):
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
            raise _moved(file.path, "the place where the value is missing is not there")
        return self._refuse_other(insert_value(file, location, self.key, self.value))

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


class AddedDocument(_Change):
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
            raise _moved(file.path, "a document of this name stands there")
        return self._refuse_other(append_document(file, self.value))

    def reverted(self, file: SettingFile) -> Edit:
        """The document taken out again.

        Raises:
            Refused: what was added does not stand there.
        """
        return _taken_out(self, file)


class MadeFile(_Change):
    """A file that is made."""

    kind: Literal["file"] = "file"

    def standing(self, file: SettingFile) -> Standing:
        """Whether the file has exactly this content; that it is missing is seen before."""
        return Standing.AFTER if file.content == self.new_bytes else Standing.OTHER

    def made(self, file: SettingFile) -> Edit:
        """Nothing: what is there is never overwritten.

        Raises:
            Refused: always, a file stands there.
        """
        raise _moved(file.path, "a file stands there by now")

    def reverted(self, file: SettingFile) -> Edit:
        """All of its content taken out.

        Raises:
            Refused: something else stands in it.
        """
        if file.content != self.new_bytes:
            raise _moved(file.path, "the file that was made has been changed")
        return file.edit(0, len(file.content), b"")


FileChange = Annotated[ReplacedText | InsertedValue | AddedDocument | MadeFile, Field(discriminator="kind")]
"""Any change of a file."""


def replaced_text(file: SettingFile, edit: Edit) -> ReplacedText:
    """The change that an edit of one scalar of the file is."""
    splice = _splice(edit)
    node = _holder(file, edit)
    if node is None or len(file.locations(node)) != 1:
        return ReplacedText(**splice)
    raw, inset = file.content[node.start : node.end], edit.start - node.start
    address = address_of(file.locations(node)[0], file.documents)
    return ReplacedText(**splice, address=address, inset=inset, scalar=raw.decode(edit.encoding))


def inserted_value(file: SettingFile, parent: Location, key: str | None, value: Plain) -> tuple[InsertedValue, Edit]:
    """A value inserted below a place of the file, and the edit that does it.

    Raises:
        Refused: it cannot be inserted there.
    """
    edit = insert_value(file, parent, key, value)
    address = address_of(parent, file.documents)
    return InsertedValue(**_splice(edit), parent=address, key=key, value=value), edit


def added_document(file: SettingFile, value: Plain) -> tuple[AddedDocument, Edit]:
    """A document added at the end of the file, and the edit that does it.

    Raises:
        Refused: the file has it, has another one of its name, or takes none.
    """
    name = object_name(value)
    if name and name in (object_name(node.plain()) for node in file.documents.nodes):
        raise Refused(f"{file.path}: a {name} stands in the file already", Refusal.ALREADY)
    edit = append_document(file, value)
    return AddedDocument(**_splice(edit), value=value), edit


def made_file(edit: Edit) -> MadeFile:
    """The change that making a file is."""
    return MadeFile(**_splice(edit))


def _splice(edit: Edit) -> dict[str, Any]:
    try:
        old, new = edit.old.decode(edit.encoding), edit.new.decode(edit.encoding)
    except UnicodeDecodeError as error:
        raise Refused(f"{edit.path}:{edit.line}: {error}", Refusal.UNREADABLE) from None
    return {"start": edit.start, "end": edit.end, "old": old, "new": new, "encoding": edit.encoding}


def _holder(file: SettingFile, edit: Edit) -> Node | None:
    """The scalar that all of the edit's bytes are part of."""
    exact = file.span(edit.start, edit.end)
    if exact is not None:
        return exact
    around = (
        node
        for _, node in file.nodes
        if node.shape is Shape.SCALAR and node.start <= edit.start and edit.end <= node.end and node.start < node.end
    )
    return next(around, None)


def _only_differs(before: SettingFile, after: SettingFile, location: Location) -> bool:
    """Whether the scalar at the location is another and everything else the same."""
    if not after.documents.complete or len(before.leaves) != len(after.leaves):
        return False
    pairs = zip(before.leaves, after.leaves, strict=True)
    return [was.location for was, now in pairs if was != now] == [location]


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
    raise _moved(file.path, "what was added does not stand there as it was added")


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


def object_name(plain: Plain) -> str:
    """What an object of Kubernetes is called, by kind, namespace and name; empty for everything else."""
    metadata = plain.get("metadata") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(metadata, dict) or not metadata.get("name"):
        return ""
    return f"{plain.get('kind')} {metadata.get('namespace') or ''}/{metadata['name']}"


def _moved(path: str, reason: str) -> Refused:
    return Refused(f"{path}: the file has changed, {reason}; plan again", Refusal.MOVED)
