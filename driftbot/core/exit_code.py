"""Exit codes: blind (1) wins over drift (2), drift wins over clean (0)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from driftbot.core.approved import SOURCE as APPROVALS
from driftbot.core.coverage import AcceptedGap, Coverage, Gap
from driftbot.core.evaluation import Tally
from driftbot.core.rule import Problem, Severity
from driftbot.core.silence import Silence, SilenceState
from driftbot.core.triage import Triage


class ExitCode(IntEnum):
    """What a scan says to whoever started it."""

    CLEAN = 0
    BLIND = 1
    DRIFT = 2


class Tolerance(StrEnum):
    """Whether drift makes a scan end with its own exit code."""

    ALARM = "alarm"
    EXIT_ZERO = "exit_zero"


class Cause(StrEnum):
    """Why a scan is blind."""

    SOURCE_FAILED = "source_failed"
    GAP = "gap"
    RULE_PROBLEM = "rule_problem"
    DECISION_PROBLEM = "decision_problem"
    RULE_STOPPED = "rule_stopped"
    NOTHING_WATCHED = "nothing_watched"


@dataclass(frozen=True, slots=True, order=True)
class Blindness:
    """Something an enabled rule needed and nobody could read: the place and why.

    ``gap`` is the gap's fingerprint, by which a person may accept it until a date; empty where that cannot be.
    """

    cause: Cause
    place: str
    reason: str
    gap: str = ""


def blindness(
    coverage: Iterable[Coverage],
    needed: Mapping[str, frozenset[str]],
    accepted: Iterable[AcceptedGap],
    problems: Iterable[Problem],
    tallies: Iterable[Tally],
    as_of: datetime,
) -> tuple[Blindness, ...]:
    """Everything that makes the scan blind, each once, sorted.

    ``needed`` maps each kind of subject that an enabled rule is about to the keys those rules name. A failed source
    counts whether or not somebody needs it; a gap counts only where a need lies in it and no accepted gap holds.
    """
    excused = {gap.fingerprint for gap in accepted if as_of < gap.expires}
    found = {blind for entry in coverage for blind in _of_coverage(entry, needed, excused)}
    found |= {Blindness(_cause(problem), str(problem.origin), _told(problem)) for problem in problems}
    found |= {Blindness(Cause.RULE_STOPPED, tally.rule, tally.stopped) for tally in tallies if tally.stopped}
    return tuple(sorted(found))


def unneeded_gaps(
    coverage: Iterable[Coverage], needed: Mapping[str, frozenset[str]], accepted: Iterable[AcceptedGap]
) -> tuple[Gap, ...]:
    """Gaps that make no scan blind because no enabled rule needs what lies in them, each place once, sorted.

    A misspelt path is one of them until the first rule asks for its key. What somebody accepted is left out.
    """
    entries = [entry for entry in coverage if not entry.failed]
    told = {gap.fingerprint for gap in accepted}
    told |= {gap.fingerprint for entry in entries if _needed(entry, needed) for gap in entry.gaps}
    found = {gap.fingerprint: gap for entry in entries for gap in entry.gaps if gap.fingerprint not in told}
    return tuple(found[name] for name in sorted(found))


def nothing_watched(place: str, sources: int, rules: int, problems: int) -> tuple[Blindness, ...]:
    """What makes a scan blind before it looked: nothing to look at, or no rule to hold it against.

    ``place`` is the configuration; with ``problems`` in the rule files those say why no rule is left.
    """
    empty = []
    if not sources:
        empty.append(("sources", "no source is configured: nothing was looked at; add one"))
    if not rules and not problems:
        empty.append(("rules", "no rule is enabled: nothing was judged; enable some"))
    return tuple(Blindness(Cause.NOTHING_WATCHED, f"{place}: {part}", reason) for part, reason in empty)


def _cause(problem: Problem) -> Cause:
    return Cause.DECISION_PROBLEM if problem.origin.source == APPROVALS else Cause.RULE_PROBLEM


def _told(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _of_coverage(
    entry: Coverage, needed: Mapping[str, frozenset[str]], excused: frozenset[str] | set[str]
) -> Iterator[Blindness]:
    if entry.failed:
        reason = entry.gaps[0].reason if entry.gaps else "it did not answer"
        yield Blindness(Cause.SOURCE_FAILED, entry.source, reason)
        return
    if _needed(entry, needed):
        yield from (_of_gap(gap) for gap in entry.gaps if gap.fingerprint not in excused)


def _needed(entry: Coverage, needed: Mapping[str, frozenset[str]]) -> bool:
    keys = needed.get(entry.kind)
    return keys is not None and (not entry.keys or not entry.keys.isdisjoint(keys))


def _of_gap(gap: Gap) -> Blindness:
    return Blindness(Cause.GAP, str(gap.origin), gap.reason, gap.fingerprint)


def exit_code(
    blind: Iterable[Blindness],
    triage: Triage,
    silences: Iterable[Silence] = (),
    fail_on: Severity = Severity.LOW,
    tolerance: Tolerance = Tolerance.ALARM,
) -> ExitCode:
    """Law 11: blind wins over drift at or above ``fail_on`` or an overdue silence, and these win over clean.

    ``Tolerance.EXIT_ZERO`` lets drift end with 0; it never hides blindness.
    """
    if any(True for _ in blind):
        return ExitCode.BLIND
    if tolerance is Tolerance.EXIT_ZERO:
        return ExitCode.CLEAN
    bad = any(life.finding.severity.rank <= fail_on.rank for life in triage.drift)
    overdue = any(silence.state is SilenceState.OVERDUE for silence in silences)
    return ExitCode.DRIFT if bad or overdue else ExitCode.CLEAN
