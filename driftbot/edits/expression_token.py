"""The tokens of PromQL with their places in the text: the parser that driftbot uses has none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a token is; ``OPENING`` and ``CLOSING`` are brackets of any form."""

    STRING = "string"
    NUMBER = "number"
    COMPARISON = "comparison"
    ARITHMETIC = "arithmetic"
    NAME = "name"
    OPENING = "opening"
    CLOSING = "closing"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: the characters from ``start`` to ``end`` (exclusive) of the expression."""

    kind: Kind
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`)'
    r"|(?P<skipped>#[^\r\n]*|\s+)"
    r"|(?P<number>0[xX][0-9a-fA-F_]+|(?:\d+(?:ms|[ywdhms]))+(?!\w)|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<comparison>[=!<>]=|[<>])"
    r"|(?P<arithmetic>[-+*/%^]|atan2\b)"
    r"|(?P<name>[A-Za-z_:][\w:.]*)"
    r"|(?P<opening>[(\[{])|(?P<closing>[)\]}])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_NUMBERS = frozenset({"inf", "nan"})


def tokens(expression: str) -> tuple[Token, ...]:
    """The tokens of an expression in order; comments and blanks are between them."""
    return tuple(
        Token(_kind(match), match[0], match.start(), match.end())
        for match in _TOKEN.finditer(expression)
        if match.lastgroup != "skipped"
    )


def _kind(match: re.Match[str]) -> Kind:
    if match["name"] and match[0].lower() in _NUMBERS:
        return Kind.NUMBER
    return Kind(match.lastgroup or Kind.OTHER)
