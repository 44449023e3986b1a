"""``driftbot plan`` on a real scan: what would be done is shown and kept, and nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.hold import Guard
from driftbot.remedies.plan_file import plan_from_text
from driftbot.store.access import Access
from driftbot.store.store import Store
from tests.cli.conftest import Answer, Run

ALERTS = """\
groups:
  - name: node
    rules:
      - alert: NodeMemoryHigh
        expr: node_memory_used_ratio > {threshold}  # agreed
        for: 5m
"""
CONFIG = """\
sources:
  - {name: alerts, kind: alert_files, environment: production, path: alerts}
rules: {shipped: [threshold-as-approved]}
"""
PROPOSE = """\
acting:
  ladder: [{rule: threshold-as-approved, level: propose}]
"""


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Path]:
    """An alert whose threshold was approved at 0.85 and stands at 0.9, scanned."""
    folder = tmp_path / "estate"
    (folder / "alerts").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DRIFTBOT_STOP", raising=False)
    (folder / "driftbot.yaml").write_text(CONFIG + PROPOSE)
    (folder / "alerts/node.yaml").write_text(ALERTS.format(threshold=0.85))
    assert run("scan").code == 0
    assert run("approve", "--key", "threshold", "--reason", "agreed", "--by", "ann", "--yes").code == 0
    (folder / "alerts/node.yaml").write_text(ALERTS.format(threshold=0.9))
    assert run("scan").code == 2
    yield folder


def test_the_plan_is_shown_kept_and_written_and_nothing_is_changed(estate: Path, run: Run) -> None:
    answer: Answer = run("plan", "--output", "plan.json")
    assert (answer.code, answer.err) == (2, "")
    for told in (
        "1 finding would be mended · 0 held back",
        "threshold-as-approved  condition:production/NodeMemoryHigh/1",
        "why: fires at > 0.9; approved is 0.85",
        "lesson: PM2025-001 https://",
        "step 1: edit_file file:alerts/node.yaml",
        "-        expr: node_memory_used_ratio > 0.9  # agreed",
        "+        expr: node_memory_used_ratio > 0.85  # agreed",
        "risk: The alert may fire at once",
        "restore-alert-threshold · propose: `driftbot apply` does it, with 1 approval of ",
    ):
        assert told in answer.out
    plan = plan_from_text(Path("plan.json").read_text(), "plan.json")
    assert f"driftbot apply {plan.digest[:12]}" in answer.out
    with Store.open(f"sqlite:///{estate}/driftbot.db", Access.READ) as store:
        kept = store.plan(plan.digest[:8])
    assert kept is not None
    assert kept.plan == plan
    assert "> 0.9 " in (estate / "alerts/node.yaml").read_text()


@pytest.mark.usefixtures("estate")
def test_planning_again_gives_the_same_digest(run: Run) -> None:
    first, again = (json.loads(run("plan", "--format", "json").out) for _ in range(2))
    assert first["digest"] == again["digest"]
    assert first["remedies"][0]["digest"] == again["remedies"][0]["digest"]


def test_what_is_only_observed_ends_with_nothing_to_do_and_is_shown(estate: Path, run: Run) -> None:
    (estate / "driftbot.yaml").write_text(CONFIG)
    answer = run("plan")
    assert answer.code == 0
    assert "held by level: it is only observed" in answer.out
    assert "+        expr: node_memory_used_ratio > 0.85  # agreed" in answer.out
    assert "all of it is held back (exit 0)" in answer.out


@pytest.mark.usefixtures("estate")
def test_a_waiver_given_after_the_scan_is_heeded(run: Run) -> None:
    finding = json.loads(run("scan", "--format", "json").out)["findings"][0]["fingerprint"]
    assert run("waive", finding, "--reason", "load test", "--owner", "ann").code == 0
    answer = run("plan")
    assert answer.code == 0
    assert "Nothing would be done: no finding stands whose rule names a playbook" in answer.out


@pytest.mark.parametrize("how", ["file", "environment"])
def test_the_kill_switch_holds_everything(estate: Path, run: Run, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "file":
        (estate / "driftbot.stop").touch()
    else:
        monkeypatch.setenv("DRIFTBOT_STOP", "1")
    plan = json.loads(run("plan", "--format", "json").out)
    assert plan["remedies"] == []
    assert Guard.KILL_SWITCH in {hold["guard"] for held in plan["held"] for hold in held["holds"]}


def test_a_file_that_moved_since_the_scan_is_refused_with_the_reason(estate: Path, run: Run) -> None:
    (estate / "alerts/node.yaml").write_text(ALERTS.format(threshold=0.95))
    answer = run("plan")
    assert answer.code == 0
    assert "held by refused: alerts/node.yaml" in answer.out


def test_a_broken_playbook_makes_the_plan_blind_and_says_where(estate: Path, run: Run) -> None:
    (estate / "mine").mkdir()
    (estate / "mine/bad.yaml").write_text("id: bad\nsumary: x\n")
    (estate / "driftbot.yaml").write_text(CONFIG + PROPOSE + "playbooks: {paths: [mine]}\n")
    answer = run("plan")
    assert answer.code == 1
    assert "mine/bad.yaml:2:1: sumary: there is no such setting (did you mean summary?)" in answer.out
    assert "Would be done: 1" in answer.out


@pytest.mark.usefixtures("estate")
def test_a_selection_plans_for_a_part_and_a_misspelt_rule_is_told(run: Run) -> None:
    assert run("plan", "--subject", "workload:*").code == 0
    assert run("plan", "--rule", "threshold-as-approved").code == 2
    answer = run("plan", "--rule", "treshold")
    assert answer.code == 1
    assert "no enabled rule is called treshold" in answer.err


def test_a_rule_whose_file_has_an_error_is_said_to_have_one(estate: Path, run: Run) -> None:
    (estate / "mine").mkdir()
    (estate / "mine/bad.yaml").write_text("id: bad\ntitel: x\n")
    text = CONFIG.replace("rules: {", "rules: {paths: [mine], ")
    (estate / "driftbot.yaml").write_text(text + PROPOSE)
    answer = run("plan", "--rule", "bad")
    assert answer.code == 1
    assert "a rule that is asked for cannot be read: mine/bad.yaml:1:1: " in answer.err
    assert "mine/bad.yaml:2:1: there is no field 'titel' here (did you mean title?)" in answer.err


@pytest.mark.usefixtures("estate")
def test_a_scan_says_that_there_is_a_playbook(run: Run) -> None:
    assert "1 of 1 finding has a playbook: driftbot plan" in run("scan").out


@pytest.mark.usefixtures("estate")
def test_markdown_tells_all_of_it(run: Run) -> None:
    answer = run("plan", "--format", "markdown")
    assert answer.code == 2
    assert "```diff\n--- a/alerts/node.yaml" in answer.out


@pytest.mark.usefixtures("estate")
def test_old_facts_are_said_to_be_old(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from driftbot.cli import scan_session

    then = scan_session.now()
    monkeypatch.setattr(scan_session, "now", lambda: then + timedelta(days=3))
    assert "from facts that are 3 days old: run `driftbot scan` first" in run("plan").out


@pytest.mark.usefixtures("estate")
def test_an_output_that_cannot_be_written_is_told(run: Run) -> None:
    answer = run("plan", "--output", "no/such/folder/plan.json")
    assert answer.code == 1
    assert "cannot be written" in answer.err
