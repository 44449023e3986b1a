"""The one constant of one condition, replaced in the text of an expression, and the proof that nothing else changed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from driftbot.core.quantity import format_number
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.expression_token import Kind, Token, tokens
from driftbot.edits.numeral import spell_number
from driftbot.edits.replacement import Replacement
from driftbot.promql.condition import Condition, conditions
from driftbot.promql.expression import NotPromQL, canonical, parse

_JOINS = frozenset({"and", "or", "unless"})
_MATCHING = frozenset({"on", "ignoring", "group_left", "group_right"})
_WRAPPERS = frozenset({"vector", "scalar"})
_CONSTANT = frozenset({Kind.NUMBER, Kind.ARITHMETIC})
_SAME = 1e-14
"""Relative difference below which two numbers are one: a few units in the last place of a double."""


def replace_threshold(expression: str, index: int, value: float) -> Replacement:
    """Replace the number that a condition compares with; ``index`` counts from 0 what ``conditions`` gives.

    A constant that is computed (``60*60*24``) is replaced whole; brackets, ``vector(…)`` and a sign around one are
    kept. The result is proved: parsed again, the condition has the new threshold, every other condition is what it
    was, and the canonical text differs in that constant alone.

    Raises:
        Refused: there is no such constant, or no replacement of it changes this threshold and nothing else.
    """
    before = _conditions(expression)
    if not 0 <= index < len(before):
        reason = f"the expression has {len(before)} conditions, none with number {index + 1}"
        raise Refused(reason, Refusal.MOVED)
    condition = before[index]
    _check(condition, value)
    wanted = (*before[:index], replace(condition, threshold=value), *before[index + 1 :])
    for constant in _constants(tokens(expression)):
        candidate = _written(constant, value)
        if _is_proved(expression, candidate.apply(expression), wanted):
            _refuse_lines(expression[candidate.start : candidate.end])
            return candidate
    reason = "no constant of the expression can be replaced so that this threshold alone changes"
    raise Refused(reason, Refusal.NOT_PROVABLE)


def _check(condition: Condition, value: float) -> None:
    if condition.threshold is None:
        against = f"it is compared with `{condition.against}`" if condition.against else condition.caveat
        why = against or f"it asks whether anything is {condition.comparison}"
        reason = f"the condition on `{condition.measured}` has no constant threshold: {why}"
        raise Refused(reason, Refusal.NOT_THERE)
    if not math.isfinite(value):
        raise Refused(f"{value} is no threshold that could be written", Refusal.UNWRITABLE_VALUE)
    if _same(condition.threshold, value):
        raise Refused(f"the threshold is {format_number(value)} already", Refusal.ALREADY)


def _refuse_lines(old: str) -> None:
    if "\n" in old or "\r" in old or "#" in old:
        reason = f"the constant `{' '.join(old.split())}` is computed over several lines or has a comment in it"
        raise Refused(reason, Refusal.NOT_PROVABLE)


def _conditions(expression: str) -> tuple[Condition, ...]:
    try:
        return conditions(parse(expression))
    except NotPromQL as error:
        raise Refused(f"the expression cannot be taken apart: {error}", Refusal.UNREADABLE) from None


def _same(left: float, right: float) -> bool:
    return left == right or math.isclose(left, right, rel_tol=_SAME)


def _constants(found: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The sides of comparisons that are constant, in the order of the text, without what is wrapped around them."""
    for position, token in enumerate(found):
        if token.kind is Kind.COMPARISON:
            for side in (_left(found[:position]), _right(found[position + 1 :])):
                core = _unwrapped(side)
                if any(one.kind is Kind.NUMBER for one in core) and all(_is_constant(one) for one in core):
                    yield core


def _is_constant(token: Token) -> bool:
    return token.kind in _CONSTANT or token.text in "()" or token.text in _WRAPPERS


def _left(before: Sequence[Token]) -> Sequence[Token]:
    """The tokens of the operand that ends here, behind the matching of an operator to its left."""
    depth = 0
    for position in range(len(before) - 1, -1, -1):
        token = before[position]
        depth += (token.kind is Kind.CLOSING) - (token.kind is Kind.OPENING)
        if depth < 0 or (depth == 0 and _ends(token)):
            operand = before[position + 1 :]
            return operand[_behind_modifiers(operand) :]
    return before


def _right(after: Sequence[Token]) -> Sequence[Token]:
    """The tokens of the operand that begins here, behind ``bool`` and the matching of vectors."""
    start = _behind_modifiers(after)
    depth = 0
    for position in range(start, len(after)):
        token = after[position]
        depth += (token.kind is Kind.OPENING) - (token.kind is Kind.CLOSING)
        if depth < 0 or (depth == 0 and _ends(token)):
            return after[start:position]
    return after[start:]


def _ends(token: Token) -> bool:
    return token.kind is Kind.COMPARISON or token.text == "," or token.text.lower() in _JOINS


def _behind_modifiers(after: Sequence[Token]) -> int:
    position = 0
    while position < len(after) and after[position].text.lower() in _MATCHING | {"bool"}:
        labels = after[position].text.lower() in _MATCHING and after[position + 1 : position + 2]
        position += 1
        if labels and labels[0].text == "(":
            position = 1 + next(
                (index for index in range(position, len(after)) if after[index].text == ")"), len(after)
            )
    return position


def _unwrapped(side: Sequence[Token]) -> Sequence[Token]:
    """The constant without brackets and ``vector(…)`` around the whole of it."""
    while side:
        named = side[0].text in _WRAPPERS and len(side) > 1
        if side[int(named)].text != "(" or _closing(side, int(named)) != len(side) - 1:
            break
        side = side[int(named) + 1 : -1]
    return side


def _closing(side: Sequence[Token], opening: int) -> int:
    depth = 0
    for position in range(opening, len(side)):
        depth += (side[position].kind is Kind.OPENING) - (side[position].kind is Kind.CLOSING)
        if depth == 0:
            return position
    return -1


def _written(constant: Sequence[Token], value: float) -> Replacement:
    """The new constant in the manner of the old one: a lone number keeps its notation and, if it fits, its sign."""
    first, last = constant[0], constant[-1]
    signed = len(constant) == 2 and first.text in ("-", "+") and last.kind is Kind.NUMBER
    if signed and (first.text == "-") is (value < 0):
        return Replacement(last.start, last.end, spell_number(abs(value), last.text))
    like = last.text if signed or len(constant) == 1 else ""
    sign = "-" if value < 0 else ""
    return Replacement(first.start, last.end, sign + spell_number(abs(value), like))


def _is_proved(old: str, new: str, wanted: Sequence[Condition]) -> bool:
    try:
        found = conditions(parse(new))
        return _agree(found, wanted) and _differ_in_one_constant(canonical(old), canonical(new))
    except NotPromQL:
        return False


def _agree(found: Sequence[Condition], wanted: Sequence[Condition]) -> bool:
    return len(found) == len(wanted) and all(map(_agrees, found, wanted))


def _agrees(found: Condition, wanted: Condition) -> bool:
    if found.threshold is None or wanted.threshold is None:
        return found == wanted
    return _same(found.threshold, wanted.threshold) and replace(found, threshold=wanted.threshold) == wanted


def _differ_in_one_constant(old: str, new: str) -> bool:
    """Whether two canonical texts are the same but for one run of numbers and arithmetic."""
    before, after = tokens(old), tokens(new)
    texts = [token.text for token in before], [token.text for token in after]
    same = _alike(*texts)
    tail = _alike(texts[0][same:][::-1], texts[1][same:][::-1])
    changed = (*before[same : len(before) - tail], *after[same : len(after) - tail])
    return bool(changed) and all(_is_constant(token) for token in changed)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many texts are the same from the start on."""
    return next(
        (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
