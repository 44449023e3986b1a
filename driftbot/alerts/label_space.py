"""Whether any alert at all can satisfy some matchers without satisfying others: proof over all label values.

The values of a label fall into classes that no matcher tells apart: each value that a matcher spells out, each prefix
that one spells out (``Kube.*``), and all other values. A regular expression that spells out neither is opaque: of the
other values it may match any. The search is exact but for opaque expressions and values with line breaks, and errs to
the side of "some alert can".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from driftbot.alerts.label_matcher import matches
from driftbot.promql.selector import Match, Matcher

MOST_STEPS = 20_000
"""Restrictions that one search tries before it gives up and proves nothing."""

DEEPEST = 200
"""Such restrictions one inside the other."""

MOST_CONTESTED = 6
"""Opaque expressions of one label that are tried both ways; more are taken to match or not as suits."""

OTHER = "\U0010fffd"
"""Stands for whatever no matcher spells out: a private character that no label holds."""

_REGEXES = (Match.REGEX, Match.NOT_REGEX)
_LITERAL = r"(?:[^\\.+*?()\[\]{}|^$]|\\[^A-Za-z0-9])*"
_SPELT = re.compile(rf"(?P<literal>{_LITERAL})(?P<rest>\.[*+])?")
_WHOLE = re.compile(r"\^?\((?:\?:)?([^()]*)\)\$?")

Conjunction = Sequence[Matcher]
"""Matchers that must all hold."""


def no_alert_can(required: Conjunction, excluded: Iterable[Conjunction] = ()) -> bool:
    """Whether it is proved that no labels satisfy all of ``required`` and none of the ``excluded`` conjunctions."""
    return not _Search(required, excluded).finds()


@dataclass(frozen=True, slots=True)
class _Values:
    """A class of values of one label: its one value, or one that stands for many (it holds ``OTHER``).

    ``opaque`` says how opaque expressions answer to many values; what is not in it answers as suits.
    """

    value: str
    opaque: Mapping[str, bool] = field(default_factory=dict)

    def satisfies(self, matcher: Matcher, wished: bool) -> bool:
        """Whether the class satisfies the matcher; as wished where both kinds of values are in it."""
        if OTHER in self.value and matcher.match in _REGEXES and spelt(matcher.value) is None:
            answer = self.opaque.get(matcher.value)
            return wished if answer is None else answer is (matcher.match is Match.REGEX)
        return matches(matcher, self.value)


_Domains = dict[str, list[_Values]]


class _Search:
    """One search: restricts the classes of each label until every excluded conjunction fails somewhere."""

    def __init__(self, required: Conjunction, excluded: Iterable[Conjunction]) -> None:
        self._required = tuple(required)
        self._steps = 0
        only = pinned(self._required)
        self._excluded = [one for one in map(tuple, excluded) if not _fails(one, only)]

    def finds(self) -> bool:
        """Whether there are such labels, or the search gave up."""
        needed = _by_label(self._required)
        told = _by_label((*self._required, *(matcher for one in self._excluded for matcher in one)))
        domains = {
            label: [one for one in _classes(found) if all(one.satisfies(m, True) for m in needed.get(label, ()))]
            for label, found in told.items()
        }
        return all(domains.values()) and (self._first_will_do(domains) or self._refutes(domains, 0))

    def _first_will_do(self, domains: _Domains) -> bool:
        """Whether the first class of every label does already, as it does for most routes of a large tree."""
        return all(
            any(not domains[matcher.label][0].satisfies(matcher, False) for matcher in one) for one in self._excluded
        )

    def _refutes(self, domains: _Domains, first: int, depth: int = 0) -> bool:
        """Whether from ``first`` on every excluded conjunction can be made to fail within these domains."""
        for number in range(first, len(self._excluded)):
            choices = _choices(self._excluded[number], domains)
            if choices is None:
                continue
            if len(choices) != 1:
                self._steps += 1
                gives_up = self._steps > MOST_STEPS or depth > DEEPEST
                return gives_up or any(
                    self._refutes({**domains, label: kept}, number + 1, depth + 1) for label, kept in choices.items()
                )
            domains = {**domains, **choices}
        return True


def _choices(conjunction: Conjunction, domains: _Domains) -> _Domains | None:
    """The labels by which the conjunction can fail, with what is left of their classes; None where it fails anyway."""
    found = {}
    for label, matchers in _by_label(conjunction).items():
        kept = [one for one in domains[label] if not all(one.satisfies(m, False) for m in matchers)]
        if len(kept) == len(domains[label]):
            return None
        if kept:
            found[label] = kept
    return found


def _fails(conjunction: Conjunction, only: Mapping[str, Collection[str]]) -> bool:
    """Whether it fails for every value that pinned labels can have."""
    return any(
        matcher.label in only and not any(matches(matcher, value) for value in only[matcher.label])
        for matcher in conjunction
    )


def pinned(required: Conjunction) -> dict[str, frozenset[str]]:
    """The values that a label can only have, where a matcher spells them all out."""
    found: dict[str, frozenset[str]] = {}
    for matcher in required:
        values = _only(matcher)
        if values is not None:
            found[matcher.label] = found.get(matcher.label, values) & values
    return found


def _only(matcher: Matcher) -> frozenset[str] | None:
    if matcher.match is Match.EQUAL:
        return frozenset({matcher.value})
    if matcher.match is not Match.REGEX:
        return None
    parts = spelt(matcher.value)
    if parts is None or any(prefix for _, prefix in parts):
        return None
    return frozenset(literal for literal, _ in parts)


@lru_cache(maxsize=20_000)
def spelt(pattern: str) -> tuple[tuple[str, bool], ...] | None:
    """The texts that a regular expression spells out, each with whether more may follow; None where it is opaque."""
    whole = _WHOLE.fullmatch(pattern)
    inner = whole[1] if whole else pattern
    if "|" not in inner:
        inner = inner.removeprefix("^")
        inner = inner if inner.endswith("\\$") else inner.removesuffix("$")
    found = []
    for part in re.split(r"(?<!\\)\|", inner):
        text = _SPELT.fullmatch(part)
        if text is None:
            return None
        found.append((re.sub(r"\\((?s:.))", r"\1", text["literal"]), text["rest"] is not None))
    return tuple(found)


def _classes(matchers: Iterable[Matcher]) -> list[_Values]:
    """The classes into which these matchers of one label divide its values; those of many values first."""
    single, many, opaque = {""}, {OTHER}, set()
    for matcher in matchers:
        parts = spelt(matcher.value) if matcher.match in _REGEXES else ((matcher.value, False),)
        if parts is None:
            opaque.add(matcher.value)
        single |= {literal for literal, _ in parts or ()}
        many |= {literal + OTHER for literal, more in parts or () if more}
    contested = sorted(opaque)[:MOST_CONTESTED]
    answers = [dict(zip(contested, answer, strict=True)) for answer in product((False, True), repeat=len(contested))]
    classes = [_Values(value, answer) for value in sorted(many, reverse=True) for answer in answers]
    return classes + [_Values(value) for value in sorted(single)]


def _by_label(conjunction: Conjunction) -> dict[str, list[Matcher]]:
    found: dict[str, list[Matcher]] = {}
    for matcher in conjunction:
        found.setdefault(matcher.label, []).append(matcher)
    return found
