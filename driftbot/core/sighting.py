"""Sightings: one alert as one source shows it on one night."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from driftbot.core.fact import Fact, View
from driftbot.core.subject import Labels, SubjectId

ALERT, CONDITION = "alert", "condition"

LOADED = "loaded"
"""The key that says whether a server has loaded an alert which a file declares."""


def alert_of(condition: SubjectId) -> tuple[SubjectId, int] | None:
    """The alert that a condition is part of, and its number from 1; None for what is named otherwise, or no condition.

    Conditions are named ``alert/number``.
    """
    alert, _, number = condition.name.rpartition("/")
    if condition.kind != CONDITION or not alert or not _POSITION.fullmatch(number):
        return None
    return SubjectId(ALERT, condition.environment, alert), int(number)


_SHOWN = (View.DECLARED, View.EFFECTIVE)

_TOKEN = re.compile(
    # A quote that is never closed reaches to the end: git history may show texts that are no expressions.
    r"\"(?:\\.|[^\"\\])*+(?:\"|\\?\Z)|'(?:\\.|[^'\\])*+(?:'|\\?\Z)|`[^`]*+(?:`|\Z)"
    r"|[A-Za-z_:][\w:]*|\d[\w.]*|#[^\n]*|\S"
)
_NUMBER = re.compile(r"\d[\w.]*")
_POSITION = re.compile(r"[1-9][0-9]{0,8}")


KEPT = 20_000
"""Expressions that are remembered without what does not matter: most of tonight's are last night's as well."""


def _tokens(expression: str) -> tuple[str, ...]:
    found = (token for token in _TOKEN.findall(expression) if not token.startswith("#"))
    return tuple(f'"{token[1:-1]}"' if token[0] in "'`" else token for token in found)


@lru_cache(maxsize=KEPT)
def _asks(expression: str) -> str:
    return " ".join(_tokens(expression))


@dataclass(frozen=True)
class Sighting:
    """What makes an alert recognisable: where it stands, what it is called, and what it asks.

    ``name`` is its subject's name that night, ``locator`` the file or URL it was read from (for gaps), ``path`` the
    rule file as the source names it, ``start`` where in it the alert stands.
    """

    environment: str
    name: str
    source: str
    view: View
    locator: str
    path: str
    group: str
    alertname: str
    severity: str
    labels: Labels
    expression: str
    start: int = 0

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The expression's tokens without comments, every quoting as double quotes."""
        return _tokens(self.expression)

    @cached_property
    def asks(self) -> str:
        """The expression with all that does not matter taken out: equal for equal tokens."""
        return _asks(self.expression)

    @cached_property
    def shape(self) -> str:
        """The expression without its numbers: equal for the same alert with another threshold."""
        return " ".join(_NUMBER.sub("#", token) if _NUMBER.match(token) else token for token in self.tokens)

    @cached_property
    def file(self) -> str:
        """The rule file's own name without its folders, by which a server and a repository agree."""
        return self.path.rpartition("/")[2]

    @cached_property
    def order(self) -> tuple[object, ...]:
        """An order by content alone."""
        return self.path, self.group, self.start, self.alertname, self.asks, self.labels, self.name

    @cached_property
    def _counted(self) -> Counter[str]:
        return Counter(self.tokens)

    def similarity(self, other: Sighting) -> float:
        """How much two expressions share: 1 for the same tokens, 0 for none (Dice's coefficient of the multisets)."""
        total = len(self.tokens) + len(other.tokens)
        if self.shape == other.shape:
            return 1.0 if self.asks == other.asks else 0.99
        shared = sum((self._counted & other._counted).values())
        return 2.0 * shared / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells alerts apart before they are named; named alerts need no labels for it, and theirs may change."""

    environment: str
    name: str
    source: str
    labels: Labels = ()


def mark_of(fact: Fact) -> Mark:
    """The alert of tonight, not named yet, that a fact is about."""
    return Mark(fact.subject.environment, fact.subject.name, fact.origin.source, fact.subject.labels)


def name_mark_of(fact: Fact) -> Mark:
    """The alert, named before, that a fact is about."""
    return Mark(fact.subject.environment, fact.subject.name, fact.origin.source)


def sightings(facts: Iterable[Fact], mark: Callable[[Fact], Mark]) -> dict[Mark, Sighting]:
    """The alerts that the facts are about, by their marks.

    Reads the subject's labels ``alertname``, ``group``, ``severity`` and ``file`` (else the file that the facts stand
    in) and the fact ``expression``. That a server does *not* have an alert (``loaded``) is no sight of it, nor is what
    was approved of it or follows from other facts.
    """
    grouped: dict[Mark, list[Fact]] = defaultdict(list)
    # A mark hashes all labels; facts that share a subject and a source share a list.
    lists: dict[tuple[int, str], list[Fact]] = {}
    for fact in facts:
        if fact.subject.kind == ALERT and fact.view in _SHOWN and fact.key != LOADED:
            shared = id(fact.subject), fact.origin.source
            if shared not in lists:
                lists[shared] = grouped[mark(fact)]
            lists[shared].append(fact)
    return {found: _sighting(found, about) for found, about in grouped.items()}


def _sighting(mark: Mark, facts: list[Fact]) -> Sighting:
    first = min(facts, key=lambda fact: (fact.origin.locator, fact.origin.start, fact.key, fact.subject.labels))
    expressions = sorted((fact.view, str(fact.value)) for fact in facts if fact.key == "expression")
    said = dict(first.subject.labels)
    return Sighting(
        environment=mark.environment,
        name=mark.name,
        source=mark.source,
        view=View.DECLARED if any(fact.view is View.DECLARED for fact in facts) else View.EFFECTIVE,
        locator=first.origin.locator,
        path=said.get("file") or first.origin.locator,
        group=said.get("group", ""),
        alertname=said.get("alertname") or mark.name.rpartition("/")[2],
        severity=said.get("severity", ""),
        labels=first.subject.labels,
        expression=expressions[0][1] if expressions else "",
        start=min(fact.origin.start for fact in facts),
    )
