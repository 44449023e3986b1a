"""Occasions and tools for actions on servers: a finding about an alert, the steps before, and what may be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from driftbot.actions.action import Action, Effect, Occasion, Tools
from driftbot.actions.options import ActionOptions
from driftbot.collectors import alert_files
from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.collector import Context, Options
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Finding, Verdict
from driftbot.core.remedy import Covered, Step, ValueChange
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.subject import Subject, SubjectId
from driftbot.tape import LiveTape

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = "5f" * 32
RULE = Rule(
    id="alert-threshold-approved",
    title="Thresholds stay as approved",
    lesson=Lesson("https://example.org/reviews/shop-2026-03", "Nobody was told for an hour.", "shop-2026-03"),
    why="A loosened threshold is found in the next incident.",
    severity=Severity.HIGH,
    owner="shop",
    for_each="alert",
    expect=Expression("true", Origin("rules")),
    message=Expression("it is", Origin("rules")),
    origin=Origin("rules", "alerts/alert-threshold-approved.yaml"),
    digest="d",
)
ALERT = Subject("alert", "production", "shop/HighErrors", (("alertname", "HighErrors"), ("group", "shop")))


def occasion(
    subject: Subject = ALERT, facts: Iterable[Fact] = (), before: Sequence[Step] = (), now: datetime = NOW
) -> Occasion:
    """A finding about the subject that something can be done about."""
    finding = Finding(RULE.id, subject, Verdict.DRIFT, Severity.HIGH, RULE.title, "5 is not the approved 3")
    covered = Covered(
        fingerprint=finding.fingerprint,
        rule=RULE.id,
        subject=subject.id,
        owner="shop",
        severity=Severity.HIGH,
        message=finding.message,
        incident="shop-2026-03",
        url=RULE.lesson.url,
    )
    return Occasion(finding, RULE, covered, "restore-alert-threshold", tuple(facts), {}, now, tuple(before))


def edit(*changes: ValueChange) -> Step:
    """A step that has changed files."""
    return Step("edit_file", "file:rules/shop.yml", "{}", "{}", "the review asks for it", changes=changes)


def change(subject: SubjectId, key: str, before: str, after: str, becomes: float | None = None) -> ValueChange:
    """A changed value."""
    return ValueChange(subject, key, before, after, None, becomes)


def declared(folder: Path) -> tuple[Fact, ...]:
    """What the rule files below a folder say, as a scan reads them."""
    options = alert_files.collector.options.model_validate({"path": "."})
    reading = alert_files.read(options, Context("rules", "production", NOW, LiveTape(folder)))
    return reading.facts


def tools(root: Path, reach: Mapping[str, Any] | None = None, now: datetime = NOW, **sources: Options) -> Tools:
    """Tools that reach what is said."""
    return Tools(root, ActionOptions.model_validate(reach or {}), lambda: now, sources=sources)


def prometheus(url: str, **more: Any) -> PrometheusOptions:
    """A source of kind ``prometheus``."""
    return PrometheusOptions.model_validate({"url": url, "retries": 0, "timeout": 10, **more})


def alertmanager(url: str, **more: Any) -> AlertmanagerOptions:
    """A source of kind ``alertmanager``."""
    return AlertmanagerOptions.model_validate({"url": url, "retries": 0, "timeout": 10, **more})


def proposed(action: Action, settings: Mapping[str, Any], about: Occasion, with_tools: Tools) -> Step:
    """The step that the action proposes for these settings."""
    read = action.settings.model_validate(settings)
    return action.propose(read, about, action.look(read, about, with_tools))


def performed(action: Action, step: Step, with_tools: Tools) -> Effect:
    """What performing the step gives."""
    return action.perform(step, KEY, with_tools)
