"""The scaffold of a new rule: a file that lints, and whose cases fail until the lesson's number stands in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date

from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Unit
from driftbot.core.rule import Lesson, Severity

TODO = "TODO"
"""Marks what the author of a new rule still has to say; ``rules lint`` finds it."""

MAX_ID = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked of somebody who starts a rule; the rest is left to fill in."""

    title: str
    lesson: Lesson
    key: Key
    why: str = f"{TODO}: why this hurts when it is forgotten."
    severity: Severity = Severity.MEDIUM
    owner: str = TODO
    review_by: date | None = None

    @property
    def id(self) -> str:
        """The rule's id, from its title."""
        return rule_id(self.title)


def rule_id(title: str) -> str:
    """The title as an id: lower-case words joined by hyphens, at most sixty characters, cut between words."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    taken = ""
    for word in words:
        longer = f"{taken}-{word}" if taken else word
        if len(longer) > MAX_ID:
            break
        taken = longer
    return taken


def first_key(vocabulary: Vocabulary, kind: str) -> Key | None:
    """A key to start with: a plain quantity of that kind if there is one, else any other key that is no series."""
    keys = [key for key in vocabulary.of_kind(kind) if key.type in _STARTS]
    return min(keys, key=lambda key: (_STARTS.index(key.type), key.name), default=None)


_STARTS = (ValueType.QUANTITY, ValueType.FLAG, ValueType.TEXT, ValueType.INSTANT, ValueType.NAMES, ValueType.SERIES)


@dataclass(frozen=True, slots=True)
class Start:
    """An expectation that type-checks and always holds, values of the key before and after the incident, and how a
    message shows it."""

    expect: str
    bad: str
    good: str
    numbers: tuple[str, ...]
    shown: str


def start(key: Key) -> Start:
    """What a new rule on this key says before somebody knows better."""
    name, shown = f"self.{key.name}", f"{{self.{key.name}}}"
    low, high, most = _AMOUNTS[key.unit or Unit.SECONDS]
    bound = _literal(most, key.unit)
    match key.type:
        case ValueType.QUANTITY:
            return Start(f"{name} <= {bound}", high, low, (most,), shown)
        case ValueType.SERIES:
            bad, good = (f"{{level: {level}, over: 30d}}" for level in (high, low))
            return Start(f'{name}.max("14d") <= {bound}', bad, good, (most, "14d"), f"{{{name}.last()}}")
        case ValueType.FLAG:
            return Start(f"{name} || !{name}", "false", "true", (), shown)
        case ValueType.TEXT:
            return Start(f'{name} == "" || {name} != ""', "the-old-value", "the-new-value", (), shown)
        case ValueType.NAMES:
            return Start(f"{name}.size() >= 0", "[]", "[one]", (), shown)
        case ValueType.INSTANT:
            past, present = "2020-01-01T00:00:00Z", "2025-12-31T00:00:00Z"
            return Start(f'as_of - {name} <= duration("{most}")', past, present, (most,), shown)


_AMOUNTS = {
    Unit.SECONDS: ("1m", "2h", "3650d"),
    Unit.BYTES: ("256Mi", "4Gi", "1Ei"),
    Unit.CORES: ("500m", "8", "1000000"),
    Unit.RATIO: ("0.5", "0.95", "1000.0"),
    Unit.COUNT: ("1", "100", "1000000000"),
    Unit.PER_SECOND: ("10/s", "1000/s", "1000000000/s"),
}
"""A healthy amount, one of the incident, and a bound that is none yet."""

_CONSTRUCTORS = {Unit.SECONDS: "duration", Unit.BYTES: "bytes", Unit.CORES: "cores", Unit.PER_SECOND: "per_second"}


def _literal(amount: str, unit: Unit | None) -> str:
    constructor = _CONSTRUCTORS.get(unit) if unit else None
    return f'{constructor}("{amount}")' if constructor else amount


def written(draft: Draft) -> str:
    """The rule file as YAML with comments that say what to do next."""
    begun = start(draft.key)
    return "\n".join((*_head(draft), *_judgement(draft, begun), *_cases(draft.key, begun), ""))


def _head(draft: Draft) -> list[str]:
    lesson = draft.lesson
    place = ["incident:", f"  id: {_quoted(lesson.incident)}"] if lesson.incident else ["reference:"]
    if lesson.incident and lesson.date:
        place.append(f"  date: {lesson.date.isoformat()}")
    review = [f"review_by: {draft.review_by.isoformat()}"] if draft.review_by else []
    return [
        f"id: {draft.id}",
        f"title: {_quoted(draft.title)}",
        *place,
        f"  url: {_quoted(lesson.url)}",
        f"  summary: {_quoted(lesson.summary)}",
        f"why: {_quoted(draft.why)}",
        f"severity: {draft.severity}",
        f"owner: {_quoted(draft.owner)}",
        *review,
    ]


def _judgement(draft: Draft, begun: Start) -> list[str]:
    numbers = ", ".join(f"{_bare(number)}: ours" for number in begun.numbers)
    return [
        "# Each number of the expressions: `review` (it stands in the review) or `ours` (a proposal).",
        f"numbers: {{{numbers}}}",
        f"for_each: {draft.key.subject_kind}",
        f"# {TODO}: say what is healthy. Until then this always holds, and the case of the incident fails.",
        f"expect: {_plain_or_quoted(begun.expect)}",
        f"message: {_quoted(f'{TODO}: {begun.shown} is too much')}",
    ]


def _cases(key: Key, begun: Start) -> list[str]:
    group = "series" if key.type is ValueType.SERIES else "facts"
    lines = ["cases:"]
    for name, value, verdict in (("as before the incident", begun.bad, "drift"), ("healthy", begun.good, "ok")):
        lines += [f"  - name: {name}", f"    {group}: {{{key.name}: {value}}}", f"    verdict: {verdict}"]
    return [*lines, "  - name: not readable", "    verdict: unknown"]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain_or_quoted(expression: str) -> str:
    """YAML takes a leading ``!``, ``"`` or ``[`` for its own."""
    return expression if expression[:1].isalpha() else f"'{expression}'"


def _bare(number: str) -> str:
    return f'"{number}"' if "/" in number else number
