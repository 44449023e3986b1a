"""Ownership: who is to be asked about a finding."""

from __future__ import annotations

from driftbot.core.finding import Finding
from driftbot.core.rule import Rule


def owner(finding: Finding, rule: Rule | None) -> str:
    """Who is to be asked: the subject's owner or team; where it names none, the rule's owner. Not made harmless."""
    subject = finding.subject
    return subject.label("owner") or subject.label("team") or (rule.owner if rule else "")


def owners(finding: Finding, rule: Rule | None) -> tuple[str, ...]:
    """Every name by which those who are to be asked go: owners and teams of the subject, each alone (a label may list
    several, joined by commas); where it names none, the rule's owner. Sorted; empty where nobody is named.
    """
    told = (finding.subject.label("owner"), finding.subject.label("team"))
    named = {name for text in told for name in names(text or "")}
    return tuple(sorted(named)) or ((rule.owner,) if rule and rule.owner else ())


def names(told: str) -> tuple[str, ...]:
    """The names in a label that may list several, joined by commas; in its order."""
    return tuple(name for part in told.split(",") if (name := part.strip()))
