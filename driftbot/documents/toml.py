"""TOML files as documents with positions: meaning by ``tomllib``, places by a scan of the text it accepted."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from driftbot.core.rule import Problem
from driftbot.documents import template
from driftbot.documents.content import Decoded, decode
from driftbot.documents.documents import Documents
from driftbot.documents.node import DEEPEST, Entry, Node, Scalar, Shape

_AT = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+')
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d[^\s,\]}#]*|[^\s,\]}#]+")


def read_toml(content: bytes, source: str, locator: str) -> Documents:
    """Read a TOML file with the byte span of every value; never raises for what the file holds.

    Dates and times are their ISO 8601 text. A table's span is that of its first header or key; a file that breaks
    TOML's grammar gives no document, as TOML has no second one to go on with.
    """
    decoded = decode(content, source, locator)
    if decoded.problem:
        return Documents((), (decoded.problem,), complete=False)
    try:
        tomllib.loads(decoded.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Documents((), (_problem(decoded, error),), complete=False)
    try:
        return Documents((_Scan(decoded).document(),))
    except _TooDeep as deep:
        problem = Problem(decoded.origin(deep.at), f"nested more than {DEEPEST} levels deep", "split the document")
        return Documents((), (problem,), complete=False)


def _problem(decoded: Decoded, error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(decoded.origin(0), "nested too deeply", "split the document")
    text = decoded.text
    match = _AT.search(str(error))
    at = len(text)
    if match and match[1]:
        starts = [0, *(found.end() for found in re.finditer("\n", text))]
        at = min(starts[int(match[1]) - 1] + int(match[2]) - 1, len(text))
    found = template.placeholder_near(text, 0, at)
    if found:
        origin = decoded.origin(found.start(), found.end())
        return Problem(origin, f"placeholder {found[0][:80]} is not TOML", template.HINT)
    return Problem(decoded.origin(at), _AT.sub("", str(error)).strip())


class _TooDeep(Exception):
    """More levels than anybody writes begin at a character."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class _Table:
    """A table or an array under construction; a table may be opened by several headers and dotted keys."""

    def __init__(self, start: int, depth: int, shape: Shape = Shape.MAPPING) -> None:
        if depth > DEEPEST:
            raise _TooDeep(start)
        self.start, self.end, self.depth, self.shape = start, start, depth, shape
        self.children: dict[str, tuple[Node | None, _Table | Node]] = {}
        self.items: list[_Table] = []


class _Scan:
    """Walks a text that ``tomllib`` has accepted, so that only places are left to find."""

    def __init__(self, decoded: Decoded) -> None:
        self._decoded = decoded
        self._text = decoded.text
        self._at = 0

    def document(self) -> Node:
        """The whole file as one mapping."""
        root = current = _Table(0, 0)
        while self._skip(_GAP) < len(self._text):
            if self._text[self._at] == "[":
                current = self._header(root)
            else:
                self._pair(current)
        root.end = len(self._text)
        return self._built(root)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _header(self, root: _Table) -> _Table:
        start = self._at
        array = self._text.startswith("[[", start)
        self._at += 2 if array else 1
        keys = self._keys()
        self._at += 2 if array else 1
        table = root
        for key in keys[:-1]:
            table = self._below(table, key, start)
        if not array:
            table = self._below(table, keys[-1], start)
        else:
            _, found = table.children.setdefault(
                keys[-1].text, (keys[-1], _Table(start, table.depth + 1, Shape.SEQUENCE))
            )
            assert isinstance(found, _Table)
            found.items.append(_Table(start, table.depth + 2))
            table, found.end = found.items[-1], self._at
        table.end = self._at
        return table

    def _below(self, table: _Table, key: Node, start: int) -> _Table:
        _, found = table.children.setdefault(key.text, (key, _Table(start, table.depth + 1)))
        assert isinstance(found, _Table)
        return found.items[-1] if found.shape is Shape.SEQUENCE else found

    def _keys(self) -> list[Node]:
        keys = []
        while True:
            self._skip(_SPACE)
            match = _KEY_PART.match(self._text, self._at)
            assert match is not None, self._at
            text = next(iter(_parse(f"{match[0]} = 0")))
            keys.append(self._node(Shape.SCALAR, match.start(), match.end(), text=text, value=text))
            self._at = match.end()
            self._skip(_SPACE)
            if self._text[self._at : self._at + 1] != ".":
                return keys
            self._at += 1

    def _pair(self, table: _Table) -> None:
        keys = self._keys()
        self._at += 1
        self._skip(_SPACE)
        for key in keys[:-1]:
            table = self._below(table, key, self._decoded.index(key.start))
        value = self._value(table.depth + 1)
        table.children[keys[-1].text] = keys[-1], value
        table.end = max(table.end, self._decoded.index(value.end))

    def _value(self, depth: int) -> Node:
        sign, start = self._text[self._at], self._at
        if sign == "[":
            return self._array(start, depth)
        if sign == "{":
            return self._inline(start, depth)
        match = (_STRING if sign in "\"'" else _BARE).match(self._text, start)
        assert match is not None, start
        self._at = match.end()
        value = _scalar(match[0])
        text = value if isinstance(value, str) else match[0]
        return self._node(Shape.SCALAR, start, self._at, text=text, value=value)

    def _array(self, start: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise _TooDeep(start)
        self._at += 1
        items = []
        while self._skip(_GAP) >= 0 and self._text[self._at] != "]":
            items.append(self._value(depth + 1))
            self._comma()
        self._at += 1
        return self._node(Shape.SEQUENCE, start, self._at, items=tuple(items))

    def _inline(self, start: int, depth: int) -> Node:
        self._at += 1
        table = _Table(start, depth)
        while self._skip(_GAP) >= 0 and self._text[self._at] != "}":
            self._pair(table)
            self._comma()
        self._at += 1
        table.end = self._at
        return self._built(table)

    def _comma(self) -> None:
        self._skip(_GAP)
        if self._text[self._at] == ",":
            self._at += 1

    def _built(self, table: _Table) -> Node:
        if table.shape is Shape.SEQUENCE:
            items = tuple(self._built(item) for item in table.items)
            return self._node(Shape.SEQUENCE, table.start, table.end, items=items)
        members = {}
        for name, (key, child) in table.children.items():
            value = self._built(child) if isinstance(child, _Table) else child
            members[name] = Entry(key or value, value)
        return self._node(Shape.MAPPING, table.start, max(table.end, table.start), members=members)

    def _node(self, shape: Shape, start: int, end: int, **parts: object) -> Node:
        offset = self._decoded.offset
        return Node(self._decoded.content, shape, offset(start), offset(end), **parts)  # type: ignore[arg-type]


def _parse(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def _scalar(raw: str) -> Scalar:
    value = _parse(f"x = {raw}")["x"]
    return value if isinstance(value, bool | int | float | str) else value.isoformat()
