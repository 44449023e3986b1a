"""``driftbot playbooks``: what may be done is listed, checked and tested, with codes that a pipeline can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "fixtures/playbooks/raise-deadline.yaml").read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raise-deadline.yaml").write_text(GOOD)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_shipped_playbooks_are_listed_with_the_rules_that_name_them(run: Run) -> None:
    answer = run("playbooks", "list")
    assert answer.code == 0
    assert "raise-job-deadline" in answer.out
    assert "job-deadline-headroom" in answer.out
    listed = json.loads(run("playbooks", "list", "--format", "json").out)
    assert [one["id"] for one in listed if "threshold-as-approved" in one["rules"]] == ["restore-alert-threshold"]


def test_a_playbook_that_the_configuration_names_for_a_rule_is_listed_with_it(folder: Path, run: Run) -> None:
    (folder / "driftbot.yaml").write_text(
        "sources: []\nplaybooks: {for_rules: {threshold-as-approved: raise-job-deadline}}\n"
    )
    listed = json.loads(run("playbooks", "list", "--format", "json").out)
    assert [one["id"] for one in listed if "threshold-as-approved" in one["rules"]] == ["raise-job-deadline"]


@pytest.mark.usefixtures("folder")
def test_cases_are_told_one_line_a_playbook(run: Run) -> None:
    answer = run("playbooks", "test", "raise-deadline.yaml")
    assert (answer.code, answer.out.splitlines()[0]) == (0, "ok   raise-deadline: 2 cases")
    assert "         +      activeDeadlineSeconds: 10800  # two hours" in run("playbooks", "test", "-v", ".").out


def test_a_case_that_fails_ends_with_one_and_says_what_is_otherwise(folder: Path, run: Run) -> None:
    (folder / "raise-deadline.yaml").write_text(GOOD.replace("+      activeDeadlineSeconds: 10800", "+      x: 1"))
    answer = run("playbooks", "test", ".")
    assert answer.code == 1
    assert "FAIL raise-deadline: 2 cases, 1 failed" in answer.out
    assert "“half as long again” changes other lines than it says" in answer.out


def test_lint_tells_every_problem_and_ends_with_one(folder: Path, run: Run) -> None:
    (folder / "raise-deadline.yaml").write_text(
        GOOD.replace("edit_file", "edit_fiel").replace("factor: 2", "factor: 1")
    )
    answer = run("playbooks", "lint", ".")
    assert answer.code == 1
    assert "raise-deadline.yaml:7:13: error: there is no action 'edit_fiel' (did you mean edit_file?" in answer.out
    assert "raise-deadline.yaml:9:27: error: limits.factor" in answer.out
    assert answer.out.splitlines()[-1] == "1 file, 0 playbooks read: 2 errors, 0 warnings"


def test_a_rule_that_names_no_playbook_there_is_is_told(folder: Path, run: Run) -> None:
    (folder / "driftbot.yaml").write_text(
        "playbooks: {shipped: false, paths: [.]}\nrules: {shipped: [image-is-pinned]}\n"
    )
    answer = run("playbooks", "lint")
    assert answer.code == 1
    assert "image-is-pinned: there is no playbook 'open-notice'" in answer.out
