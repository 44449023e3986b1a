"""The words of an expression with their places: enough to change one of them and leave all others alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """What a piece of an expression's text is."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One word: ``text[start:end]`` of the expression."""

    word: Word
    text: str
    start: int
    end: int


_LEXICON = re.compile(
    r"""(?P<skip>\s+|//[^\n]*)
      | (?P<number>(?:\d+\.\d+|\d+)(?:[eE][+-]?\d+)?)
      | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign>&&|\|\||[<>=!]=|.)""",
    re.VERBOSE | re.DOTALL,
)
"""The words of CEL's grammar that rules may use; texts are single-line and plain."""


def tokens(text: str) -> tuple[Token, ...]:
    """The words of an expression in order, without white space and comments."""
    return tuple(
        Token(Word(match.lastgroup), match[0], match.start(), match.end())
        for match in _LEXICON.finditer(text)
        if match.lastgroup and match.lastgroup != "skip"
    )


def replaced(text: str, token: Token, by: str) -> str:
    """The expression with one word replaced."""
    return f"{text[: token.start]}{by}{text[token.end :]}"


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of an ``&&`` or ``||``; ``without`` is the span to cut so that the others remain."""

    start: int
    end: int
    without: tuple[int, int]


_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")


def operands(words: Sequence[Token], end: int) -> Iterator[Operand]:
    """Every side of every ``&&`` and ``||``, the outer ones first; ``end`` is the length of the text."""
    for start, stop in _groups(words, end):
        inside = _shallow(words, start, stop)
        for sign in ("||", "&&"):
            for left, right in _split(inside, "||", start, stop) if sign == "&&" else ((start, stop),):
                yield from _sides(inside, sign, left, right)


def _groups(words: Sequence[Token], end: int) -> Iterator[tuple[int, int]]:
    """Spans in which operators stand beside each other: the whole text, brackets, arguments."""
    starts = [0]
    for token in words:
        if token.text in _OPENS:
            starts.append(token.end)
        elif token.text in {",", "?", ":"}:
            yield starts[-1], token.start
            starts[-1] = token.end
        elif token.text in _CLOSES and len(starts) > 1:
            yield starts.pop(), token.start
    yield starts[0], end


def _shallow(words: Sequence[Token], start: int, stop: int) -> list[Token]:
    depth, found = 0, []
    for token in words:
        if not start <= token.start < stop:
            continue
        depth -= token.text in _CLOSES
        if depth == 0 and token.word is Word.SIGN:
            found.append(token)
        depth += token.text in _OPENS
    return found


def _split(inside: Sequence[Token], sign: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    left = start
    for token in inside:
        if token.text == sign and start <= token.start < stop:
            yield left, token.start
            left = token.end
    yield left, stop


def _sides(inside: Sequence[Token], sign: str, start: int, stop: int) -> Iterator[Operand]:
    spans = list(_split(inside, sign, start, stop))
    if len(spans) < 2:
        return
    for index, (left, right) in enumerate(spans):
        cut = (left, spans[index + 1][0]) if index == 0 else (spans[index - 1][1], right)
        yield Operand(left, right, cut)
