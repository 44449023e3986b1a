"""Java ``.properties`` files as documents with positions, by ``javaproperties``."""

from __future__ import annotations

import re

import javaproperties

from driftbot.core.rule import Problem
from driftbot.documents.content import Decoded, decode
from driftbot.documents.documents import Documents
from driftbot.documents.duplicate import twice
from driftbot.documents.node import Entry, Node, Shape

_KEY = re.compile(r"[ \t\f]*((?:\\(?:\r\n|.)|[^\s:=\\])*)", re.DOTALL)
_SEPARATOR = re.compile(r"(?:[ \t\f]|\\(?:\r\n|\n|\r)[ \t\f]*)*(?:[:=](?:[ \t\f]|\\(?:\r\n|\n|\r)[ \t\f]*)*)?")
_LINE = re.compile(r"(?:\\(?:\r\n|.)|[^\\\r\n])*\\?(?:\r\n|\n|\r|\Z)", re.DOTALL)


def read_properties(content: bytes, source: str, locator: str) -> Documents:
    """Read a properties file with the byte span of every value; never raises for what the file holds.

    The document is one flat mapping: ``server.port`` is a key, not a path. Values are text. A file that is not UTF-8
    is read as ISO 8859-1, which was the format's encoding until Java 9. The last one of two equal keys counts and is a
    problem; an escape that is none (``\\u12``) is one, too.
    """
    decoded = decode(content, source, locator, fallback="latin-1")
    if decoded.problem:
        return Documents((), (decoded.problem,), complete=False)
    members: dict[str, Entry] = {}
    problems: list[Problem] = []
    complete = True
    for match in _LINE.finditer(decoded.text):
        line = match[0]
        # Backslashes alone continue lines that never come: Java reads nothing there.
        if not re.sub(r"\\(?=[\r\n]|\Z)", "", line).strip() or line.lstrip(" \t\f").startswith(("#", "!")):
            continue
        try:
            entry = _entry(decoded, match.start(), line)
        except javaproperties.InvalidUEscapeError as error:
            complete = False
            problems.append(Problem(decoded.origin(match.start()), str(error), r"write \uXXXX with four digits"))
            continue
        name = entry.key.text
        earlier = members.pop(name, None)
        if earlier:
            problems.append(twice(name, entry.key, earlier.key))
        members[name] = entry
    whole = decoded.offset(0), decoded.offset(len(decoded.text))
    root = Node(decoded.content, Shape.MAPPING, *whole, members=members)
    return Documents((root,), tuple(sorted(problems)), complete)


def _entry(decoded: Decoded, start: int, line: str) -> Entry:
    ((name, value),) = javaproperties.loads(line).items()
    key = _KEY.match(line)
    assert key is not None
    separator = _SEPARATOR.match(line, key.end())
    first = separator.end() if separator else key.end()
    last = max(first, len(line.rstrip("\r\n")))
    return Entry(
        _scalar(decoded, start + key.start(1), start + key.end(1), name),
        _scalar(decoded, start + first, start + last, value),
    )


def _scalar(decoded: Decoded, start: int, end: int, text: str) -> Node:
    return Node(decoded.content, Shape.SCALAR, decoded.offset(start), decoded.offset(end), text=text, value=text)
