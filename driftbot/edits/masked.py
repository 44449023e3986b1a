"""A template (Helm, Jinja, ERB) as the file that it would be without its placeholders: masked, byte for byte as long.

Lines that hold placeholders alone become blank: they choose, repeat or bring in text. A placeholder within a line
becomes a word, in quotes where the format has no bare ones. What the masked file says beside the words is what the
template's author wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from driftbot.documents.format import Format

_PLACEHOLDER = re.compile(rb"\{\{(?:-?\s*/\*.*?\*/\s*-?|.*?)\}\}|\{%.*?%\}|\{#.*?#\}|<%.*?%>", re.DOTALL)
_ONLY = re.compile(rb"[ \t]*(?:#.*)?")
_QUOTED = frozenset({Format.JSON, Format.TOML})
"""Formats in which a word that is a value stands in quotes."""


@dataclass(frozen=True, slots=True)
class Masked:
    """The content without placeholders, as long as the one with them; ``spans`` are their places in order."""

    content: bytes
    spans: tuple[tuple[int, int], ...]

    def touches(self, start: int, end: int) -> bool:
        """Whether a placeholder stands between the two bytes (``end`` exclusive), or around one of them."""
        number = bisect_right(self.spans, (max(start, end - 1), len(self.content)))
        return number > 0 and self.spans[number - 1][1] > start


def mask(content: bytes, format: Format) -> Masked | None:
    """The masked content of a template, or None where there is no placeholder."""
    spans = tuple(match.span() for match in _PLACEHOLDER.finditer(content))
    if not spans:
        return None
    masked = bytearray(content)
    for line_start, line_end, inside in _lines(content, spans):
        alone = _is_alone(content[line_start:line_end], line_start, inside)
        for start, end in inside:
            quoted = format in _QUOTED and not alone and not _in_string(content[line_start:start])
            masked[start:end] = _word(content[start:end], alone, quoted)
    return Masked(bytes(masked), spans)


def holds_placeholder(text: str) -> bool:
    """Whether a template would replace something in the text."""
    return re.search(r"\{\{|\{%|\{#|<%|%>|\}\}|%\}|#\}", text) is not None


def _lines(content: bytes, spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """The lines (of several, where a placeholder spans them) that hold placeholders, with the placeholders."""
    lines: list[tuple[int, int, list[tuple[int, int]]]] = []
    for start, end in spans:
        stop = content.find(b"\n", end)
        last = len(content) if stop < 0 else stop
        if lines and start < lines[-1][1]:
            first, _, inside = lines.pop()
            lines.append((first, last, [*inside, (start, end)]))
        else:
            lines.append((content.rfind(b"\n", 0, start) + 1, last, [(start, end)]))
    return lines


def _is_alone(line: bytes, line_start: int, inside: list[tuple[int, int]]) -> bool:
    left, at = [], 0
    for start, end in inside:
        left.append(line[at : start - line_start])
        at = end - line_start
    return _ONLY.fullmatch(b"".join([*left, line[at:]]).strip(b"\r\n")) is not None


def _in_string(before: bytes) -> bool:
    return re.sub(rb"\\.", b"", before).count(b'"') % 2 == 1


def _word(placeholder: bytes, alone: bool, quoted: bool) -> bytes:
    word = re.sub(rb"[^\r\n]", b" " if alone else b"x", placeholder)
    return b'"' + word[1:-1] + b'"' if quoted else word
