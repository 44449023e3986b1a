"""Findings: the judgement of one rule on one subject, with what it rests on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.chart import Chart
from driftbot.core.fact import Origin, Provenance, Value, View
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject, SubjectId


class Verdict(StrEnum):
    """Exactly four: healthy, forgotten, not readable, excused for a time."""

    OK = "ok"
    DRIFT = "drift"
    UNKNOWN = "unknown"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value that the judgement rests on: its name in the rule, the value (None: not readable) and where from.

    ``origins`` are the places of the value that was judged, then those of other views that state the same one. For an
    unread value ``note`` says what would have to be readable.
    """

    name: str
    value: Value | None
    view: View | None = None
    provenance: Provenance | None = None
    origins: tuple[Origin, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a key's value should become; ``value`` is None where something that it needs is not readable."""

    key: str
    value: Value | None
    note: str = ""


def fingerprint(rule: str, subject: SubjectId) -> str:
    """A finding's name over its whole life: rule and subject, never the value. Twelve hexadecimal digits."""
    return hashlib.sha256(f"{rule}\n{subject}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one subject.

    ``observed`` and ``expected`` are the arithmetic in words ("110m", "at most 84m = 0.7 × 2h"); ``reasons`` say why a
    verdict is unknown or by whom it is waived. ``charts`` are the series that a drift rests on, with what was concluded
    from them.
    """

    rule: str
    subject: Subject
    verdict: Verdict
    severity: Severity
    title: str
    message: str = ""
    observed: str = ""
    expected: str = ""
    evidence: tuple[Evidence, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    reasons: tuple[str, ...] = ()
    rule_digest: str = ""
    charts: tuple[Chart, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The finding's name over its whole life."""
        return fingerprint(self.rule, self.subject.id)


def order(finding: Finding) -> tuple[int, int, str, str]:
    """Sort key of findings in every report: drift first, the worst first, then rule and subject."""
    verdicts = (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.OK)
    return verdicts.index(finding.verdict), finding.severity.rank, finding.rule, str(finding.subject)
