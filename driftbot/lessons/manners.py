"""The manners of a rule: what a person who reads it two years later needs, beyond that it can be read at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from driftbot.core.fact import View
from driftbot.core.quantity import NotAQuantity, Unit, parse_quantity
from driftbot.core.rule import Expression, Problem, Rule
from driftbot.lessons.scaffold import TODO
from driftbot.lessons.tokens import Word, tokens
from driftbot.rules.case import Case
from driftbot.rules.document import CaseVerdict
from driftbot.rules.language import CONSTRUCTORS


class Weight(StrEnum):
    """Whether a remark has to be answered before the rule is used, or soon."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem and how much it weighs."""

    weight: Weight
    problem: Problem


_WANTED = (CaseVerdict.DRIFT, CaseVerdict.OK, CaseVerdict.UNKNOWN)
_SENTENCE_ENDS = (".", "!", "?")
_NEUTRAL = frozenset({"0", "1", "0.0", "1.0"})
"""Numbers that say none, one or all; they need no source."""


def remarks(rule: Rule, cases: Sequence[Case], today: date) -> Iterator[Remark]:
    """What a reviewer would say about a rule that can be read."""
    yield from (_remark(rule, Weight.ERROR, *what) for what in _wording(rule))
    yield from (_remark(rule, Weight.ERROR, *what) for what in _numbers(rule))
    yield from (_remark(rule, Weight.ERROR, *what) for what in _cases(rule, cases))
    yield from (_remark(rule, Weight.WARNING, *what) for what in (*_selection(rule), *_age(rule, today)))
    if TODO in f"{rule.title} {rule.lesson.summary} {rule.why} {rule.owner} {rule.message.text}":
        yield _remark(rule, Weight.WARNING, f"it still says {TODO}", "complete it before it is enabled")


def _remark(rule: Rule, weight: Weight, message: str, hint: str) -> Remark:
    return Remark(weight, Problem(rule.origin, f"{rule.id}: {message}", hint))


def _wording(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.title.endswith(_SENTENCE_ENDS):
        yield "the title ends like a sentence", "a title has no full stop"
    for name, text in (("summary", rule.lesson.summary), ("why", rule.why)):
        if not text.strip():
            yield f"there is no {name}", "say it in one sentence of your own"
        elif not text.strip().endswith(_SENTENCE_ENDS) or not _begins_like_a_sentence(text):
            yield f"{name} is no full sentence: {text.strip()!r}", "begin with a capital letter, end with a full stop"
    if not rule.lesson.url.startswith(("https://", "http://")):
        yield f"the lesson's link is no URL: {rule.lesson.url!r}", "link the review or the page"


def _begins_like_a_sentence(text: str) -> bool:
    first = text.strip()[0]
    return not (first.isalpha() and first.islower())


def _numbers(rule: Rule) -> Iterator[tuple[str, str]]:
    expressions = [rule.expect, *([rule.where] if rule.where else [])]
    expressions += [binding.expression for binding in (*rule.let, *rule.recommend)]
    used = {shown for expression in expressions for shown in numbers_in(expression)}
    stated = [number.text for number in rule.numbers]
    hint = "say whether it stands in the review or is ours: `numbers: {…: ours}`"
    for number in sorted(used - _NEUTRAL - {form for text in stated for form in _forms(text)}):
        yield f"the number {number} is not in `numbers`", hint
    for text in stated:
        if not used & set(_forms(text)) and text not in rule.lesson.summary + rule.why:
            yield f"`numbers` names {text}, which no expression uses", "remove it, or use it"


def numbers_in(expression: Expression) -> Iterator[str]:
    """The numbers, bounds and windows that an expression states, as they are written."""
    words = tokens(expression.text)
    for index, token in enumerate(words):
        if token.word is Word.NUMBER:
            yield token.text
        elif token.word is Word.TEXT and _is_quantity(token.text[1:-1], words[index - 2].text if index > 1 else ""):
            yield token.text[1:-1]


def _is_quantity(text: str, function: str) -> bool:
    try:
        parse_quantity(text, CONSTRUCTORS.get(function, Unit.SECONDS))
    except NotAQuantity:
        return False
    return function in CONSTRUCTORS or (text[:1].isdigit() and not text.isdigit())


def _forms(text: str) -> Iterator[str]:
    """A number in the ways that YAML and expressions write it: 2 and 2.0."""
    yield text
    yield text.removesuffix(".0")
    if text.isdigit():
        yield f"{text}.0"


def _cases(rule: Rule, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    found = {case.verdict for case in cases}
    for verdict in _WANTED:
        if verdict not in found:
            yield f"no case ends in {verdict}", "a rule has a case for drift, ok and unknown at least"
    if rule.where and None not in found:
        yield "no case is left out by `where`", "add one with `selected: false`"
    for name, count in Counter(case.name for case in cases).items():
        if count > 1:
            yield f"{count} cases are called {name!r}", "name each after what it shows"


def _selection(rule: Rule) -> Iterator[tuple[str, str]]:
    """A subject whose source was down tonight must stay selected, or its standing finding would count as resolved."""
    words = [token.text for token in tokens(rule.where.text)] if rule.where else []
    for index, word in enumerate(words[:-2]):
        if word == "known" and words[index + 2] != str(View.APPROVED):
            yield "`known` in `where` leaves out what could not be read tonight", "write present(…)"


def _age(rule: Rule, today: date) -> Iterator[tuple[str, str]]:
    if rule.review_by is None:
        yield "nobody said when to look at it again", "add review_by: a rule goes stale, too"
    elif rule.review_by < today:
        yield f"its review was due on {rule.review_by.isoformat()}", "is the lesson still true? then set a new date"
