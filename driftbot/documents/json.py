"""JSON files as documents with positions; tokens by the standard library's own scanner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]

from driftbot.core.rule import Problem
from driftbot.documents import template
from driftbot.documents.content import Decoded, decode
from driftbot.documents.documents import Documents
from driftbot.documents.duplicate import twice
from driftbot.documents.node import DEEPEST, Entry, Node, Scalar, Shape

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_WORD = re.compile("true|false|null")


def read_json(content: bytes, source: str, locator: str) -> Documents:
    """Read a JSON file with the byte span of every value; never raises for what the file holds.

    Duplicate keys are problems and the last one counts. Several documents after one another (JSON lines) are kept up
    to the first broken one.
    """
    decoded = decode(content, source, locator)
    reader = _Reader(decoded)
    nodes: list[Node] = []
    try:
        while reader.more():
            nodes.append(reader.document())
    except _Broken as broken:
        problem = decoded.problem or _explained(decoded, broken)
        return Documents(tuple(nodes), tuple(sorted([*reader.problems, problem])), complete=False)
    problems = [*reader.problems, *([decoded.problem] if decoded.problem else [])]
    return Documents(tuple(nodes), tuple(sorted(problems)), decoded.problem is None)


class _Broken(Exception):
    """The text stops being JSON at a character."""

    def __init__(self, at: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.at, self.message, self.hint = at, message, hint


def _explained(decoded: Decoded, broken: _Broken) -> Problem:
    found = template.placeholder_near(decoded.text, 0, broken.at)
    if found:
        origin = decoded.origin(found.start(), found.end())
        return Problem(origin, f"placeholder {found[0][:80]} is not JSON", template.HINT)
    hint = broken.hint
    if decoded.text.startswith(("//", "/*", "#"), broken.at):
        hint = "JSON has no comments; remove it"
    return Problem(decoded.origin(broken.at), broken.message, hint)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    shape: Shape
    start: int
    items: list[Node] = field(default_factory=list)
    members: dict[str, Entry] = field(default_factory=dict)
    key: Node | None = None


class _Reader:
    """One pass over the text with a stack of its own, so that depth costs no recursion."""

    def __init__(self, decoded: Decoded) -> None:
        self._decoded = decoded
        self._text = decoded.text
        self._at = 0
        self.problems: list[Problem] = []

    def more(self) -> bool:
        """Whether anything but space is left."""
        return self._peek() != ""

    def document(self) -> Node:
        """The next document.

        Raises:
            _Broken: the text is not JSON.
        """
        stack: list[_Open] = []
        while True:
            node = self._value(stack)
            while node is not None:
                if not stack:
                    return node
                self._enter(stack[-1], node)
                node = self._after(stack)

    def _peek(self) -> str:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, stack: list[_Open]) -> Node | None:
        """A scalar or an empty collection; None after opening a collection that holds something."""
        sign = self._peek()
        if sign not in ("{", "["):
            return self._scalar(sign)
        if len(stack) >= DEEPEST:
            raise _Broken(self._at, f"nested more than {DEEPEST} levels deep", "split the document")
        opened = _Open(Shape.MAPPING if sign == "{" else Shape.SEQUENCE, self._at)
        self._at += 1
        stack.append(opened)
        if self._peek() == ("}" if sign == "{" else "]"):
            return self._close(stack)
        if opened.shape is Shape.MAPPING:
            self._key(opened)
        return None

    def _key(self, opened: _Open) -> None:
        if self._peek() != '"':
            hint = "a comma before } is not JSON" if opened.members else ""
            raise _Broken(self._at, "a key in double quotes is expected here", hint)
        opened.key = self._scalar('"')
        if self._peek() != ":":
            raise _Broken(self._at, "a colon is expected after the key")
        self._at += 1

    def _enter(self, parent: _Open, node: Node) -> None:
        if parent.key is None:
            parent.items.append(node)
            return
        earlier = parent.members.pop(parent.key.text, None)
        if earlier:
            self.problems.append(twice(parent.key.text, parent.key, earlier.key))
        parent.members[parent.key.text] = Entry(parent.key, node)

    def _after(self, stack: list[_Open]) -> Node | None:
        """What follows a value inside a collection: the collection itself if it ends here."""
        parent, sign = stack[-1], self._peek()
        mapping = parent.shape is Shape.MAPPING
        if sign == ",":
            self._at += 1
            if mapping:
                self._key(parent)
            return None
        if sign == ("}" if mapping else "]"):
            return self._close(stack)
        raise _Broken(self._at, f"a comma or {'}' if mapping else ']'} is expected here")

    def _close(self, stack: list[_Open]) -> Node:
        done = stack.pop()
        self._at += 1
        return self._node(done.shape, done.start, items=tuple(done.items), members=done.members)

    def _node(self, shape: Shape, start: int, **parts: object) -> Node:
        offset = self._decoded.offset
        return Node(self._decoded.content, shape, offset(start), offset(self._at), **parts)  # type: ignore[arg-type]

    def _scalar(self, sign: str) -> Node:
        start = self._at
        if sign == '"':
            try:
                text, self._at = scanstring(self._text, start + 1)
            except JSONDecodeError as error:
                raise _Broken(error.pos, error.msg.lower().removesuffix(" at").removesuffix(" starting")) from None
            return self._node(Shape.SCALAR, start, text=text, value=text)
        match = _NUMBER.match(self._text, start) or _WORD.match(self._text, start)
        if match is None:
            raise _Broken(start, "a value is expected here" if sign else "the file ends inside a value")
        self._at = match.end()
        value = _WORDS[match[0]] if match[0] in _WORDS else _number(match)
        return self._node(Shape.SCALAR, start, text=match[0], value=value)


def _number(match: re.Match[str]) -> Scalar:
    if match[1] or match[2]:
        return float(match[0])
    try:
        return int(match[0])
    except ValueError:
        # Python refuses to convert integers of more than 4,300 digits.
        return match[0]
