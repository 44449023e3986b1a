"""A plan is told whole to whom it concerns, counted where it is long, and text from the estate stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftbot.core.exit_code import ExitCode
from driftbot.core.hold import Guard, Hold
from driftbot.core.ladder import Level
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step
from driftbot.core.rule import Severity
from driftbot.core.subject import SubjectId
from driftbot.report import plain, plan_json, plan_markdown
from driftbot.report.outline import Charset
from driftbot.report.plan_report import SHOWN, PlanReport, permission, plan_outline
from tests.report.conftest import HOSTILE

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DIFF = "--- a/cart.yaml\n+++ b/cart.yaml\n@@ -1,1 +1,1 @@\n-timeout: 1s\n+timeout: 2s\n"


def covered(number: int = 1, text: str = "it waits too long") -> Covered:
    subject = SubjectId("workload", "production", f"shop/cart-{number}")
    return Covered(
        f"{number:012x}", "timeout", subject, "shop", Severity.HIGH, text, "cart-2025", "https://example.org/1"
    )


def remedy(number: int = 1, text: str = "it waits too long", preview: str = DIFF) -> Remedy:
    step = Step("edit_file", "file:cart.yaml", "{}", f'{{"number":{number}}}', text, preview)
    return Remedy(
        "raise", Level.PROPOSE, (covered(number, text),), (step,), 1, timedelta(minutes=30), OnFailure.UNDO, "Slower."
    )


def report(*remedies: Remedy, held: tuple[Held, ...] = (), blind: tuple[str, ...] = ()) -> PlanReport:
    plan = Plan(NOW, NOW - timedelta(hours=1), remedies, held)
    code = ExitCode.BLIND if blind else ExitCode.DRIFT if remedies else ExitCode.CLEAN
    return PlanReport(plan, code, blind)


def told(report: PlanReport) -> str:
    return plain.render(plan_outline(report), Charset.UNICODE)


def test_the_table_counts_what_it_does_not_show_and_the_others_tell_all() -> None:
    many = report(*(remedy(number) for number in range(SHOWN + 3)))
    assert "… and 3 more; --format markdown or json tells all of them." in told(many)
    assert plan_markdown.render(many).count("```diff") == SHOWN + 3
    assert len(json.loads(plan_json.render(many))["remedies"]) == SHOWN + 3


def test_a_long_preview_is_cut_in_the_table_and_says_so() -> None:
    long = remedy(preview="\n".join(f"+line {number}" for number in range(100)))
    assert "… and 40 more lines" in told(report(long))
    assert "+line 99" in plan_markdown.render(report(long))


def test_every_reason_is_told_with_when_it_ends() -> None:
    holds = (Hold(Guard.FREEZE, "the sale", NOW + timedelta(days=1)), Hold(Guard.RUN_LIMIT, "too many"))
    text = told(report(held=(Held("raise", (covered(),), holds, remedy()),)))
    assert "held by freeze: the sale (until 2026-11-19 12:00 UTC)" in text
    assert "held by run limit: too many" in text
    assert "+timeout: 2s" in text


def test_what_is_held_back_is_not_offered_and_a_plan_that_does_nothing_has_no_digest() -> None:
    held = Held("raise", (covered(),), (Hold(Guard.RUN_LIMIT, "too many"),), remedy())
    empty = report(held=(held,))
    for text in (told(empty), plan_markdown.render(empty)):
        assert "driftbot apply" not in text
        assert empty.plan.digest[:8] not in text
        assert remedy().digest[:12] in text
    lowered = replace(held, remedy=replace(remedy(), lowered="auto falls back to propose: run 3"))
    assert "auto falls back to propose: run 3" in told(report(held=(lowered,)))


def test_what_could_not_be_read_comes_first() -> None:
    text = told(report(remedy(), blind=("playbooks/x.yaml:1:1: broken",)))
    assert text.index("Could not be read") < text.index("Would be done")
    assert "(exit 1)" in text


def test_a_remedy_for_many_names_the_first_of_them() -> None:
    joint = replace(remedy(), covers=tuple(covered(number) for number in range(8)))
    text = told(report(joint))
    assert "and 3 more" in text
    assert text.count("why: ") == 5


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (Level.OBSERVE, "observe: it is only shown"),
        (Level.PROPOSE, "`driftbot apply` does it, with 1 approval of"),
        (Level.APPROVE, "the next `driftbot run` does it after 1 approval of"),
        (Level.AUTO, "auto: the next `driftbot run` does it"),
    ],
)
def test_each_level_says_what_has_to_happen(level: Level, words: str) -> None:
    assert words in permission(replace(remedy(), level=level))


def test_a_lowered_level_says_why() -> None:
    assert "auto falls back to propose" in permission(replace(remedy(), lowered="auto falls back to propose: run 3"))


def test_text_from_the_estate_obeys_nobody() -> None:
    hostile = report(
        remedy(text=HOSTILE, preview=f"+{HOSTILE}\n+```\n+~~~"),
        held=(Held(HOSTILE, (covered(2, HOSTILE),), (Hold(Guard.REFUSED, HOSTILE),)),),
    )
    for text in (told(hostile), plan_markdown.render(hostile), plan_json.render(hostile)):
        assert not any(character in text for character in "\x1b\x00\x07\x9b\u202e\u2066\ud800\ufffe")
    markdown = plan_markdown.render(hostile)
    outside = re.sub(r"^(`{4,})diff\n.*?^\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    assert outside != markdown
    outside = re.sub(r"(`+)[^`].*?[^`]\1(?!`)", "", outside)
    assert "<script>" not in outside
    assert "@everyone" not in outside
    assert json.loads(plan_json.render(hostile))["digest"] == hostile.plan.digest


def test_a_plan_without_anything_says_so() -> None:
    assert "no finding stands whose rule names a playbook (exit 0)" in told(report())
