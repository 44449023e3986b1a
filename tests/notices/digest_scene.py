"""Digests and entries for tests of everything that tells people: an ordinary morning; what a test is about is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from driftbot.core.chart import Chart
from driftbot.core.digest import Counts, Digest, Entry, Offer, Standing
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.fact import Origin, Provenance, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.ladder import Level
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.run import PlanApproval
from driftbot.core.silence import Silence, SilenceState
from driftbot.core.snooze import Snooze
from driftbot.core.subject import Subject, labels_of

DAY = timedelta(days=1)
NIGHT = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
"""A Monday."""
NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
REMEDY = "5ad1" * 16
PLAN = "91be" * 16
MANIFEST = Origin("manifests", "jobs/billing.yaml", 14, 30, 300, 302)
QUERY = Origin("prometheus", "http://prometheus:9090", query="max by (namespace, job_name) (kube_job_duration_seconds)")
_VERDICTS = {Standing.UNREAD: Verdict.UNKNOWN, Standing.WAIVED: Verdict.WAIVED, Standing.FIXED: Verdict.OK}
_LIVES = {Standing.NEW: Life.NEW, Standing.UNREAD: Life.UNREAD, Standing.FIXED: Life.RESOLVED}


def rule(identity: str = "job-deadline-headroom", **changes: Any) -> Rule:
    """A rule with an incident that taught it."""
    file = f"rules/jobs/{identity}.yaml"
    text = Expression("self.duration.max('30d') <= 0.7 * self.timeout.deadline", Origin("rules", file, 9))
    lesson = Lesson(
        "https://example.org/reviews/billing-2025-03",
        "Nightly billing grew for months and was killed at its two-hour deadline.",
        "billing-2025-03",
        date(2025, 3, 11),
    )
    why = "A job that is killed at its deadline has usually grown for months in plain sight."
    told = Rule(
        identity, "Batch jobs finish well inside their deadline", lesson, why, Severity.HIGH, "data-platform", "job",
        text, text, Origin("rules", file, 1), "d1", date(2026, 9, 11), playbook="raise-deadline",
    )  # fmt: skip
    return replace(told, **changes)


def subject(
    name: str = "shop/billing",
    environment: str = "production",
    labels: Mapping[str, str] | None = None,
    kind: str = "job",
) -> Subject:
    """A subject; without ``labels`` one of the data platform's first tier."""
    carried = {"owner": "data-platform", "tier": "1"} if labels is None else labels
    return Subject(kind, environment, name, labels_of(carried))


def finding(about: Subject | None = None, verdict: Verdict = Verdict.DRIFT, **changes: Any) -> Finding:
    """A finding with what it rests on; every field can be named."""
    unread = verdict is Verdict.UNKNOWN
    deadline = Evidence(
        "self.timeout.deadline", Quantity(7200, Unit.SECONDS), View.DECLARED, Provenance.EXPLICIT, (MANIFEST,)
    )
    longest = Evidence(
        'self.duration.max("30d")', None if unread else Quantity(6600, Unit.SECONDS), View.OBSERVED,
        Provenance.EXPLICIT, (QUERY,), "no sample in the last 30d" if unread else "",
    )  # fmt: skip
    told = Finding(
        "job-deadline-headroom", about or subject(), verdict, Severity.HIGH,
        "Batch jobs finish well inside their deadline",
        message="" if unread else "1h50m of 2h used; the deadline is reached in 9d",
        observed="" if unread else "1h50m",
        expected="" if unread else "at most 1h24m = 0.7 × 2h",
        evidence=(deadline, longest),
        recommendations=(Recommendation("timeout.deadline", Quantity(9900, Unit.SECONDS), "1.5 × p99 of 30d"),),
        reasons=("self.duration is not readable: no sample in the last 30d",) if unread else (),
        rule_digest="d1",
    )  # fmt: skip
    return replace(told, **changes)


def chart() -> Chart:
    """Ninety days that grow into a limit."""
    start = NIGHT.timestamp() - 90 * 86400
    times = tuple(start + day * 86400.0 for day in range(90))
    return Chart("duration", Unit.SECONDS, times, tuple(3600.0 + 33.0 * day for day in range(90)), limit=7200.0)


def life(about: Finding, standing: Standing = Standing.NEW, **changes: Any) -> FindingLife:
    """The life of a finding that stands so."""
    first = NIGHT if standing is Standing.NEW else NIGHT - 20 * DAY
    moved = {"changed": NIGHT, "previous": "1h40m"} if standing in {Standing.WORSE, Standing.CHANGED} else {}
    told = FindingLife(
        about, _LIVES.get(standing, Life.ONGOING), first, NIGHT,
        resolved=NIGHT if standing is Standing.FIXED else None,
        times_opened=0 if standing is Standing.UNREAD else 1,
    )  # fmt: skip
    return replace(told, **{**moved, **changes})


def entry(
    standing: Standing = Standing.NEW,
    name: str = "shop/billing",
    *,
    environment: str = "production",
    labels: Mapping[str, str] | None = None,
    of_finding: Mapping[str, Any] | None = None,
    of_life: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Entry:
    """One finding as a channel is told of it. ``changes`` are the entry's own fields, ``of_finding`` and ``of_life``
    those of what it is about; what a standing needs (a waiver, a snooze) is there unless it is named.
    """
    about = finding(
        subject(name, environment, labels), _VERDICTS.get(standing, Verdict.DRIFT), **dict(of_finding or {})
    )
    told = Entry(life(about, standing, **dict(of_life or {})), standing, "data-platform", rule(about.rule))
    if standing is Standing.WAIVED:
        told = replace(told, waiver=waiver(about))
    if standing is Standing.SNOOZED:
        told = replace(told, snooze=snooze(about))
    return replace(told, **changes)


def waiver(about: Finding, days: int = 10, **changes: Any) -> Waiver:
    """Somebody answers for it for so many more days."""
    told = Waiver(
        about.fingerprint, about.rule, about.subject.id, "Ada <ada@example.org>", "being rebuilt until June",
        NIGHT - 20 * DAY, NOW + days * DAY,
    )  # fmt: skip
    return replace(told, **changes)


def snooze(about: Finding, **changes: Any) -> Snooze:
    """Put aside until tomorrow."""
    return replace(Snooze(about.fingerprint, NOW + DAY, "Ann <ann@example.org>", NOW - DAY / 24), **changes)


def offer(**changes: Any) -> Offer:
    """A remedy that one person may approve."""
    told = Offer(
        REMEDY, PLAN, "raise-deadline", Level.APPROVE, "timeout.deadline of job:production/shop/billing: 2h → 2h45m",
        missing=1,
    )  # fmt: skip
    return replace(told, **changes)


def approval(by: str = "Ann <ann@example.org>", digest: str = REMEDY) -> PlanApproval:
    """Somebody approved the offered remedy."""
    return PlanApproval(digest, by, NOW)


def silence(days: int = 10, state: SilenceState = SilenceState.ENDS_SOON) -> Silence:
    """A waiver that needs a decision."""
    return Silence(waiver(finding(), days), state, f"it ends in {days} days")


def notice(**changes: Any) -> OutboxNotice:
    """A fix that did not help."""
    told = OutboxNotice(
        finding().fingerprint, "escalated", "Raising the deadline of shop/billing did not help",
        "Run 4 raised timeout.deadline from 2h to 2h45m; the job still took 2h50m. It was put back.", NOW,
    )  # fmt: skip
    return replace(told, **changes)


def digest(*entries: Entry, **changes: Any) -> Digest:
    """What the channel ``sre`` is told in the morning; without entries a night without drift."""
    drift = sum(one.finding.verdict is Verdict.DRIFT for one in entries)
    unknown = sum(one.finding.verdict is Verdict.UNKNOWN for one in entries)
    waived = sum(one.finding.verdict is Verdict.WAIVED for one in entries)
    counts = Counts(drift, unknown, waived, 214 - drift - unknown - waived)
    code = ExitCode.DRIFT if drift else ExitCode.CLEAN
    told = Digest("sre", NOW, NIGHT, code, counts, entries, next_night=NIGHT + DAY)
    return replace(told, **changes)
