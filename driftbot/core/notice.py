"""Notices: what a person is told about one drift; one message a drift, edited in place."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.history import FindingLife
from driftbot.core.rule import Severity
from driftbot.core.triage import Triage


@dataclass(frozen=True, slots=True)
class Notice:
    """A title, lines below it, and the fingerprint by which a channel finds its message about the same drift."""

    title: str
    severity: Severity
    lines: tuple[str, ...]
    fingerprint: str


def notices(triage: Triage) -> tuple[Notice, ...]:
    """One notice for every drift that is news, and one for every drift that is resolved; the rest was told before."""
    return tuple(_notice(life) for life in (*triage.news, *triage.resolved))


def _notice(life: FindingLife) -> Notice:
    finding = life.finding
    state = "resolved" if life.resolved else life.life.replace("_", " ")
    told = (finding.message or finding.title, *finding.reasons)
    return Notice(f"{finding.rule}: {finding.subject} ({state})", finding.severity, told, finding.fingerprint)
