"""Secrets do not leave the house: what a recording masks, byte for byte, so that lines and offsets stay.

Masked are

- passwords in URLs, and the values of their parameters that are named like a secret;
- tokens after ``Bearer`` and ``Basic``, and the base64 of private keys in PEM;
- values of names that end in a word for a secret (``DB_PASSWORD=…``, ``"api-key": "…"``, ``clientSecret: …``), block
  scalars of YAML included, and the ``value`` of a ``name``/``value`` pair of such a name;
- every value below ``data`` and ``stringData`` of a Kubernetes Secret, as YAML or JSON.

References are kept: ``${VARIABLE}``, ``{{ template }}``, ``<placeholder>``, true, false, null, and names such as
``secretName`` or ``passwordFile`` that end in something else. The mask is as long as what it hides, so that a replay
finds every other value at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = (
    rb"password|passwd|passphrase|pwd|secret|token|credentials?|authorization|cookie|signature"
    rb"|api[-_.]?key|access[-_.]?key|secret[-_.]?key|private[-_.]?key|signing[-_.]?key|encryption[-_.]?key"
)
_NAME = rb"[A-Za-z0-9_.\-]*(?:" + _WORDS + rb")"
_SPANS = (
    re.compile(rb"\b[a-z][a-z0-9+.\-]{0,30}://[^\s/:@\"']*:(?P<secret>[^\s/@\"']+)(?=@)", re.IGNORECASE),
    re.compile(rb"[?&]" + _NAME + rb"=(?P<secret>[^&\s\"'#]+)", re.IGNORECASE),
    re.compile(rb"\b(?:bearer|basic)\s+(?P<secret>[A-Za-z0-9+/=._~\-]{8,})", re.IGNORECASE),
    re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.*?)(?=-----END [A-Z ]*PRIVATE KEY-----)", re.DOTALL),
)
_SETTING = re.compile(
    rb"(?<![A-Za-z0-9_.\-])(?P<quote>[\"']?)" + _NAME + rb"(?P=quote)[ \t]*(?P<sign>[:=])[ \t]*", re.IGNORECASE
)
_PAIR = re.compile(
    rb"(?P<quote>[\"']?)\bname(?P=quote)[ \t]*:[ \t]*[\"']?"
    + _NAME
    + rb"[\"']?[ \t]*,?\s*[\"']?value[\"']?[ \t]*(?P<sign>:)[ \t]*",
    re.IGNORECASE,
)
_SECRET_KIND = re.compile(rb"^[ \t]*(?:-[ \t]+)?[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?Secret\b", re.MULTILINE)
_SECRET_DATA = re.compile(
    rb"^(?P<indent>[ \t]*(?:-[ \t]+)?)[\"']?(?:data|stringData)[\"']?[ \t]*:[ \t]*\r?$", re.MULTILINE
)
_JSON_SECRET_DATA = re.compile(rb"\"(?:data|stringData)\"\s*:\s*\{(?P<secret>[^{}]*)\}")
_REFERENCE = re.compile(rb"(?:\$[{(]|\{\{|<)|(?:true|false|null|none|~)?$", re.IGNORECASE)
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
_LONGEST_MARGIN = 200
_MARK = b"REDACTED"

Span = tuple[int, int]


def redact(content: bytes) -> bytes:
    """The content with secrets masked; same length, same lines."""
    masked = bytearray(content)
    for start, end in _secrets(content):
        masked[start:end] = _mask(bytes(masked[start:end]))
    return bytes(masked)


def redact_text(text: str) -> str:
    """The same for text: a URL, a sentence."""
    return redact(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def _mask(secret: bytes) -> bytes:
    """The mark, filled up; line ends and indentation stay, and a number stays a number."""
    if re.fullmatch(rb"-?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?", secret):
        return re.sub(rb"[0-9]", b"9", secret)
    lines = re.split(rb"(\s*[\r\n]\s*)", secret)
    return b"".join(part if part.isspace() else (_MARK + b"x" * len(part))[: len(part)] for part in lines)


def _secrets(content: bytes) -> Iterator[Span]:
    for pattern in _SPANS:
        for found in pattern.finditer(content):
            yield found.span("secret")
    for pattern in (_SETTING, _PAIR):
        place, covered = Place(content), 0
        for found in pattern.finditer(content):
            if found.start() >= covered:
                place.move(found.start())
                for span in _value(place, found.start(), found.end(), found["sign"]):
                    yield span
                    covered = span[1]
    if b"Secret" in content:
        yield from _kubernetes(content)


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


def _value(place: Place, name: int, start: int, sign: bytes) -> Iterator[Span]:
    """Where the value ends that starts at ``start``, in whatever format this is."""
    content = place.content
    first = content[start : start + 1]
    if content[start : start + 2] == b'\\"':
        start, end = start + 2, content.find(b'\\"', start + 2)
    elif first in (b'"', b"'"):
        closing = re.compile(rb"(?:\\.|[^\\" + first + rb"\r\n])*").match(content, start + 1)
        start, end = start + 1, closing.end() if closing else start
    elif first in (b"|", b">") and sign == b":":
        yield from _block(content, name, start)
        return
    elif first == b"[":
        yield from _list_items(content, start)
        return
    elif first in (b"{", b""):
        return
    else:
        end = _plain_end(place, start, sign)
    if end > start and not _REFERENCE.match(content[start:end]):
        yield start, end


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
    closing = re.compile(rb"\[[^\[\]{}]*\]").match(content, start)
    if closing:
        for item in re.finditer(rb"\"(?P<quoted>(?:\\.|[^\"\\])*)\"|(?P<bare>[^\s,\[\]\"'\\]+)", closing[0]):
            group = "quoted" if item["quoted"] is not None else "bare"
            if not _REFERENCE.match(item[group]):
                yield start + item.start(group), start + item.end(group)


def _block(content: bytes, name: int, start: int) -> Iterator[Span]:
    """The lines of a block scalar: those indented deeper than the line of its name."""
    line_start = content.rfind(b"\n", 0, name) + 1
    yield from _deeper_lines(content, start, _indent(content[line_start:name]))


def _deeper_lines(content: bytes, start: int, indent: int) -> Iterator[Span]:
    position = content.find(b"\n", start) + 1
    while 0 < position < len(content):
        end = content.find(b"\n", position)
        end = len(content) if end < 0 else end
        line = content[position:end]
        if line.strip() and _indent(line) <= indent:
            return
        if line.strip():
            yield position + len(line) - len(line.lstrip()), position + len(line.rstrip())
        position = end + 1


def _indent(line: bytes) -> int:
    """How deep a line stands; the dash of a list counts as depth."""
    return len(line) - len(line.lstrip(b" \t-"))


def _kubernetes(content: bytes) -> Iterator[Span]:
    offset = 0
    for document in re.split(rb"(?m)(?=^---)", content):
        if _SECRET_KIND.search(document):
            for found in _SECRET_DATA.finditer(document):
                for start, end in _deeper_lines(document, found.end() - 1, len(found["indent"])):
                    yield from _line_value(content, offset + start, offset + end)
        if re.search(rb"\"kind\"\s*:\s*\"Secret\"", document):
            for found in _JSON_SECRET_DATA.finditer(document):
                for value in re.finditer(rb":\s*\"(?P<secret>(?:\\.|[^\"\\])*)\"", found["secret"]):
                    start, end = value.span("secret")
                    yield offset + found.start("secret") + start, offset + found.start("secret") + end
        offset += len(document)


def _line_value(content: bytes, start: int, end: int) -> Iterator[Span]:
    """The value of ``name: value``; a line without a name belongs to a block scalar and is all secret."""
    named = re.compile(rb"[\"']?[A-Za-z0-9._\-]+[\"']?[ \t]*:[ \t]+").match(content, start, end)
    if named is None:
        if not re.compile(rb"[\"']?[A-Za-z0-9._\-]+[\"']?[ \t]*:$").match(content, start, end):
            yield start, end
    elif content[named.end() : named.end() + 1] not in (b"|", b">"):
        line = content.rfind(b"\n", 0, start) + 1
        place = Place(content, line, line)
        place.move(start)
        yield from _value(place, start, named.end(), b":")
