"""``driftbot rules test``: what the cases of rules are worth, told line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import indent

from driftbot.core.finding import Verdict
from driftbot.core.key import Vocabulary
from driftbot.lessons.examination import Examination, Fate, Tried
from driftbot.lessons.transcript import transcript
from driftbot.lessons.trial import Outcome


def lines(examined: Examination, vocabulary: Vocabulary, verbose: bool) -> Iterator[str]:
    """One line for a rule whose cases are worth something, more for one that fails."""
    yield f"{'ok  ' if examined.passed else 'FAIL'} {examined.rule.id}: {_figures(examined)}"
    for outcome in examined.failed:
        yield from _failed(outcome)
    for tried in examined.tried:
        if tried.fate is Fate.SURVIVED:
            yield from _survivor(tried, vocabulary)
        elif tried.fate is Fate.UNTOLD:
            yield f"       untold    {tried.mutant}"
        elif verbose:
            by = f" (by “{tried.killed_by}”)" if tried.killed_by else ""
            yield f"       {tried.fate.value:<9} {tried.mutant}{by}"


def _figures(examined: Examination) -> str:
    fates = Counter(tried.fate for tried in examined.tried)
    told = [f"{fates[fate]} {fate.value}" for fate in Fate if fates[fate] and fate is not Fate.STILLBORN]
    cases = f"{len(examined.outcomes)} cases"
    failed = f", {len(examined.failed)} failed" if examined.failed else ""
    return f"{cases}{failed}; mutants: {', '.join(told)}" if told else f"{cases}{failed}"


def _failed(outcome: Outcome) -> Iterator[str]:
    case, finding = outcome.case, outcome.finding
    wanted = case.verdict.value if case.verdict else "not selected"
    yield f"       {case.origin}: “{case.name}” is to be {wanted}, but is {_named(outcome.verdict)}"
    if finding and (finding.observed or finding.reasons):
        because = f"observed {finding.observed}, expected {finding.expected}" if finding.observed else ""
        yield f"         {'; '.join(part for part in (because, *finding.reasons) if part)}"


def _survivor(tried: Tried, vocabulary: Vocabulary) -> Iterator[str]:
    yield f"       survived  {tried.mutant}"
    found = tried.suggestion
    if found is None:
        return
    yield f"         the rule says {_named(found.rule_says)}, the mutant {_named(found.mutant_says)}; add this case:"
    written = transcript(found.case, f"{found.case.name}, changed", found.rule_says, vocabulary)
    yield indent(written, " " * 11)


def _named(verdict: Verdict | None) -> str:
    return verdict.value if verdict else "not selected"


def account(examined: Sequence[Examination]) -> str:
    """The figures of all rules together."""
    tried = Counter(one.fate for examination in examined for one in examination.tried)
    cases = sum(len(examination.outcomes) for examination in examined)
    failed = sum(len(examination.failed) for examination in examined)
    told = f"{len(examined)} rule{'s' * (len(examined) != 1)}, {cases} cases, {failed} failed"
    if not tried:
        return told
    mutants = sum(tried.values())
    untold = f", {tried[Fate.UNTOLD]} that no case was found for" if tried[Fate.UNTOLD] else ""
    same = f", {tried[Fate.SAME]} the same as their rule" if tried[Fate.SAME] else ""
    return (
        f"{told}; {mutants} mutants: {tried[Fate.KILLED]} killed, {tried[Fate.SURVIVED]} survived{untold}{same},"
        f" {tried[Fate.STILLBORN]} refused by the type check"
    )
