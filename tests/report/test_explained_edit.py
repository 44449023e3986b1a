"""The edit in an explanation: its diff, promtool's word, or why there is none; hostile text shows and does nothing."""

from __future__ import annotations

from driftbot.core.finding import Verdict
from driftbot.core.history import Life
from driftbot.edits.diff import unified_diff
from driftbot.edits.edit import Edit
from driftbot.report.console import Terminal
from driftbot.report.explanation import Background, ProposedEdit, explanation
from driftbot.report.render import present
from tests.report import conftest as samples
from tests.report.test_explanation import same_as_golden

RULES = """\
groups:
  - name: billing
    rules:
      - alert: BillingSlow
        expr: duration_seconds > 9000
        for: 5m
"""
EDIT = Edit(
    "rules/billing.yaml", 77, 81, b"9000", b"7200", 5,
    unified_diff("rules/billing.yaml", RULES, RULES.replace("9000", "7200")),
)  # fmt: skip
EDITS = (
    ProposedEdit("threshold", EDIT, "promtool accepts the file; no rule test here names it"),
    ProposedEdit("severity", refused="rules/billing.yaml:1: severity stands on the rule's group"),
)


def test_the_edit_reads_as_its_golden_file():
    told = explanation(samples.life(Life.NEW, Verdict.DRIFT), Background(edits=EDITS))
    assert same_as_golden(present(told, None), "explain_edit.plain.txt")
    assert same_as_golden(present(told, Terminal(80, colors=False)), "explain_edit.table.txt")


def test_a_hostile_file_is_shown_harmlessly():
    diff = f"--- a/{samples.HOSTILE}\n+++ b/x\n-{samples.HOSTILE}\n+{samples.HOSTILE}\n"
    hostile = Edit(samples.HOSTILE, 0, 0, b"", b"", 1, diff)
    edits = (ProposedEdit(samples.HOSTILE, hostile, samples.HOSTILE), ProposedEdit("x", refused=samples.HOSTILE))
    for terminal in (None, Terminal(80, colors=False)):
        text = present(explanation(samples.life(Life.NEW, Verdict.DRIFT), Background(edits=edits)), terminal)
        assert not set(text) & set("\x1b\x00\x07\x9b\r\u202e\ud800")
