"""Mutants of a rule: the same lesson with one thing turned, moved or dropped, to see whether a case notices.

The operators follow the mutation operators of the field (relational, logical, constant, deletion:
Offutt et al., "An experimental determination of sufficient mutant operators", ACM TOSEM 1996,
doi:10.1145/227607.227610) and what goes wrong in rules: a window too short, the worst taken for the mean, a condition
forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity
from driftbot.core.rule import Binding, Expression, Rule
from driftbot.lessons.tokens import Token, Word, operands, replaced, tokens
from driftbot.rules.language import CONSTRUCTORS


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one change: what was done, in which part, and the part's text before and after."""

    what: str
    part: str
    before: str
    after: str
    rule: Rule

    def __str__(self) -> str:
        if not self.after:
            return f"{self.part}: {self.what}"
        return f"{self.part}: {self.what}: {' '.join(self.after.split())}"


@dataclass(frozen=True, slots=True)
class Change:
    """A text with one change and what was done to it."""

    what: str
    text: str


_TURNED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_STRICTER: Mapping[str, tuple[str, ...]] = {"<": ("<=",), "<=": ("<",), ">": (">=",), ">=": (">",)}
_LOGICAL = {"&&": "||", "||": "&&"}
_ARITHMETIC = {"+": "-", "*": "/", "/": "*", "-": "+"}
_MEASURES: Mapping[str, tuple[str, ...]] = {
    "max": ("min", "mean"),
    "min": ("max", "mean"),
    "mean": ("max", "min"),
    "median": ("max", "min"),
    "first": ("last",),
    "time_until": ("time_until_below",),
    "time_until_below": ("time_until",),
    "baseline": ("spread",),
    "spread": ("baseline",),
    "drift": ("step",),
    "step": ("drift",),
    "drift_per_day": ("drift",),
    "drift_per_release": ("drift",),
    "breach": ("breach_below",),
    "breach_below": ("breach",),
    "breach_in": ("breach_below_in",),
    "breach_below_in": ("breach_in",),
    "after_release": ("step",),
    "sum": ("max",),
    "product": ("max",),
    "all": ("exists",),
    "exists": ("all",),
}
_VIEWS: Mapping[str, tuple[str, ...]] = {
    "approved": ("self",),
    "declared": ("effective",),
    "effective": ("declared",),
}
_QUESTIONS = frozenset({"known", "present", "explicit"})
_MOVE = 0.1
"""By how much of itself a bound is moved: cases within ten percent of it on both sides notice."""


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Every rule that differs from this one by one mutation, in the order of the text; some may not type-check."""
    if rule.where:
        yield Mutant(
            "dropped, so that every subject is selected", "where", rule.where.text, "", replace(rule, where=None)
        )
        yield from _in_expression(rule, "where", rule.where)
    for binding in rule.let:
        yield from _in_let(rule, binding)
    yield from _in_expression(rule, "expect", rule.expect)


def _in_expression(rule: Rule, part: str, expression: Expression) -> Iterator[Mutant]:
    for change in changes(expression.text):
        changed = Expression(change.text, expression.origin)
        mutated = replace(rule, where=changed) if part == "where" else replace(rule, expect=changed)
        yield Mutant(change.what, part, expression.text, change.text, mutated)


def _in_let(rule: Rule, binding: Binding) -> Iterator[Mutant]:
    others = (
        Change(f"replaced by {other.name}", other.expression.text) for other in rule.let if other.name != binding.name
    )
    for change in chain(changes(binding.expression.text), others):
        changed = Binding(binding.name, Expression(change.text, binding.expression.origin))
        let = tuple(changed if other.name == binding.name else other for other in rule.let)
        yield Mutant(change.what, f"let.{binding.name}", binding.expression.text, change.text, replace(rule, let=let))


def changes(text: str) -> Iterator[Change]:
    """Every single change of an expression, each once."""
    words = tokens(text)
    seen = {text}
    for change in chain(_word_changes(text, words), _operand_changes(text, words)):
        if change.text not in seen:
            seen.add(change.text)
            yield change


def _word_changes(text: str, words: Sequence[Token]) -> Iterator[Change]:
    for index, token in enumerate(words):
        for what, by in _replacements(token, words[:index], words[index + 1 :]):
            yield Change(what, replaced(text, token, by))


def _replacements(token: Token, before: Sequence[Token], after: Sequence[Token]) -> Iterator[tuple[str, str]]:
    match token.word:
        case Word.SIGN:
            return _signs(token.text, before)
        case Word.NUMBER:
            return ((f"{token.text} moved to {moved}", moved) for moved in _moved_number(token.text))
        case Word.TEXT:
            return _texts(token.text[1:-1], before)
        case Word.NAME:
            return _names(token.text, before, after)


def _signs(sign: str, before: Sequence[Token]) -> Iterator[tuple[str, str]]:
    if sign in _TURNED:
        yield f"{sign} turned to {_TURNED[sign]}", _TURNED[sign]
        yield from ((f"{sign} made {other}", other) for other in _STRICTER.get(sign, ()))
    elif sign in _LOGICAL:
        yield f"{sign} made {_LOGICAL[sign]}", _LOGICAL[sign]
    elif sign in _ARITHMETIC and before and (before[-1].word is not Word.SIGN or before[-1].text in {")", "]"}):
        yield f"{sign} made {_ARITHMETIC[sign]}", _ARITHMETIC[sign]
    elif sign == "!":
        yield "! dropped", ""


def _moved_number(text: str) -> tuple[str, str]:
    if text.isdigit():
        step = max(1, round(int(text) * _MOVE))
        return str(int(text) - step), str(int(text) + step)
    return _plain(float(text) * (1 - _MOVE)), _plain(float(text) * (1 + _MOVE))


def _plain(value: float) -> str:
    shown = f"{value:.6g}"
    return shown if {".", "e"} & set(shown) else f"{shown}.0"


def _texts(content: str, before: Sequence[Token]) -> Iterator[tuple[str, str]]:
    constructor = before[-2].text if len(before) > 1 and before[-1].text == "(" else ""
    unit = CONSTRUCTORS.get(constructor)
    if unit:
        bound = _value(content, unit)
        for factor in (1 - _MOVE, 1 + _MOVE) if bound else ():
            shown = _shown(bound * factor, unit)
            yield f"bound {content} moved to {shown}", f'"{shown}"'
    elif _looks_like_a_window(content):
        window = _value(content, Unit.SECONDS)
        for factor in (0.5, 2.0):
            shown = _shown(window * factor, Unit.SECONDS)
            yield f"window {content} made {shown}", f'"{shown}"'
    elif constructor != "timestamp":
        yield f'"{content}" made another text', f'"not {content}"'


def _value(content: str, unit: Unit) -> float:
    """The number that a text states in the unit; 0 where it states none."""
    try:
        return parse_quantity(content, unit).value
    except NotAQuantity:
        return 0.0


def _looks_like_a_window(content: str) -> bool:
    return content[:1].isdigit() and not content.isdigit() and bool(_value(content, Unit.SECONDS))


def _shown(value: float, unit: Unit) -> str:
    return _duration(value) if unit is Unit.SECONDS else f"{value:.9g}"


def _duration(seconds: float) -> str:
    scales = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    whole = round(seconds * 1000)
    return next(
        (f"{whole // (1000 * scale)}{unit}" for unit, scale in scales if not whole % (1000 * scale)), f"{whole}ms"
    )


def _names(name: str, before: Sequence[Token], after: Sequence[Token]) -> Iterator[tuple[str, str]]:
    member = bool(before) and before[-1].text == "."
    call = bool(after) and after[0].text == "("
    if member and call:
        yield from ((f"{name} made {other}", other) for other in _MEASURES.get(name, ()))
    elif call and name in _QUESTIONS:
        yield f"{name} negated", f"!{name}"
    elif not member and name in _VIEWS and after and after[0].text == ".":
        yield from ((f"{name} read as {other}", other) for other in _VIEWS[name])
    elif not member and name in {"true", "false"}:
        other = "false" if name == "true" else "true"
        yield f"{name} made {other}", other


def _operand_changes(text: str, words: Sequence[Token]) -> Iterator[Change]:
    for operand in operands(words, len(text)):
        start, end = operand.without
        dropped = " ".join(text[operand.start : operand.end].split())
        yield Change(f"`{dropped}` dropped", text[:start] + text[end:])
