"""Settings that are named like a secret: where their values begin and end, in whatever format they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from driftbot.tape.secret_text import SECRET_NAME, Span, is_reference

_QUOTE = rb"(?P<quote>\\{0,7}[\"']|)"
_SETTING = re.compile(
    rb"(?<![A-Za-z0-9_.\-\\])" + _QUOTE + SECRET_NAME + rb"(?P=quote)[ \t]{0,200}(?P<sign>[:=])[ \t]*", re.IGNORECASE
)
_PAIR = re.compile(
    _QUOTE
    + rb"\bname(?P=quote)[ \t]{0,9}:[ \t]{0,9}(?:\\{0,7}[\"'])?"
    + SECRET_NAME
    + rb"(?:\\{0,7}[\"'])?[ \t]{0,9}(?:,|#[^\n]{0,200})?(?:\s|\\n){0,200}(?:\\{0,7}[\"'])?value(?:\\{0,7}[\"'])?"
    rb"[ \t]{0,9}(?P<sign>:)[ \t]*",
    re.IGNORECASE,
)
_HELD = re.compile(rb"\s{0,200}\{?\s{0,200}(?:\\{0,7}[\"'])?value(?:\\{0,7}[\"'])?[ \t]{0,9}:[ \t]{0,9}")
_VALUES_IN = {
    "string": re.compile(rb'[^"\\\n]*'),
    "flow": re.compile(rb"[^,}\]\n]*"),
    "line": re.compile(rb"(?:(?![ \t]#)[^\n])*"),
}
_WORDS_IN = {
    "string": re.compile(rb"[^\s\"'&,;\\]*"),
    "flow": re.compile(rb"[^\s\"'&,;}\]]*"),
    "line": re.compile(rb"[^\s\"'&,;]*"),
}
_STRUCTURE = re.compile(rb'\\.|["{}\[\]]')
_ESCAPED_QUOTE = re.compile(rb"(\\+)\"")
_PROPERTY = re.compile(rb"(?:&[^\s,\[\]{}]+|!(?![=])[^\s,\[\]{}]*)[ \t]+")
_QUOTED = {
    b'"': re.compile(rb'(?:\\.|[^\\"\r\n])*'),
    b"'": re.compile(rb"(?:''|[^'\r\n])*"),
}
_QUOTED_LINES = {
    b'"': re.compile(rb'(?:\\.|[^\\"]){0,4000}(?=")', re.DOTALL),
    b"'": re.compile(rb"(?:''|[^']){0,4000}(?=')"),
}
_NAMED_LINE = re.compile(rb"(?:-[ \t]+)?(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'#{\[-][^\n:]*?)[ \t]*:(?:[ \t]|\r?$)")
_MARGIN = re.compile(rb"[ \t]*(?:-[ \t]+)*")
_LONGEST_MARGIN = 200


def secret_settings(content: bytes) -> Iterator[Span]:
    """Where the values of such settings stand."""
    for pattern in (_SETTING, _PAIR):
        place, covered = Place(content), 0
        for found in pattern.finditer(content):
            if found.start() >= covered:
                place.move(found.start())
                for span in setting_value(place, found.start(), found.end(), found["sign"]):
                    yield span
                    covered = span[1]


@dataclass(slots=True)
class Place:
    """Where a name stands in its line: after how much indentation, and in a string, a flow mapping, or neither.

    Places only move forward, so that a long line is counted once.
    """

    content: bytes
    line: int = 0
    at: int = 0
    quoted: bool = False
    depth: int = 0

    def move(self, to: int) -> None:
        """Go on to a later place."""
        newline = self.content.rfind(b"\n", self.at, to)
        if newline >= 0:
            self.line = self.at = newline + 1
            self.quoted, self.depth = False, 0
        for token in _STRUCTURE.findall(self.content, self.at, to):
            if token == b'"':
                self.quoted = not self.quoted
            elif not self.quoted and len(token) == 1:
                self.depth += 1 if token in b"{[" else -1
        self.at = to

    @property
    def within(self) -> str:
        """What a plain value here ends with: its ``string``, its ``flow`` mapping, or its ``line``."""
        if self.quoted:
            return "string"
        return "flow" if self.depth > 0 or self.content[self.at : self.at + 1] == b'"' else "line"

    @property
    def begins_line(self) -> bool:
        """Whether only white space, a dash or ``export`` stands before it."""
        if self.at - self.line > _LONGEST_MARGIN:
            return False
        return self.content[self.line : self.at].strip(b" \t-") in (b"", b"export")


def setting_value(place: Place, name: int, start: int, sign: bytes) -> Iterator[Span]:
    """Where the value stands that begins at ``start``, in whatever format this is."""
    content = place.content
    if sign == b":":
        # An anchor or a tag stands before its value.
        while (before := _PROPERTY.match(content, start)) and place.begins_line:
            start = before.end()
    held = _HELD.match(content, start) if sign == b":" else None
    start = held.end() if held else start
    first = content[start : start + 1]
    if first in (b"|", b">") and sign == b":":
        yield from _block(content, name, start)
    elif first == b"[":
        yield from _list_items(content, start)
    elif first in (b"", b"\r", b"\n", b"#"):
        if sign == b":" and place.begins_line and not place.quoted:
            yield from _below(content, name, start)
    elif first != b"{":
        end = _end(place, start, sign)
        start += len(_opening(content, start))
        if end > start and not is_reference(content[start:end]):
            yield start, end
            if sign == b":" and first not in b"\"'\\" and place.begins_line and place.within == "line":
                yield from _plain_lines(content, name, end)


def _opening(content: bytes, start: int) -> bytes:
    """The quotes that a value begins with."""
    triple = content[start : start + 3]
    if triple in (b'"""', b"'''"):
        return triple
    escaped = _ESCAPED_QUOTE.match(content, start)
    if escaped:
        return escaped[0]
    return content[start : start + 1] if content[start : start + 1] in (b'"', b"'") else b""


def _end(place: Place, start: int, sign: bytes) -> int:
    """The end of a value that begins with a quote, or with none."""
    content, opening = place.content, _opening(place.content, start)
    inside = start + len(opening)
    if not opening:
        return _plain_end(place, start, sign)
    if len(opening) == 3 and opening[:1] != b"\\":
        end = content.find(opening, inside)
        # Two quotes and a third one are also an empty value before something else.
        return end if end >= 0 else inside
    if opening[:1] == b"\\":
        closing = re.compile(rb"(?<!\\)" + re.escape(opening)).search(content, inside - 1 + (content[inside - 1] == 34))
        return closing.start() if closing else inside
    line = _QUOTED[opening].match(content, inside)
    end = line.end() if line else inside
    if content[end : end + 1] != opening and place.begins_line:
        lines = _QUOTED_LINES[opening].match(content, inside)
        end = lines.end() if lines else end
    return end


def _plain_end(place: Place, start: int, sign: bytes) -> int:
    """The end of a value without quotes: of its line, of its flow mapping, or of the string it stands in."""
    if sign == b"=" and not place.begins_line:
        word = _WORDS_IN[place.within].match(place.content, start)
        return word.end() if word else start
    found = _VALUES_IN[place.within].match(place.content, start)
    end = found.end() if found else start
    return start + len(place.content[start:end].rstrip(b" \t\r,"))


def _list_items(content: bytes, start: int) -> Iterator[Span]:
    """The plain items of a flow sequence; one that holds mappings names its own secrets."""
    closing = re.compile(rb"\[(?:\"(?:\\.|[^\"\\])*+\"|[^\[\]{}\"])*+\]").match(content, start)
    if closing:
        for item in re.finditer(rb"\"(?P<quoted>(?:\\.|[^\"\\])*)\"|(?P<bare>[^\s,\[\]\"'\\]+)", closing[0]):
            group = "quoted" if item["quoted"] is not None else "bare"
            if not is_reference(item[group]):
                yield start + item.start(group), start + item.end(group)


def _block(content: bytes, name: int, start: int) -> Iterator[Span]:
    """The lines of a block scalar: those indented deeper than the line of its name."""
    line_start = content.rfind(b"\n", 0, name) + 1
    yield from deeper_lines(content, start, _indent(content[line_start:name]))


def _below(content: bytes, name: int, start: int) -> Iterator[Span]:
    """A value that begins on the next line: plain text, or the items of a list; a mapping names its own secrets."""
    line_start = content.rfind(b"\n", 0, name) + 1
    for begin, end in deeper_lines(content, start, _indent(content[line_start:name])):
        dash = re.compile(rb"(?:-[ \t]+)?[\"']?").match(content, begin, end)
        inner = dash.end() if dash else begin
        line = content[begin:end]
        if line[:1] in (b"#", b"{", b"[") or _NAMED_LINE.match(line):
            return
        while end > inner and content[end - 1 : end] in b"\"'":
            end -= 1
        if end > inner and not is_reference(content[inner:end]):
            yield inner, end


def _plain_lines(content: bytes, name: int, end: int) -> Iterator[Span]:
    """The lines on which a plain value goes on."""
    line_start = content.rfind(b"\n", 0, name) + 1
    for begin, stop in deeper_lines(content, end, _indent(content[line_start:name])):
        if _NAMED_LINE.match(content[begin:stop]):
            return
        yield begin, stop


def deeper_lines(content: bytes, start: int, indent: int) -> Iterator[Span]:
    """The lines after ``start`` that are indented deeper, without their indentation."""
    position = content.find(b"\n", start) + 1
    while 0 < position < len(content):
        end = content.find(b"\n", position)
        end = len(content) if end < 0 else end
        line = content[position:end]
        if line.strip() and (_indent(line) <= indent or line.startswith((b"---", b"..."))):
            return
        if line.strip():
            yield position + len(line) - len(line.lstrip()), position + len(line.rstrip())
        position = end + 1


def _indent(line: bytes) -> int:
    """How deep a line stands; the dash of a list counts as depth."""
    margin = _MARGIN.match(line)
    return margin.end() if margin else 0
