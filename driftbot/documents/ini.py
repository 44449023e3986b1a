"""INI-like files (sections, ``key = value`` or ``key: value``) as documents with positions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from driftbot.core.rule import Problem
from driftbot.documents import template
from driftbot.documents.content import Decoded, decode
from driftbot.documents.documents import Documents
from driftbot.documents.duplicate import twice
from driftbot.documents.node import Entry, Node, Shape

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_BLANK = re.compile(r"\s*(?:[#;].*)?$", re.DOTALL)
_SECTION = re.compile(r"\s*\[(?P<name>[^\]\r\n]*)\]\s*(?:[#;].*)?$", re.DOTALL)
_PAIR = re.compile(r"\s*(?P<key>[^=:\r\n\[][^=:\r\n]*?)\s*(?:[=:][ \t]*(?P<value>[^\r\n]*?)\s*)?$", re.DOTALL)
_TEMPLATE = re.compile(r"\s*(?:\{\{|\{%|<%)")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?P=quote)(?=\s*(?:[#;]|$))""")
_COMMENT = re.compile(r"(?:^|\s+)[#;].*$")


@dataclass(slots=True)
class _Section:
    """A section under construction."""

    key: Node | None
    start: int
    end: int
    members: dict[str, Entry] = field(default_factory=dict)


def read_ini(content: bytes, source: str, locator: str) -> Documents:
    """Read an INI file with the byte span of every value; never raises for what the file holds.

    The document is a mapping of sections; keys before the first section stand beside them. Values are text, quotes
    around a whole value removed; a key without a value is null. ``#`` and ``;`` begin a comment on their own line or
    after a space. A line that is indented more than its key goes on with the value before, as in Python's
    ``configparser``. The last one of two equal keys counts and is a problem; a line that is none of this is one, too.
    """
    decoded = decode(content, source, locator, fallback="latin-1")
    if decoded.problem:
        return Documents((), (decoded.problem,), complete=False)
    reader = _Reader(decoded)
    for match in _LINE.finditer(decoded.text):
        if match.end() > match.start():
            reader.line(match.start(), match[0])
    return Documents((reader.document(),), tuple(sorted(reader.problems)), reader.complete)


class _Reader:
    """Takes the file line by line."""

    def __init__(self, decoded: Decoded) -> None:
        self._decoded = decoded
        self._top = _Section(None, 0, len(decoded.text))
        self._current = self._top
        self._sections: dict[str, _Section] = {}
        self._last: tuple[_Section, str] | None = None
        self._indent = 0
        self.problems: list[Problem] = []
        self.complete = True

    def line(self, start: int, text: str) -> None:
        """Take one line, its line end included."""
        if _BLANK.match(text):
            return
        indent = len(text) - len(text.lstrip(" \t"))
        section, pair = _SECTION.match(text), _PAIR.match(text)
        if _TEMPLATE.match(text):
            self._refuse(start, text)
        elif self._last and indent > self._indent:
            self._continue(*self._last, start, text)
        elif section:
            self._begin(start, section)
        elif pair:
            self._indent = indent
            self._pair(start, pair)
        else:
            self._refuse(start, text)

    def document(self) -> Node:
        """The whole file as one mapping."""
        members = dict(self._top.members)
        for name, section in self._sections.items():
            value = self._node(Shape.MAPPING, section.start, section.end, members=section.members)
            assert section.key is not None
            if name in members:
                self.problems.append(twice(name, section.key, members[name].key))
            members[name] = Entry(section.key, value)
        return self._node(Shape.MAPPING, 0, len(self._decoded.text), members=members)

    def _node(self, shape: Shape, start: int, end: int, **parts: object) -> Node:
        offset = self._decoded.offset
        return Node(self._decoded.content, shape, offset(start), offset(end), **parts)  # type: ignore[arg-type]

    def _text(self, start: int, end: int) -> Node:
        text = self._decoded.text[start:end]
        return self._node(Shape.SCALAR, start, end, text=text, value=text)

    def _begin(self, start: int, match: re.Match[str]) -> None:
        key = self._text(start + match.start("name"), start + match.end("name"))
        first = start + match.start("name") - 1
        self._current = self._sections.setdefault(key.text, _Section(key, first, start + match.end("name") + 1))
        self._last = None

    def _pair(self, start: int, match: re.Match[str]) -> None:
        key = self._text(start + match.start("key"), start + match.end("key"))
        value = self._value(start + match.start("value"), match["value"]) if match["value"] is not None else None
        if value is None:
            end = start + match.end("key")
            value = self._node(Shape.SCALAR, end, end)
        section = self._current
        earlier = section.members.pop(key.text, None)
        if earlier:
            self.problems.append(twice(key.text, key, earlier.key))
        section.members[key.text] = Entry(key, value)
        section.end = max(section.end, self._decoded.index(value.end))
        self._last = section, key.text

    def _value(self, start: int, written: str) -> Node:
        quoted = _QUOTED.match(written)
        if quoted:
            text = quoted["text"]
            return self._node(Shape.SCALAR, start, start + quoted.end(), text=text, value=text)
        return self._text(start, start + len(_COMMENT.sub("", written)))

    def _continue(self, section: _Section, name: str, start: int, text: str) -> None:
        entry = section.members[name]
        stripped = _COMMENT.sub("", text.rstrip())
        addition, end = stripped.strip(), start + len(stripped)
        joined = f"{entry.value.text}\n{addition}" if entry.value.text else addition
        first = self._decoded.index(entry.value.start)
        value = self._node(Shape.SCALAR, first, end, text=joined, value=joined)
        section.members[name] = Entry(entry.key, value)
        section.end = max(section.end, end)

    def _refuse(self, start: int, text: str) -> None:
        self.complete = False
        found = template.placeholder_near(self._decoded.text, start, start)
        if found:
            origin = self._decoded.origin(found.start(), found.end())
            self.problems.append(Problem(origin, f"placeholder {found[0][:80]} is not INI", template.HINT))
            return
        shown = text.strip()[:80]
        self.problems.append(Problem(self._decoded.origin(start), f"{shown!r} is neither a [section] nor key = value"))
