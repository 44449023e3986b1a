"""The bytes of one file, decoded, and the way back from a character to its byte, line and column."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from driftbot.core.fact import Origin
from driftbot.core.rule import Problem

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_UNIT_WIDTH = {"utf-8": 1, "latin-1": 1, "utf-16-le": 2, "utf-16-be": 2}


@dataclass(frozen=True, eq=False, repr=False)
class Content:
    """One file's bytes with their encoding; offsets are bytes from the start of the file, byte order mark included."""

    source: str
    locator: str
    data: bytes
    encoding: str = "utf-8"
    first: int = 0

    @cached_property
    def _line_starts(self) -> list[int]:
        width = _UNIT_WIDTH[self.encoding]
        dtype = np.dtype({1: "u1", 2: "<u2" if self.encoding.endswith("le") else ">u2"}[width])
        units = np.frombuffer(self.data, dtype, count=len(self.data) // width)
        returns = np.flatnonzero(units == 13)
        lone = returns[units[np.minimum(returns + 1, len(units) - 1)] != 10] if len(units) else returns
        ends = np.union1d(np.flatnonzero(units == 10), lone)
        return [self.first, *((ends + 1) * width).tolist()]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte offset, both from 1; a column is a character."""
        line = max(bisect_right(self._line_starts, offset), 1)
        before = self.data[self._line_starts[line - 1] : offset]
        return line, len(before.decode(self.encoding, errors="replace")) + 1

    def origin(self, start: int, end: int = 0) -> Origin:
        """The origin of the bytes from ``start`` to ``end`` (exclusive)."""
        line, column = self.place(start)
        return Origin(self.source, self.locator, line, column, start, max(end, start))

    def slice(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self.data[start:end].decode(self.encoding, errors="replace")


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A file as text, up to the first thing that is no text.

    ``problem`` names what ended it early; ``offsets[i]`` is the byte offset of character ``i``, or of the end.
    """

    content: Content
    text: str
    offsets: Sequence[int]
    problem: Problem | None = None

    def offset(self, index: int) -> int:
        """The byte offset of a character (or of the end)."""
        return self.offsets[index]

    def index(self, offset: int) -> int:
        """The character that stands at a byte offset."""
        return bisect_left(self.offsets, offset)

    def origin(self, start: int, end: int | None = None) -> Origin:
        """The origin of the characters from ``start`` to ``end`` (exclusive)."""
        first = self.offset(start)
        return self.content.origin(first, first if end is None else self.offset(end))


def decode(
    data: bytes, source: str, locator: str, forbidden: re.Pattern[str] | None = None, fallback: str = ""
) -> Decoded:
    """The bytes as text: UTF-8, or UTF-16 with a byte order mark; a byte order mark is no part of the text.

    Bytes that are not text, and characters that match ``forbidden``, end the text with a problem; with a ``fallback``
    encoding the whole file is read in that one instead.
    """
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), (b"", "utf-8")
    )
    if encoding not in _UNIT_WIDTH:
        content = Content(source, locator, data, "latin-1")
        return Decoded(content, "", range(1), _not_text(content, 0, f"the file is {encoding.upper()}"))
    content = Content(source, locator, data, encoding, len(mark))
    problem = None
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if fallback:
            content = Content(source, locator, data, fallback)
            return _bounded(content, data.decode(fallback), forbidden, None)
        bad = len(mark) + error.start
        text = data[len(mark) : bad].decode(encoding)
        problem = _not_text(content, bad, f"byte 0x{data[bad]:02x} is not {encoding.upper()}")
    return _bounded(content, text, forbidden, problem)


def _not_text(content: Content, offset: int, message: str) -> Problem:
    return Problem(content.origin(offset), message, "save the file as UTF-8")


def _bounded(content: Content, text: str, forbidden: re.Pattern[str] | None, problem: Problem | None) -> Decoded:
    offsets = _offsets(text, content)
    match = forbidden.search(text) if forbidden else None
    if match is None:
        return Decoded(content, text, offsets, problem)
    start = offsets[match.start()]
    found = Problem(
        content.origin(start, start),
        f"control character U+{ord(match[0]):04X} in a text file",
        "remove it, or write it as an escape inside double quotes",
    )
    return Decoded(content, text[: match.start()], offsets, found)


def _offsets(text: str, content: Content) -> Sequence[int]:
    if text.isascii() and _UNIT_WIDTH[content.encoding] == 1:
        return range(content.first, content.first + len(text) + 1)
    points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    if content.encoding == "utf-8":
        widths = 1 + (points > 0x7F).astype(np.int64) + (points > 0x7FF) + (points > 0xFFFF)
    elif content.encoding == "latin-1":
        widths = np.ones(len(points), np.int64)
    else:
        widths = 2 + 2 * (points > 0xFFFF).astype(np.int64)
    # A memory view hands out Python integers, several times faster than an array its own numbers.
    return (np.concatenate(([0], np.cumsum(widths, dtype=np.int64))) + content.first).data
