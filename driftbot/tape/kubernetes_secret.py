"""Kubernetes Secrets: every value below ``data`` and ``stringData``, as YAML or JSON, whatever its key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.tape.secret_setting import Place, deeper_lines, setting_value
from driftbot.tape.secret_text import Span, is_reference

_KIND = re.compile(rb"^[ \t]*(?:-[ \t]+)?[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?Secret\b", re.MULTILINE)
_KIND_IN_FLOW = re.compile(rb"(?:\\{0,7}\")?kind(?:\\{0,7}\")?\s*:\s*(?:\\{0,7}\")?Secret\b")
_DATA = re.compile(
    rb"^(?P<indent>[ \t]*(?:-[ \t]+)?)[\"']?(?:data|stringData)[\"']?[ \t]*:[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE
)
_DATA_IN_FLOW = re.compile(rb"(?P<quote>\\{0,7}[\"']|)\b(?:data|stringData)(?P=quote)\s*:\s*\{")
_ENTRY = re.compile(
    rb"\s*(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s:,{}\"'\\]+)\s*:\s*"
    rb"(?:\"(?P<double>(?:\\.|[^\"\\])*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s,{}\[\]\"'][^,{}\[\]\n]*))\s*,?"
)
_ESCAPED_ENTRY = re.compile(rb"\s*\\+\"[^\"\\]*\\+\"\s*:\s*\\+\"(?P<double>(?:\\+[^\"\\]|[^\"\\])*)\\+\"\s*,?")
_NAMED = re.compile(rb"[\"']?[A-Za-z0-9._\-]+[\"']?[ \t]*:[ \t]+")
_NAME_ALONE = re.compile(rb"[\"']?[A-Za-z0-9._\-]+[\"']?[ \t]*:$")


def kubernetes_secrets(content: bytes) -> Iterator[Span]:
    """Where the values of Secrets stand."""
    offset = 0
    for document in re.split(rb"(?m)(?=^---)", content):
        if _KIND.search(document):
            for found in _DATA.finditer(document):
                for start, end in deeper_lines(document, found.end() - 1, len(found["indent"])):
                    yield from _line_value(content, offset + start, offset + end)
        if _KIND_IN_FLOW.search(document):
            for found in _DATA_IN_FLOW.finditer(document):
                entry = _ESCAPED_ENTRY if found["quote"].startswith(b"\\") else _ENTRY
                for start, end in _flow_values(document, found.end(), entry):
                    yield offset + start, offset + end
        offset += len(document)


def _flow_values(document: bytes, position: int, pattern: re.Pattern[bytes]) -> Iterator[Span]:
    while entry := pattern.match(document, position):
        start, end = entry.span(entry.lastgroup or 0)
        value = document[start:end].rstrip()
        if not is_reference(value):
            yield start, start + len(value)
        position = entry.end()


def _line_value(content: bytes, start: int, end: int) -> Iterator[Span]:
    """The value of ``name: value``; a line without a name belongs to a block scalar and is all secret."""
    named = _NAMED.match(content, start, end)
    if named is None:
        if not _NAME_ALONE.match(content, start, end):
            yield start, end
    elif content[named.end() : named.end() + 1] not in (b"|", b">"):
        line = content.rfind(b"\n", 0, start) + 1
        place = Place(content, line, line)
        place.move(start)
        yield from setting_value(place, start, named.end(), b":")
