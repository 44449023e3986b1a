"""A folder of jobs whose deadlines drift, the playbook that raises them, and planning over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from driftbot.actions.action import Action, Tools
from driftbot.actions.options import ActionOptions
from driftbot.collectors.collector import Context
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.ladder import Level
from driftbot.core.plan import Plan
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.subject import SubjectId
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.guards.options import ChangeLimits, GuardOptions, Limit, Rung
from driftbot.inventory import vocabulary
from driftbot.playbooks.document import PlaybookDocument
from driftbot.plugins import actions, collectors
from driftbot.remedies.look import LiveLook
from driftbot.remedies.planning import PlanningWorld, plan
from driftbot.tape.live import LiveTape

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 18, 3, tzinfo=UTC)
SOURCE = "manifests"
JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: {name}, namespace: shop}}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      activeDeadlineSeconds: 7200  # two hours
      template: {{spec: {{containers: [{{name: main, image: "shop/{name}:1"}}]}}}}
"""
UNLIMITED = ChangeLimits(
    run=Limit(most=1_000_000),
    rule=Limit(most=1_000_000),
    owner=Limit(most=1_000_000),
    environment=Limit(most=1_000_000),
)
_NOTHING = Expression("true", Origin("rules", "rules/batch/deadline.yaml", 1))
RULE = Rule(
    "deadline",
    "A job ends in time",
    Lesson("https://example.org/reviews/1", "It was killed.", "billing-2025"),
    "It grew for months.",
    Severity.HIGH,
    "data-platform",
    "job",
    _NOTHING,
    _NOTHING,
    _NOTHING.origin,
    "digest",
    playbook="raise",
)
RAISE: Mapping[str, Any] = {
    "id": "raise",
    "summary": "Raise it.",
    "risk": "A job that hangs is killed later.",
    "parameters": {"deadline": {"unit": "seconds", "meaning": "New.", "recommended": "timeout.deadline"}},
    "steps": [{"action": "edit_file", "settings": {"set": "timeout.deadline", "to": "{deadline}"}}],
    "limits": {"most": 1000, "share": 1},
    "cases": [{"name": "none", "subject": "x", "refused": "x"}],
}


@dataclass
class Scene:
    """Files below a folder; what drifts is said by ``drift``, and everything else can be replaced."""

    root: Path
    level: Level = Level.PROPOSE
    lives: list[FindingLife] = field(default_factory=list)
    rules: dict[str, Rule] = field(default_factory=lambda: {RULE.id: RULE})
    playbooks: list[Mapping[str, Any]] = field(default_factory=lambda: [RAISE])
    actions: dict[str, Action] = field(default_factory=lambda: dict(actions()))
    broken: dict[str, str] = field(default_factory=dict)
    waived: frozenset[str] = frozenset()
    rungs: tuple[Rung, ...] | None = None

    def jobs(self, *names: str) -> Scene:
        """A file with a job of each name."""
        for name in names:
            (self.root / f"{name}.yaml").write_text(JOB.format(name=name))
        return self

    @property
    def facts(self) -> Mapping[SubjectId, tuple[Fact, ...]]:
        collector = collectors()["kubernetes_manifests"]
        read = collector.read(
            collector.options.model_validate({"path": "."}), Context(SOURCE, "production", NOW, LiveTape(self.root))
        )
        found: dict[SubjectId, tuple[Fact, ...]] = {}
        for fact in read.facts:
            found[fact.subject.id] = (*found.get(fact.subject.id, ()), fact)
        return found

    def drift(
        self,
        name: str,
        seconds: float | None = 10_800,
        verdict: Verdict = Verdict.DRIFT,
        rule: str = RULE.id,
        resolved: datetime | None = None,
        severity: Severity = Severity.HIGH,
    ) -> FindingLife:
        """A finding about a job: its deadline is to become so long."""
        known = self.facts
        about = next(one for one in known if (one.kind, one.name) == ("job", f"shop/{name}"))
        subject = known[about][0].subject
        value = None if seconds is None else Quantity(seconds, Unit.SECONDS)
        origin = Origin(SOURCE, f"{name}.yaml", 8, 30)
        found = Finding(
            rule,
            subject,
            verdict,
            severity,
            RULE.title,
            message=f"{name} used 1h50m of 2h",
            observed="1h50m",
            evidence=(
                Evidence("self.timeout.deadline", Quantity(7200, Unit.SECONDS), View.DECLARED, Provenance.EXPLICIT,
                         (origin,)),
            ),
            recommendations=(Recommendation("timeout.deadline", value, "" if value else "nothing was measured"),),
        )  # fmt: skip
        life = FindingLife(found, Life.NEW, NIGHT, NIGHT, resolved=resolved)
        self.lives.append(life)
        return life

    def circumstances(self) -> Circumstances:
        rungs = (Rung(level=self.level),) if self.rungs is None else self.rungs
        documents = [PlaybookDocument.model_validate(one) for one in self.playbooks]
        return Circumstances(
            now=NOW,
            options=GuardOptions(ladder=rungs, limits=UNLIMITED),
            verdicts={one.finding.fingerprint: one.finding.verdict for one in self.lives if one.resolved is None},
            playbooks={one.id: one for one in documents},
            vocabulary=vocabulary(()),
            population=Population(),
            tonight=FactCounts(NIGHT, {}),
        )

    def world(self) -> PlanningWorld:
        return PlanningWorld(
            NIGHT,
            tuple(self.lives),
            self.facts,
            self.rules,
            self.actions,
            self.circumstances(),
            self.waived,
            self.broken,
        )

    def tools(self) -> Tools:
        return Tools(self.root, ActionOptions(), lambda: NOW)

    def plan(self) -> Plan:
        return plan(self.world(), LiveLook(self.tools()))


def playbook(**changes: Any) -> Mapping[str, Any]:
    """The playbook with some fields changed."""
    return {**RAISE, **changes}


def rule(identity: str = RULE.id, named: str | None = "raise") -> Rule:
    """The rule under another name or with another playbook."""
    return replace(RULE, id=identity, playbook=named)


def names(plan: Plan) -> Sequence[str]:
    """What the remedies of a plan are for, in their order."""
    return [covered.subject.name.removeprefix("shop/") for remedy in plan.remedies for covered in remedy.covers]
