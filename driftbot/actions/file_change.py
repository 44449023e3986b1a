"""One change of a file as a step keeps it: the bytes as they were proposed, and how to find their place again.

A file may move between proposing and performing: another step of the same plan adds a line further up, a person edits
another alert. The change is then made again where its place is now, and only if it is the same change: the same bytes
become the same bytes, at the same address, and read again nothing else differs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from driftbot.actions.action import Standing
from driftbot.actions.address import Address, address_of
from driftbot.actions.inserted_change import AddedDocument, InsertedValue
from driftbot.actions.splice import Splice, moved, splice_of
from driftbot.documents.node import Node, Shape
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.setting_file import Location, SettingFile


class ReplacedText(Splice):
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
            raise moved(file.path, "the value that was read does not stand where it stood")
        start = node.start + self.inset
        edit = file.edit(start, start + len(old), new)
        if edit.old != old or not _only_differs(file, file.changed(edit.apply(file.content)), location):
            raise moved(file.path, "it cannot be proved that this value alone would change")
        return edit


class MadeFile(Splice):
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
        raise moved(file.path, "a file stands there by now")

    def reverted(self, file: SettingFile) -> Edit:
        """All of its content taken out.

        Raises:
            Refused: something else stands in it.
        """
        if file.content != self.new_bytes:
            raise moved(file.path, "the file that was made has been changed")
        return file.edit(0, len(file.content), b"")


FileChange = Annotated[ReplacedText | InsertedValue | AddedDocument | MadeFile, Field(discriminator="kind")]
"""Any change of a file."""


def replaced_text(file: SettingFile, edit: Edit) -> ReplacedText:
    """The change that an edit of one scalar of the file is."""
    splice = splice_of(edit)
    node = _holder(file, edit)
    if node is None or len(file.locations(node)) != 1:
        return ReplacedText(**splice)
    raw, inset = file.content[node.start : node.end], edit.start - node.start
    address = address_of(file.locations(node)[0], file.documents)
    return ReplacedText(**splice, address=address, inset=inset, scalar=raw.decode(edit.encoding))


def made_file(edit: Edit) -> MadeFile:
    """The change that making a file is."""
    return MadeFile(**splice_of(edit))


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
