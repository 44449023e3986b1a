"""What ``driftbot explain`` says, in a window of Slack's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from driftbot.core.chart import Chart
from driftbot.core.quantity import Unit
from driftbot.edits.edit import Edit
from driftbot.notifiers.slack.controls import Form
from driftbot.notifiers.slack.explanation_view import explanation_view
from driftbot.notifiers.slack.limits import VIEW_BLOCKS
from driftbot.report.explanation import Background, ProposedEdit, explanation
from driftbot.report.outline import Item, Outline, Section, Tone
from tests.notices.digest_scene import NIGHT, chart, finding, life, rule, waiver
from tests.notifiers.slack.hostile import HOSTILE, full_entry
from tests.notifiers.slack.payload_checks import faults, texts


def words(view: dict[str, Any]) -> str:
    return "\n".join(text for text, kind in texts(view["blocks"]) if kind == "mrkdwn")


def test_it_says_what_explain_says() -> None:
    about = finding(charts=(chart(),))
    outline = explanation(life(about), Background(rule(), waiver(about)))
    view = explanation_view(outline, about.fingerprint).to_dict()
    assert faults(view) == []
    assert (view["callback_id"], view["private_metadata"]) == (Form.EXPLANATION, about.fingerprint)
    said = words(view)
    for section in outline.sections:
        assert f"*{section.title}*" in said
    for part in (
        "• *observed* 1h50m",
        "`self.duration.max('30d') &lt;= 0.7 * self.timeout.deadline`",
        "jobs/billing.yaml:14",
        "duration from 2026-02-03 to 2026-05-03, UTC.",
        "• *waived* by Ada &lt;ada@example.org&gt; until 2026-05-14",
    ):
        assert part in said


def test_an_edit_stands_as_it_is_written() -> None:
    diff = "-  deadline: 2h # `old` *x*\n+  deadline: 2h45m\n"
    edit = ProposedEdit("timeout.deadline", Edit("jobs/billing.yaml", 300, 302, b"2h", b"2h45m", 14, diff), "passes")
    outline = explanation(life(finding()), Background(rule(), edits=(edit,)))
    said = words(explanation_view(outline, "f").to_dict())
    assert "```\n-  deadline: 2h # ˋoldˋ *x*\n+  deadline: 2h45m\n```" in said
    assert "• *promtool* passes" in said


@pytest.mark.parametrize("sections", [1, 9, 500])
def test_a_long_one_is_cut_and_says_where_the_rest_is(sections: int) -> None:
    items = tuple(Item("mark", "word " * 150) for _ in range(20))
    outline = Outline("t", "s", tuple(Section(f"{n}", Tone.QUIET, items) for n in range(sections)), "", Tone.ALARM)
    view = explanation_view(outline, "3f9c2a71b0de").to_dict()
    assert faults(view) == []
    assert words(view).endswith("… and more: `driftbot explain 3f9c2a71b0de`") is (sections > 1)


def test_many_small_sections_are_as_many_as_a_window_holds() -> None:
    outline = Outline("t", "s", (Section("a", Tone.QUIET, (Item("", "b"),)),) * 300, "", Tone.ALARM)
    view = explanation_view(outline, "3f9c2a71b0de").to_dict()
    assert len(view["blocks"]) == VIEW_BLOCKS
    assert words(view).endswith("`driftbot explain 3f9c2a71b0de`")


@pytest.mark.parametrize("word", HOSTILE, ids=map(str, range(len(HOSTILE))))
def test_hostile_text_stays_text(word: str) -> None:
    entry = full_entry(word)
    outline = explanation(entry.life, Background(entry.rule, entry.waiver))
    assert faults(explanation_view(outline, entry.fingerprint).to_dict()) == []


def test_a_chart_without_values_is_told_too() -> None:
    empty = Chart("duration", Unit.SECONDS, (), ())
    outline = explanation(life(finding(charts=(empty,)), first_seen=NIGHT - timedelta(days=1)), Background())
    assert "duration: no sample that could be drawn." in words(explanation_view(outline, "f").to_dict())
