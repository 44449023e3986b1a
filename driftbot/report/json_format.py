"""The report as JSON (version 1, see ``document``): stable, sorted, ASCII, so that no label reaches a terminal raw."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime

from driftbot.core.coverage import AcceptedGap, Coverage
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.fact import Origin, Value, show
from driftbot.core.finding import Evidence, Finding, Verdict
from driftbot.core.history import FindingLife
from driftbot.core.quantity import Quantity
from driftbot.core.rule import Rule
from driftbot.core.silence import Silence
from driftbot.core.subject import Subject
from driftbot.report import document as entries
from driftbot.report.report import Report
from driftbot.report.wording import owner


def render(report: Report) -> str:
    """The report as a JSON document of version 1."""
    return json.dumps(document(report), default=_members, indent=2) + "\n"


def document(report: Report) -> entries.Document:
    """The report as the document that is published."""
    triage = report.triage
    news = frozenset(life.finding.fingerprint for life in triage.news)
    lives = (_finding(life, news, report.rules_by_id.get(life.finding.rule)) for life in triage.lives)
    ordered = tuple(lives)
    return entries.Document(
        schema=entries.SCHEMA,
        driftbot=report.version,
        as_of=report.as_of.isoformat(),
        exit_code=int(report.exit_code),
        fail_on=report.fail_on.value,
        first_night=triage.first_night,
        counts=_counts(report),
        findings=[entry for entry in ordered if entry.resolved is None],
        resolved=[entry for entry in ordered if entry.resolved is not None],
        rules=[
            entries.RuleEntry(
                tally.rule, tally.subjects, tally.selected, tally.ok, tally.drift, tally.unknown, tally.waived,
                tally.undecided, list(tally.never_seen), tally.stopped,
            )
            for tally in sorted(report.evaluation.tallies, key=lambda tally: tally.rule)
        ],
        blindness=[
            entries.BlindnessEntry(blind.cause.value, blind.place, blind.reason, blind.gap)
            for blind in report.blindness
        ],
        silences=[_silence(silence) for silence in report.silences],
        upkeep=[entries.UpkeepEntry(note.rule, note.neglect.value, note.detail) for note in report.upkeep],
        coverage=[_coverage(entry) for entry in report.coverage],
        unjoined=[entries.UnjoinedEntry(str(entry.subject), entry.reason) for entry in report.unjoined],
        notes=list(report.notes),
    )  # fmt: skip


def _members(value: object) -> dict[str, object]:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in a JSON report")


def _counts(report: Report) -> entries.Counts:
    drift, unknown, waived, ok = (
        report.count(verdict) for verdict in (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.OK)
    )
    return entries.Counts(drift, unknown, waived, ok, len(report.evaluation.tallies), report.evaluation.checks)


def _finding(life: FindingLife, news: frozenset[str], rule: Rule | None) -> entries.FindingEntry:
    finding = life.finding
    name = finding.fingerprint
    return entries.FindingEntry(
        fingerprint=name,
        rule=finding.rule,
        subject=_subject(finding.subject),
        verdict=finding.verdict.value,
        life=life.life.value,
        severity=finding.severity.value,
        title=finding.title,
        message=finding.message,
        observed=finding.observed,
        expected=finding.expected,
        reasons=list(finding.reasons),
        first_seen=life.first_seen.isoformat(),
        last_seen=life.last_seen.isoformat(),
        changed=_time(life.changed),
        previous=life.previous,
        resolved=_time(life.resolved),
        times_opened=life.times_opened,
        news=name in news,
        owner=owner(finding, rule),
        lesson=_lesson(rule),
        playbook=rule.playbook if rule else None,
        evidence=[_evidence(evidence) for evidence in finding.evidence],
        recommendations=[
            entries.RecommendationEntry(advice.key, _value(advice.value), advice.note)
            for advice in finding.recommendations
        ],
        charts=_charts(finding),
    )


def _charts(finding: Finding) -> list[entries.ChartEntry]:
    if not finding.charts:
        return []
    from driftbot.report.chart_numbers import numbers

    return [numbers(chart) for chart in finding.charts]


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _subject(subject: Subject) -> entries.SubjectEntry:
    return entries.SubjectEntry(str(subject), subject.kind, subject.environment, subject.name, dict(subject.labels))


def _value(value: Value | None) -> entries.ValueEntry | None:
    if value is None:
        return None
    if isinstance(value, Quantity):
        return entries.ValueEntry(show(value), value.value, value.unit.value)
    if isinstance(value, datetime):
        return entries.ValueEntry(value.isoformat(timespec="seconds"))
    return entries.ValueEntry(show(value))


def _origin(origin: Origin) -> entries.OriginEntry:
    return entries.OriginEntry(origin.source, origin.locator, origin.line, origin.column, origin.query)


def _evidence(evidence: Evidence) -> entries.EvidenceEntry:
    return entries.EvidenceEntry(
        evidence.name,
        _value(evidence.value),
        evidence.view.value if evidence.view else None,
        evidence.provenance.value if evidence.provenance else None,
        [_origin(origin) for origin in evidence.origins],
        evidence.note,
    )


def _lesson(rule: Rule | None) -> entries.LessonEntry | None:
    if rule is None:
        return None
    lesson = rule.lesson
    day = lesson.date.isoformat() if lesson.date else None
    return entries.LessonEntry(lesson.incident, day, lesson.url, lesson.summary)


def _silence(silence: Silence) -> entries.SilenceEntry:
    kinds = {AcceptedGap: "accepted_gap", Approval: "approval", Waiver: "waiver"}
    return entries.SilenceEntry(
        kinds[type(silence.excuse)], silence.fingerprint, silence.state.value, silence.detail, silence.owner,
        silence.excuse.reason, _time(silence.expires),
    )  # fmt: skip


def _coverage(entry: Coverage) -> entries.CoverageEntry:
    gaps = [entries.GapEntry(gap.fingerprint, _origin(gap.origin), gap.reason) for gap in entry.gaps]
    return entries.CoverageEntry(
        entry.source, entry.environment, entry.kind, sorted(entry.keys), entry.complete, entry.failed, gaps
    )
