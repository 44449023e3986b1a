"""A small estate on disk, read as a scan reads it, and the findings that actions are proposed for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from driftbot.actions.action import Occasion, Tools
from driftbot.actions.options import ActionOptions
from driftbot.collectors.collector import Context
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Finding, Verdict
from driftbot.core.remedy import Covered, Step
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.subject import Subject
from driftbot.plugins import collectors
from driftbot.tape.live import LiveTape

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
NOWHERE = Expression("true", Origin("rules", "rules/area/job-deadline-headroom.yaml", 1, 1))
RULE = Rule(
    id="job-deadline-headroom",
    title="Batch jobs finish well inside their deadline",
    lesson=Lesson("https://example.org/reviews/billing", "Billing was killed at its deadline.", "billing-2025-03"),
    why="A job that is killed at its deadline has usually grown for months in plain sight.",
    severity=Severity.HIGH,
    owner="data-platform",
    for_each="job",
    expect=NOWHERE,
    message=NOWHERE,
    origin=NOWHERE.origin,
    digest="0" * 64,
    playbook="raise-job-deadline",
)


@dataclass(slots=True)
class Estate:
    """Files below a folder, and what the collectors say about them."""

    root: Path
    kind: str = "kubernetes_manifests"
    options: Mapping[str, Any] = field(default_factory=lambda: {"path": "deploy"})
    reach: ActionOptions = field(default_factory=ActionOptions)

    def write(self, files: Mapping[str, str | bytes]) -> Estate:
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    @property
    def facts(self) -> tuple[Fact, ...]:
        collector = collectors()[self.kind]
        options = collector.options.model_validate(dict(self.options))
        return collector.read(options, Context("estate", "production", NOW, LiveTape(self.root))).facts

    def subject(self, name: str) -> Subject:
        """The subject of this ``kind:environment/name``."""
        return next(fact.subject for fact in self.facts if str(fact.subject) == name)

    def tools(self, boundary: Callable[[str], None] = lambda _name: None) -> Tools:
        return Tools(self.root, self.reach, lambda: NOW, boundary)

    def occasion(self, subject: str, parameters: Mapping[str, str] | None = None) -> Occasion:
        return occasion(self.subject(subject), self.facts, parameters or {})


def occasion(
    subject: Subject, facts: tuple[Fact, ...], parameters: Mapping[str, str], before: tuple[Step, ...] = ()
) -> Occasion:
    """A finding of the rule about the subject, and all that is known of it."""
    finding = Finding(
        RULE.id, subject, Verdict.DRIFT, Severity.HIGH, RULE.title,
        "1h44m of 2h used", "longest = 1h44m", "at most 1h24m = 0.7 × 2h",
    )  # fmt: skip
    covered = Covered(
        finding.fingerprint, RULE.id, subject.id, RULE.owner, RULE.severity, finding.message, RULE.lesson.incident,
        RULE.lesson.url, finding.observed, finding.expected,
        ("longest = 1h44m (deploy/jobs.yaml:9)", "deadline = 2h"), ("estate",),
    )  # fmt: skip
    own = tuple(fact for fact in facts if fact.subject == subject)
    return Occasion(finding, RULE, covered, "raise-job-deadline", own, dict(parameters), NOW, before)


def proposed(action: Any, settings: Mapping[str, Any], occasion: Occasion, tools: Tools) -> Step:
    """The step that an action proposes, its settings as a playbook writes them with nothing left to fill in."""
    model = action.settings.model_validate(dict(settings))
    return action.propose(model, occasion, action.look(model, occasion, tools))
