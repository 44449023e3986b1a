"""Reports to render: an ordinary night, an old estate's first, a blind one, and one that is hostile throughout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from driftbot.core.coverage import AcceptedGap, Coverage, Gap
from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import Blindness, Cause, ExitCode
from driftbot.core.fact import Origin, Provenance, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.silence import Silence, SilenceState
from driftbot.core.snapshot import Unjoined
from driftbot.core.subject import Subject, labels_of
from driftbot.core.triage import Triage
from driftbot.core.upkeep import Neglect, Upkeep
from driftbot.report.report import Report

NOW = datetime(2026, 5, 4, 2, tzinfo=UTC)
BEFORE = NOW - timedelta(days=20)
BILLING = Subject("job", "production", "shop/billing", labels_of({"owner": "data-platform", "tier": "1"}))
MANIFEST = Origin("manifests", "jobs/billing.yaml", 14, 30, 300, 302)
QUERY = Origin("prometheus", "http://prometheus:9090", query="max by (namespace, job_name) (kube_job_duration_seconds)")

HOSTILE = (
    "\x1b[31mred\x1b[0m [bold]markup[/bold] <script>alert(1)</script> @everyone | `tick` **b**\r\nnew\tline "
    "\u202eright to left\u202c \u2066iso\u2069 \x00\x07\x9b \ud800 \ufffe 🧨 العربية "
    "![x](http://evil.example) ]]> &amp;"
)


def rule() -> Rule:
    text = Expression("true", Origin("rules", "rules/jobs/job-deadline-headroom.yaml", 9))
    lesson = Lesson(
        "https://example.org/reviews/billing-2025-03",
        "Nightly billing grew for months and was killed at its two-hour deadline.",
        "billing-2025-03",
        date(2025, 3, 11),
    )
    return Rule(
        "job-deadline-headroom", "Batch jobs finish well inside their deadline", lesson,
        "A job that is killed at its deadline has usually grown for months in plain sight.",
        Severity.HIGH, "data-platform", "job", text, text, Origin("rules", "rules/jobs/job-deadline-headroom.yaml", 1),
        "d1", date(2026, 3, 11), playbook="raise-deadline",
    )  # fmt: skip


def finding(
    verdict: Verdict = Verdict.DRIFT, subject: Subject = BILLING, severity: Severity = Severity.HIGH
) -> Finding:
    read = Evidence(
        "self.timeout.deadline", Quantity(7200, Unit.SECONDS), View.DECLARED, Provenance.DEFAULT, (MANIFEST,)
    )
    measured = Evidence(
        'self.duration.max("30d")', Quantity(6600, Unit.SECONDS), View.OBSERVED, Provenance.EXPLICIT, (QUERY,)
    )
    unread = Evidence("self.duration", None, None, None, (QUERY,), "no sample in the last 30d")
    return Finding(
        "job-deadline-headroom", subject, verdict, severity, "Batch jobs finish well inside their deadline",
        message="1h50m of 2h used; the deadline is reached in 9d",
        observed="1h50m" if verdict is not Verdict.UNKNOWN else "",
        expected="at most 1h24m = 0.7 × 2h" if verdict is not Verdict.UNKNOWN else "",
        evidence=(read, unread if verdict is Verdict.UNKNOWN else measured),
        recommendations=(Recommendation("timeout.deadline", Quantity(9900, Unit.SECONDS), "1.5 × p99 of 30d"),),
        reasons={Verdict.UNKNOWN: ("self.duration is not readable: no sample in the last 30d",),
                 Verdict.WAIVED: ("waived by ada until 2026-06-01: being rebuilt",)}.get(verdict, ()),
        rule_digest="d1",
    )  # fmt: skip


def named(name: str) -> Subject:
    return Subject("job", "production", f"shop/{name}")


def life(
    state: Life = Life.NEW, verdict: Verdict = Verdict.DRIFT, name: str = "billing", severity: Severity = Severity.HIGH
) -> FindingLife:
    subject = BILLING if name == "billing" else named(name)
    return FindingLife(finding(verdict, subject, severity), state, NOW if state is Life.NEW else BEFORE, NOW)


def report_of(triage: Triage, exit_code: ExitCode, ok: int = 40, **parts: object) -> Report:
    verdicts = Counter(life.finding.verdict for life in triage.lives if life.resolved is None)
    drift, unknown, waived = (verdicts[v] for v in (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.WAIVED))
    selected = ok + drift + unknown + waived
    tally = Tally("job-deadline-headroom", selected + 2, selected, ok, drift, unknown, waived)
    return Report("0.1.0", triage, Evaluation((), (tally,)), exit_code, rules=(rule(),), **parts)  # type: ignore[arg-type]


@pytest.fixture
def ordinary() -> Report:
    changed = replace(life(Life.ONGOING, name="export"), changed=NOW - timedelta(days=2), previous="1h35m")
    resolved = replace(life(Life.RESOLVED, Verdict.OK, "index"), resolved=NOW, changed=NOW, previous="1h40m")
    gone = replace(life(Life.RESOLVED, name="old"), resolved=NOW)
    triage = Triage(
        NOW,
        news=(life(severity=Severity.CRITICAL), replace(life(Life.REOPENED, name="mail"), times_opened=2)),
        standing=(changed,),
        unread=(life(Life.UNREAD, Verdict.UNKNOWN, "sync"), life(Life.ONGOING, Verdict.UNKNOWN, "rank")),
        waived=(life(Life.ONGOING, Verdict.WAIVED, "legacy"),),
        resolved=(resolved, replace(gone, finding=replace(gone.finding, reasons=("the subject is gone",)))),
    )
    waiver = Waiver("f" * 12, "job-deadline-headroom", named("legacy").id, "ada", "being rebuilt", BEFORE, NOW)
    gap = AcceptedGap("manifests:charts/a.yaml", "ada", "a template", NOW + timedelta(days=5))
    return report_of(
        triage,
        ExitCode.DRIFT,
        silences=(
            Silence(waiver, SilenceState.OVERDUE, "it ended and its finding stands"),
            Silence(gap, SilenceState.ENDS_SOON, "it ends in 5 days"),
        ),
        upkeep=(Upkeep("job-deadline-headroom", Neglect.STALE, "its review was due on 2026-03-11; ask data-platform"),),
        coverage=(Coverage("manifests", "production", "job"),),
        unjoined=(Unjoined(named("billing-28394"), "no job of that name; a run of shop/billing?"),),
        unneeded=tuple(
            Gap(Origin("clients", "config", query=f"retries.max=$.retires{number}"), "a dead query: leads to nothing")
            for number in range(7)
        ),
        notes=("prometheus: 12 queries in 3.2 s",),
    )


@pytest.fixture
def first_night() -> Report:
    severities: Sequence[Severity] = list(Severity)
    lives = [life(name=f"job-{number:03}", severity=severities[number * 4 // 214]) for number in range(214)]
    return report_of(Triage(NOW, first_night=True, news=tuple(lives)), ExitCode.DRIFT)


@pytest.fixture
def clean() -> Report:
    return report_of(Triage(NOW), ExitCode.CLEAN)


@pytest.fixture
def blind() -> Report:
    gap = Gap(Origin("manifests", "charts/cart.yaml", 3, 1), "a template: {{ .Values.name }} is not YAML")
    coverage = Coverage("manifests", "production", "job", gaps=(gap,))
    failed = Blindness(Cause.SOURCE_FAILED, "prometheus", "http://prometheus:9090 refused the connection")
    return report_of(
        Triage(NOW),
        ExitCode.BLIND,
        blindness=(
            Blindness(Cause.GAP, str(gap.origin), gap.reason, gap.fingerprint),
            Blindness(Cause.GAP, "charts/cart.yaml:9:1", "a template: {{ end }} is not YAML", gap.fingerprint),
            Blindness(
                Cause.GAP, "http://prometheus:9090/api/v1/query sum(x)", "not asked", "prometheus:http://p?sum(x)"
            ),
            failed,
        ),
        coverage=(coverage,),
    )


@pytest.fixture
def hostile() -> Report:
    """Every text that comes from the estate is hostile."""
    subject = Subject("job", HOSTILE, HOSTILE + "x" * 5000, labels_of({HOSTILE: HOSTILE}))
    origin = Origin(HOSTILE, HOSTILE, 3, query=HOSTILE)
    evil = replace(
        finding(subject=subject), message=HOSTILE, observed=HOSTILE, expected=HOSTILE, reasons=(HOSTILE,),
        title=HOSTILE, evidence=(Evidence(HOSTILE, HOSTILE, View.DECLARED, None, (origin,), HOSTILE),),
    )  # fmt: skip
    alive = FindingLife(evil, Life.ONGOING, BEFORE, NOW, NOW, HOSTILE)
    other = replace(evil, subject=replace(subject, name=HOSTILE), verdict=Verdict.UNKNOWN)
    waiver = Waiver("f" * 12, HOSTILE, subject.id, HOSTILE, HOSTILE, BEFORE, NOW)
    return report_of(
        Triage(NOW, news=(alive,), unread=(replace(alive, finding=other),)),
        ExitCode.BLIND,
        blindness=(Blindness(Cause.GAP, HOSTILE, HOSTILE, HOSTILE),),
        silences=(Silence(waiver, SilenceState.OVERDUE, "it ended"),),
        upkeep=(Upkeep(HOSTILE, Neglect.STOPPED, HOSTILE),),
        unjoined=(Unjoined(subject, HOSTILE),),
        notes=(HOSTILE,),
    )
