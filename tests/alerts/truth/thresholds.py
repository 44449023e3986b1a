"""Numbers that an alert expression compares with, read from its text by a small reader of its own.

This is one half of the truth that the differ is measured against. It imports nothing of the product, and nothing that
the product parses PromQL with: what both had wrong would otherwise be nobody's difference.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

_SPACE = re.compile(r"(?:\s+|\#[^\n]*)+")
_TOKEN = re.compile(
    r"""
      (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
    | (?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![\w.]))
    | (?P<number>0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])
    | (?P<word>[a-zA-Z_:][\w:]*)
    | (?P<sign>==|!=|<=|>=|=~|!~|[-+*/%^<>=@(){}\[\],:])
    """,
    re.VERBOSE,
)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_STRENGTH = (
    {"or": 1, "and": 2, "unless": 2, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "atan2": 5, "^": 7}
    | dict.fromkeys(_COMPARISONS, 3)
)  # fmt: skip
_SIGN = 6
_MATCHING = frozenset({"on", "ignoring", "group_left", "group_right"})
_GROUPING = frozenset({"by", "without"})
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": math.pow,
}
MASK = "#"
"""Stands in a shape where the text has a number that is compared with."""


class Unreadable(ValueError):
    """The text is no PromQL that this reader knows."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a side of the expression is compared with; ``measured`` is that side's text, spaces evened out.

    ``sign`` is the comparison with the measured side on its left. ``inverted``: it stands to the right of an
    ``unless``. ``boolean``: compared with ``bool``. ``place``: where the constant stands in the text, from and to;
    ``side``: where what it is compared with stands, and ``written`` the comparison in the order of the text.
    ``nested``: inside a function or an aggregation.
    """

    measured: str
    sign: str
    number: float
    inverted: bool = False
    boolean: bool = False
    place: tuple[int, int] = field(default=(0, 0), compare=False)
    side: tuple[int, int] = field(default=(0, 0), compare=False)
    written: str = field(default="", compare=False)
    nested: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an expression's text says: its numbers compared with in order of the text, and the text around them."""

    text: str
    shape: str
    thresholds: tuple[Threshold, ...]


def read(text: str) -> Reading:
    """The expression's thresholds.

    Raises:
        Unreadable: other than PromQL, or newer.
    """
    reader = _Reader(tuple(_tokens(text)))
    part = reader.expression(0)
    if reader.next is not _END:
        raise Unreadable(f"{reader.next.text!r} is not expected here")
    return Reading(part.text, part.shape, part.found)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int = 0
    end: int = 0


_END = _Token("end", "")


def _tokens(text: str) -> Iterable[_Token]:
    place = 0
    while place < len(text):
        if space := _SPACE.match(text, place):
            place = space.end()
            continue
        token = _TOKEN.match(text, place)
        if token is None:
            raise Unreadable(f"{text[place : place + 12]!r} is no token")
        yield _Token(str(token.lastgroup), token.group(), *token.span())
        place = token.end()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an expression; ``number`` where it is constant, ``measured`` the text that its value comes from."""

    text: str
    shape: str
    found: tuple[Threshold, ...] = ()
    number: float | None = None
    measured: str = ""

    @property
    def value(self) -> str:
        return self.measured or self.text


class _Reader:
    def __init__(self, tokens: tuple[_Token, ...]) -> None:
        self.tokens = (*tokens, _END)
        self.place = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self, text: str = "") -> str:
        token = self.next
        if token is _END or (text and token.text != text):
            raise Unreadable(f"{text or 'more'} is expected, not {token.text!r}")
        self.place += 1
        return token.text

    def expression(self, least: int) -> _Part:
        first = self.place
        left = self.operand()
        while _STRENGTH.get(self.next.text.lower(), 0) > least and self.next.kind in ("word", "sign"):
            left_place, sign = self.between(first), self.take().lower()
            boolean = self.next.text.lower() == "bool"
            words = self.modifiers()
            start = self.place
            right = self.expression(_STRENGTH[sign] - (sign == "^"))
            places = left_place, self.between(start)
            left = _joined(left, _Sign(sign, words, boolean, places), right)
        return left

    def between(self, first: int) -> tuple[int, int]:
        """Where in the text the tokens stand from that one to the one before the next."""
        return self.tokens[first].start, self.tokens[self.place - 1].end

    def modifiers(self) -> str:
        words = []
        while self.next.text.lower() in (*_MATCHING, "bool"):
            words.append(self.take().lower())
            if self.next.text == "(" and words[-1] != "bool":
                words.append(self.bracketed("(", ")"))
        return " ".join(words)

    def operand(self) -> _Part:
        if self.next.text in ("-", "+"):
            sign, part = self.take(), self.expression(_SIGN)
            number = None if part.number is None else (-part.number if sign == "-" else part.number)
            return replace(part, text=sign + part.text, shape=sign + part.shape, number=number, measured="")
        return self.suffixed(self.atom())

    def atom(self) -> _Part:
        token = self.next
        if token.text == "(":
            self.take("(")
            inner = self.expression(0)
            self.take(")")
            return replace(inner, text=f"({inner.text})", shape=f"({inner.shape})", measured=inner.value)
        if token.text == "{":
            return _plain(self.bracketed("{", "}"))
        self.take()
        match token.kind:
            case "number":
                return _Part(token.text, token.text, number=_number(token.text))
            case "duration":
                return _Part(token.text, token.text, number=seconds(token.text))
            case "text":
                return _plain(token.text)
            case "word" if token.text.lower() in ("inf", "nan"):
                return _Part(token.text, token.text, number=float(token.text))
            case "word":
                return self.named(token.text)
        raise Unreadable(f"{token.text!r} is not expected here")

    def named(self, name: str) -> _Part:
        grouping = self.grouping()
        if self.next.text != "(":
            return _plain(name + self.bracketed("{", "}") if self.next.text == "{" else name)
        self.take("(")
        arguments = []
        while self.next.text != ")":
            arguments.append(self.expression(0))
            if self.next.text != ")":
                self.take(",")
        self.take(")")
        grouping = grouping or self.grouping()
        return _Part(
            f"{name}{grouping}({', '.join(one.text for one in arguments)})",
            f"{name}{grouping}({', '.join(one.shape for one in arguments)})",
            tuple(replace(found, nested=True) for one in arguments for found in one.found),
            arguments[0].number if name in ("vector", "scalar") and len(arguments) == 1 else None,
        )

    def grouping(self) -> str:
        if self.next.text.lower() not in _GROUPING or self.next.kind != "word":
            return ""
        return f" {self.take().lower()} {self.bracketed('(', ')')} "

    def suffixed(self, part: _Part) -> _Part:
        while True:
            if self.next.text == "[":
                suffix = self.bracketed("[", "]")
            elif self.next.text == "@" or (self.next.text.lower() == "offset" and self.next.kind == "word"):
                suffix = f" {self.take()} " + (self.take() if self.next.text == "-" else "") + self.take()
                suffix += self.bracketed("(", ")") if self.next.text == "(" else ""
            else:
                return part
            part = replace(part, text=part.text + suffix, shape=part.shape + suffix, number=None, measured="")

    def bracketed(self, first: str, last: str) -> str:
        words = [self.take(first)]
        while self.next.text != last or self.next.kind != "sign":
            words.append(self.take())
        items = "".join(words[1:]).rstrip(",")
        self.take(last)
        return first + items + last


def _plain(text: str) -> _Part:
    return _Part(text, text)


@dataclass(frozen=True, slots=True)
class _Sign:
    """An operator with its modifiers; ``places``: where its two sides stand."""

    name: str
    words: str
    boolean: bool
    places: tuple[tuple[int, int], tuple[int, int]]

    @property
    def text(self) -> str:
        return f" {self.name} {self.words} " if self.words else f" {self.name} "


def _joined(left: _Part, sign: _Sign, right: _Part) -> _Part:
    if sign.name in _COMPARISONS:
        return _compared(left, sign, right)
    behind = right.found
    if sign.name == "unless":
        behind = tuple(replace(one, inverted=not one.inverted) for one in behind)
    number = None
    if left.number is not None and right.number is not None and sign.name in _ARITHMETIC:
        try:
            number = float(_ARITHMETIC[sign.name](left.number, right.number))
            number = number if number.is_integer() else float(f"{number:.12g}")
        except (ArithmeticError, ValueError):
            number = None
    return _Part(
        left.text + sign.text + right.text, left.shape + sign.text + right.shape, (*left.found, *behind), number
    )


def _compared(left: _Part, sign: _Sign, right: _Part) -> _Part:
    text, found = left.text + sign.text + right.text, (*left.found, *right.found)
    if right.number is not None:
        (there, here), side, number, name = sign.places, left, right.number, sign.name
        shape = left.shape + sign.text + MASK
    elif left.number is not None:
        (here, there), side, number, name = sign.places, right, left.number, _TURNED.get(sign.name, sign.name)
        shape = MASK + sign.text + right.shape
    else:
        shape = left.shape + sign.text + right.shape
        return _Part(text, shape, found, measured="" if sign.boolean else left.value)
    threshold = Threshold(side.value, name, number, False, sign.boolean, here, there, sign.name)
    return _Part(text, shape, (*found, threshold), measured="" if sign.boolean else side.value)


def _number(text: str) -> float:
    return float(int(text, 16)) if text[:2].lower() == "0x" else float(text.replace("_", ""))


def seconds(text: str) -> float:
    """A duration in Prometheus' spelling (``1h30m``, ``5m``, ``0``) in seconds.

    Raises:
        Unreadable: it is none.
    """
    if re.fullmatch(r"\d+", text):
        return float(text)
    if not re.fullmatch(r"(?:\d+(?:ms|[smhdwy]))+", text):
        raise Unreadable(f"{text!r} is no duration")
    return sum(float(count) * _SECONDS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", text))
