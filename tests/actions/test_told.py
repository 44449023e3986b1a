"""What people read of a change: the commit's message, the request, the issue and the notice, as golden files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.actions.action import Occasion
from driftbot.actions.change_message import WIDTH, change_message
from driftbot.actions.request_body import notice_body, notice_text, request_body
from driftbot.core.remedy import ValueChange
from driftbot.core.subject import Subject
from tests.actions.estate import occasion

CASES = Path(__file__).parents[2] / "fixtures" / "actions" / "told"
DIFF = (
    "--- a/jobs.yaml\n+++ b/jobs.yaml\n@@ -1 +1 @@\n-  activeDeadlineSeconds: 7200\n+  activeDeadlineSeconds: 10800\n"
)


def occasion_of(finding: dict[str, Any], case: dict[str, Any]) -> Occasion:
    seen = occasion(Subject("job", "production", finding.get("name", "shop/invoice-run")), (), {})
    told = {name: finding[name] for name in ("message", "observed", "expected") if name in finding}
    evidence = tuple(finding.get("evidence", seen.covered.evidence))
    lesson = replace(
        seen.rule.lesson,
        incident=case.get("incident", seen.rule.lesson.incident),
        url=case.get("url", seen.rule.lesson.url),
    )
    return replace(
        seen,
        covered=replace(seen.covered, **told, evidence=evidence),
        rule=replace(seen.rule, lesson=lesson),
        risk=case.get("risk", ""),
    )


def material(case: dict[str, Any]) -> tuple[list[Occasion], list[ValueChange]]:
    findings, changes = case["findings"], case["changes"]
    if isinstance(findings, int):
        findings = [{"name": f"shop/job-{number}"} for number in range(findings)]
    if isinstance(changes, int):
        changes = [{"key": "timeout.deadline", "before": "2h", "after": f"{number}h"} for number in range(changes)]
    occasions = [occasion_of(finding, case) for finding in findings]
    return occasions, [ValueChange(occasions[0].covered.subject, **change) for change in changes]


def told(case: dict[str, Any]) -> str:
    occasions, changes = material(case)
    note = case.get("note", "")
    parts = {
        "commit": change_message(occasions, changes),
        "request": request_body(occasions, changes, DIFF),
        "issue": notice_body(occasions, note),
        "notice": notice_text(occasions, note),
    }
    return "\n".join(f"======== {name}\n{text.rstrip()}\n" for name, text in parts.items())


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_texts_read_as_their_golden_file(path: Path) -> None:
    found = told(yaml.safe_load(path.read_text("utf-8")))
    golden = path.with_suffix(".txt")
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text("utf-8")


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_message_has_one_short_subject_and_no_controls(path: Path) -> None:
    message = change_message(*material(yaml.safe_load(path.read_text("utf-8"))))
    subject, empty, *_ = message.splitlines()
    assert 0 < len(subject) <= WIDTH
    assert not empty
    assert not [
        character
        for character in message
        if character != "\n" and not character.isprintable() and character != "\u200d"
    ]
    assert "\nDriftbot-Key:" not in message
