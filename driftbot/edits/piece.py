"""Pieces of a file that mean alone what they mean in it: proving an edit costs the reading of one, not of the file.

What is a piece follows from each format's grammar. A JSON value means the same anywhere. A TOML statement, a logical
line of a properties file and an INI entry are read one after the other, none looks at the one before. A YAML block
entry that begins its line ends before the first line that is indented no more than its key, and such a line follows it;
the dashes before a key or an item are indentation to what is behind them. Whether a piece is one in truth (it has no
alias, no tag with a handle …) is seen by reading it: the value must be found in it as the whole file has it, else a
larger piece is taken, then its document, and the file itself last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from driftbot.documents.format import Format
from driftbot.documents.node import Node, Shape
from driftbot.edits.setting_file import Location, SettingFile

_INDENTATION = {
    Format.YAML: re.compile(rb" *(?:- +)*"),
    Format.TOML: re.compile(rb"[ \t]*(?:(?:\"[^\"\\\n]*\"|'[^'\n]*'|[\w-]+)[ \t]*\.[ \t]*)*"),
    Format.INI: re.compile(rb"[ \t]*"),
    Format.PROPERTIES: re.compile(rb"[ \t\f]*"),
}
_FEW = 3
"""Local pieces that are tried before the whole document."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes from ``start`` to ``end`` (exclusive) of a file, the first ``blank`` of them read as spaces."""

    start: int
    end: int
    blank: int = 0

    def of(self, content: bytes) -> bytes:
        """The piece as a document of its own; offsets in it are those in the file less ``start``."""
        return b" " * self.blank + content[self.start + self.blank : self.end]


def pieces(file: SettingFile, location: Location) -> Iterator[Piece]:
    """Pieces that hold the value at this location, the smallest first, the whole file last."""
    if file.encoding == "utf-8":
        yield from islice(_local(file, location), _FEW)
        if file.known_format is Format.YAML and len(file.documents.nodes) > 1:
            yield _document(file, int(location[0]))
    yield Piece(0, len(file.content))


def _local(file: SettingFile, location: Location) -> Iterator[Piece]:
    chain = _chain(file, location)
    if file.known_format is Format.JSON:
        yield Piece(chain[-1].start, chain[-1].end)
        return
    length = len(chain) - 1
    if file.known_format is Format.YAML:
        length = next((at for at, node in enumerate(chain) if _is_flow(file, node)), length)
    for depth in range(min(length, len(chain) - 1), 0, -1):
        piece = _entry(file, chain[depth - 1], location[depth], chain[depth])
        if piece:
            yield piece


def _document(file: SettingFile, number: int) -> Piece:
    """One document of several, with what stands between it and its neighbours: markers, directives, comments."""
    documents, content = file.documents.nodes, file.readable
    start = line_end(file, documents[number - 1].end) if number else documents[0].content.first
    if number + 1 == len(documents):
        return Piece(start, len(content))
    return Piece(start, content.rfind(b"\n", 0, documents[number + 1].start) + 1)


def _chain(file: SettingFile, location: Location) -> list[Node]:
    """The document, then what stands on the way to the value, then the value."""
    chain = [file.documents.nodes[int(location[0])]]
    for step in location[1:]:
        below = chain[-1].get(step)
        assert below is not None, location
        chain.append(below)
    return chain


def _is_flow(file: SettingFile, node: Node) -> bool:
    return node.shape is not Shape.SCALAR and file.readable[node.start : node.start + 1] in (b"{", b"[")


def _entry(file: SettingFile, holder: Node, step: str | int, value: Node) -> Piece | None:
    """The lines of one entry or item, where it begins its line and stands where it counts."""
    key = holder.key(step) if isinstance(step, str) else value
    if key is None or not holder.start <= key.start <= value.start or value.end > holder.end:
        return None
    content = file.readable
    start = max(content.rfind(b"\n", 0, key.start) + 1, value.content.first)
    indentation = content[start : key.start]
    if not _INDENTATION[file.known_format].fullmatch(indentation):
        return None
    blank = len(indentation) if file.known_format is Format.YAML else 0
    return Piece(start, line_end(file, max(value.end, key.end)), blank)


def line_end(file: SettingFile, at: int) -> int:
    """The end of the line that ends behind ``at``, its line end included; ``at`` itself if a line ends there."""
    content, newline = file.readable, "\n".encode(file.encoding)
    if content[max(at - len(newline), 0) : at] == newline:
        return at
    found = content.find(newline, at)
    while found >= 0 and found % len(newline):
        found = content.find(newline, found + 1)
    return len(content) if found < 0 else found + len(newline)
