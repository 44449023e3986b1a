"""Candidates: findings that a playbook may do something about; drift that is read and that nobody waived."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife
from driftbot.core.ladder import Level
from driftbot.core.remedy import Covered
from driftbot.core.rule import Rule
from driftbot.guards.ladder import level as rung
from driftbot.guards.options import GuardOptions
from driftbot.report.wording import evidence_line, owner


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding, the rule that found it, the playbook that the rule names, and how far that may go."""

    finding: Finding
    rule: Rule
    playbook: str
    level: Level
    covered: Covered


def candidates(
    lives: Iterable[FindingLife], rules: Mapping[str, Rule], waived: Collection[str], options: GuardOptions
) -> tuple[Candidate, ...]:
    """Every finding that stands as drift tonight and whose rule names a playbook, in report order.

    What could not be read, and what somebody waived (``waived`` are fingerprints), is none: it is never acted upon.
    """
    found = []
    for life in lives:
        finding, rule = life.finding, rules.get(life.finding.rule)
        stands = finding.verdict is Verdict.DRIFT and life.resolved is None and finding.fingerprint not in waived
        if stands and rule is not None and rule.playbook:
            level = rung(options, rule.playbook, [rule.id], [finding.subject.environment])
            found.append(Candidate(finding, rule, rule.playbook, level, covered(finding, rule)))
    return tuple(found)


def covered(finding: Finding, rule: Rule) -> Covered:
    """The finding as a remedy names it."""
    sources = {origin.source for evidence in finding.evidence for origin in evidence.origins}
    return Covered(
        fingerprint=finding.fingerprint,
        rule=rule.id,
        subject=finding.subject.id,
        owner=owner(finding, rule),
        severity=finding.severity,
        message=finding.message or finding.title,
        incident=rule.lesson.incident,
        url=rule.lesson.url,
        observed=finding.observed,
        expected=finding.expected,
        evidence=tuple(evidence_line(evidence) for evidence in finding.evidence),
        sources=tuple(sorted(sources - {""})),
    )
