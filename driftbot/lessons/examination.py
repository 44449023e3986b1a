"""The examination of rules: their cases are judged, then their mutants; one that nobody noticed is a missing case.

What is equivalent cannot be decided in general, so nothing is assumed: a mutant counts as *same* only where it lowers
to the very program of the rule, and as *untold* where a search over thousands of cases found none that tells them
apart. Untold mutants are listed, never counted as killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from driftbot.core.key import Vocabulary
from driftbot.core.rule import Rule
from driftbot.lessons.mutation import Mutant, mutants
from driftbot.lessons.search import Suggestion, telling_case
from driftbot.lessons.trial import Outcome, outcomes
from driftbot.rules.case import Case
from driftbot.rules.program import Program, compile_rule


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    SAME = "same"
    UNTOLD = "untold"
    STILLBORN = "stillborn"


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant and its fate: the case that noticed it, or the case that would."""

    mutant: Mutant
    fate: Fate
    killed_by: str = ""
    suggestion: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What the cases of one rule are worth."""

    rule: Rule
    outcomes: tuple[Outcome, ...] = ()
    tried: tuple[Tried, ...] = ()

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The cases that got another verdict than they say."""
        return tuple(outcome for outcome in self.outcomes if not outcome.as_expected)

    def of(self, fate: Fate) -> tuple[Tried, ...]:
        """The mutants of one fate."""
        return tuple(tried for tried in self.tried if tried.fate is fate)

    @property
    def passed(self) -> bool:
        """Every case holds and no mutant survived."""
        return not self.failed and not self.of(Fate.SURVIVED)


def examine(
    rules: Sequence[Rule], cases: Mapping[str, Sequence[Case]], vocabulary: Vocabulary, mutate: bool = True
) -> Iterator[Examination]:
    """Judge the cases of every rule; where all hold, mutate the rule as well."""
    for rule in rules:
        own = tuple(cases.get(rule.id, ()))
        judged = outcomes([rule], own, vocabulary)[rule.id]
        examined = Examination(rule, judged)
        if mutate and own and not examined.failed:
            examined = replace(examined, tried=tuple(_try(rule, own, judged, vocabulary)))
        yield examined


def _try(rule: Rule, cases: Sequence[Case], judged: Sequence[Outcome], vocabulary: Vocabulary) -> Iterator[Tried]:
    born: list[Mutant] = []
    original, _ = compile_rule(rule, vocabulary)
    for number, bred in enumerate(mutants(rule)):
        mutant = replace(bred, rule=_named(bred.rule, number))
        program, _misread = compile_rule(mutant.rule, vocabulary)
        if program is None:
            yield Tried(mutant, Fate.STILLBORN)
        elif original is not None and _decides_alike(program, original):
            yield Tried(mutant, Fate.SAME)
        else:
            born.append(mutant)
    said = outcomes([mutant.rule for mutant in born], cases, vocabulary)
    for mutant in born:
        yield _fate(rule, mutant, cases, judged, said[mutant.rule.id], vocabulary)


def _named(rule: Rule, number: int) -> Rule:
    """A mutant is another rule: with a name and a digest of its own it stands beside the original in one evaluation."""
    return replace(rule, id=f"{rule.id}-mutant-{number}", digest=f"{rule.digest}-{number}", recommend=())


def _decides_alike(program: Program, original: Program) -> bool:
    return (program.where, program.lets, program.expect) == (original.where, original.lets, original.expect)


def _fate(
    rule: Rule,
    mutant: Mutant,
    cases: Sequence[Case],
    judged: Sequence[Outcome],
    said: Sequence[Outcome],
    vocabulary: Vocabulary,
) -> Tried:
    for before, after in zip(judged, said, strict=True):
        if before.verdict != after.verdict:
            return Tried(mutant, Fate.KILLED, before.case.name)
    suggestion = telling_case(rule, mutant.rule, cases, vocabulary)
    return Tried(mutant, Fate.SURVIVED if suggestion else Fate.UNTOLD, suggestion=suggestion)
