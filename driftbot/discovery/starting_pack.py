"""The starting pack: the shipped rules that what was found can answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from driftbot.alerts.derive import derived_keys
from driftbot.core.key import Vocabulary
from driftbot.core.marker import MARKERS
from driftbot.core.rule import Rule
from driftbot.engine.needs import named_keys
from driftbot.plugins import collectors
from driftbot.rulebook import RULE_FILES
from driftbot.rules.reading import read_rules
from driftbot.shipped import rules_root
from driftbot.tape.folder import read_folder

_LABELS = "labels."
_NEEDS_NO_SOURCE = frozenset({"path", MARKERS})
"""Kinds whose absence leaves no rule out: paths are drawn from calls, and drift is judged without releases, too."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shipped rule, and what nobody among the sources tells; nothing of that: it belongs into the pack."""

    rule: Rule
    missing: tuple[str, ...] = ()


def candidates(kinds: Iterable[str]) -> Sequence[Candidate]:
    """Every shipped rule, judged by the kinds of source that were found; sorted by severity and id."""
    installed = collectors()
    derived = derived_keys()
    vocabulary = Vocabulary([*(key for collector in installed.values() for key in collector.keys(None)), *derived])
    told = {(key.subject_kind, key.name) for kind in set(kinds) for key in installed[kind].keys(None)}
    subjects = {subject for subject, _ in told}
    # What follows from facts needs no source of its own, only somebody who tells of the subject.
    told |= {(key.subject_kind, key.name) for key in derived if key.subject_kind in subjects}
    book = read_rules(read_folder(rules_root(), RULE_FILES, ()), vocabulary)
    found = [Candidate(rule, tuple(_missing(rule, told, vocabulary))) for rule in book.rules]
    return sorted(found, key=lambda candidate: (candidate.rule.severity.rank, candidate.rule.id))


def _missing(rule: Rule, told: set[tuple[str, str]], vocabulary: Vocabulary) -> Iterable[str]:
    for kind, keys in named_keys([rule], vocabulary).items():
        if kind in _NEEDS_NO_SOURCE:
            continue
        yield from (f"{kind} {key}" for key in sorted(keys) if not key.startswith(_LABELS) and (kind, key) not in told)
