"""``driftbot explain`` of a loosened alert: the edit that restores it as a diff, and what promtool says; or why not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

RULES = """\
groups:
  - name: cart
    rules:
      - alert: CartErrors
        # asked for by the shop
        expr: >-
          sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))
          > 0.05
        for: 10m
        labels: {severity: page}
"""
TEST = """\
rule_files: [rules/cart.yaml]
tests:
  - interval: 1m
    name: a tenth pages
    input_series:
      - {series: errors_total, values: 0+10x60}
      - {series: requests_total, values: 0+100x60}
    alert_rule_test:
      - {eval_time: 30m, alertname: CartErrors, exp_alerts: [{exp_labels: {severity: page}}]}
"""
CONFIG = """\
store: driftbot.db
rules: {shipped: [threshold-as-approved]}
sources:
  - {name: git, kind: alert_files, environment: production, path: rules}
"""

SLACK = """\
groups:
  - name: storage
    rules:
      - alert: DiskFull
        expr: disk_free_ratio < 0.1
        labels:
          severity: warning
          team: storage
          room: north
          rack: "7"
          kind: disk
          tier: "1"
          area: "2"
          wing: west
        for: 30m
"""


def committed(author: str, message: str) -> None:
    who = ["-c", f"user.name={author}", "-c", f"user.email={author}@example.org"]
    subprocess.run(["git", "add", "rules"], check=True)
    subprocess.run(["git", *who, "commit", "-qm", message], check=True)


@pytest.fixture
def twice_loosened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run) -> Path:
    """An estate in git whose approved alert waits longer and is less loud than Dan wrote it, since Eve."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    (tmp_path / "rules").mkdir()
    (tmp_path / "driftbot.yaml").write_text(CONFIG.replace("threshold-as-approved", "alert-not-loosened"))
    file = tmp_path / "rules" / "storage.yaml"
    file.write_text(SLACK.replace("30m", "5m").replace("warning", "critical"))
    committed("Dan", "Disks are watched")
    assert run("run").code == 0
    assert (
        run("approve", "--key", "hold", "--key", "severity", "--by", "ada", "--reason", "game day", "--yes").code == 0
    )
    file.write_text(SLACK)
    committed("Eve", "Less noise")
    assert run("run").code == 2
    return tmp_path


@pytest.fixture
def loosened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run) -> Path:
    """An estate whose approved threshold of 0.05 was raised to 0.12 in its file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "driftbot.yaml").write_text(CONFIG)
    (tmp_path / "rules" / "cart.yaml").write_text(RULES)
    assert run("run").code == 0
    assert run("approve", "--key", "threshold", "--by", "ada", "--reason", "load test", "--yes").code == 0
    (tmp_path / "rules" / "cart.yaml").write_text(RULES.replace("> 0.05", "> 0.12"))
    assert run("run").code == 2
    return tmp_path


def the_edit(run, *words: str) -> str:
    answer = run("explain", "CartErrors", *words)
    assert answer.code == 0, answer
    return answer.out.partition("\nThe edit\n")[2]


def test_the_edit_is_shown_as_a_diff_that_git_takes_and_nothing_is_written(loosened, run):
    before = (loosened / "rules" / "cart.yaml").read_bytes()
    told = the_edit(run)
    assert told.splitlines()[0] == "  rules/cart.yaml:8"
    assert "      -          > 0.12\n      +          > 0.05\n" in told
    assert (loosened / "rules" / "cart.yaml").read_bytes() == before
    diff = "".join(f"{line[6:]}\n" for line in told.splitlines() if line.startswith("      "))
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "apply", "-"], input=diff.encode(), check=True)
    assert (loosened / "rules" / "cart.yaml").read_text() == RULES


def test_promtool_is_asked_where_it_is_installed(loosened, run, monkeypatch):
    if shutil.which("promtool"):
        assert "  promtool  promtool accepts the file; no rule test here names it" in the_edit(run)
        (loosened / "cart_test.yaml").write_text(TEST)
        assert "  promtool  broken before the edit: the rule test cart_test.yaml (passes with the edit)" in the_edit(
            run
        )
    monkeypatch.setenv("PATH", str(loosened))
    assert "  promtool  promtool is not installed; it comes with Prometheus" in the_edit(run)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (RULES, "rules/cart.yaml:6: the file has been changed since the scan, and says 0.05 already"),
        ("# moved\n" + RULES.replace("0.05", "0.12"), "what was read stands elsewhere now; scan again"),
        (RULES.replace("0.05", "0.12") + "}\n", "rules/cart.yaml:11"),
        (None, "rules/cart.yaml cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_edited_is_named_with_the_reason(loosened, run, content, reason):
    file = loosened / "rules" / "cart.yaml"
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    told = the_edit(run)
    assert told.startswith("  threshold: no file is edited\n")
    assert reason in told


def test_a_link_that_leads_out_of_the_estate_is_not_followed(loosened, run, tmp_path_factory):
    file = loosened / "rules" / "cart.yaml"
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "cart.yaml"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert "rules/cart.yaml does not lie below the folder of driftbot.yaml" in the_edit(run)


def test_a_resolved_finding_has_no_edit(loosened, run):
    (loosened / "rules" / "cart.yaml").write_text(RULES)
    assert run("run").code == 0
    assert the_edit(run) == ""


def test_all_edits_of_a_file_are_one_diff_that_git_takes(twice_loosened, run):
    answer = run("explain", "alert-not-loosened")
    told = answer.out.partition("\nThe edit\n")[2]
    diff = "".join(f"{line[6:]}\n" for line in told.splitlines() if line.startswith("      "))
    assert (diff.count("--- a/"), diff.count("@@ -"), told.count("  promtool  ")) == (1, 2, 1), answer
    subprocess.run(["git", "apply", "-"], input=diff.encode(), check=True)
    assert (twice_loosened / "rules" / "storage.yaml").read_text() == SLACK.replace("30m", "5m").replace(
        "warning", "critical"
    )


@pytest.mark.usefixtures("twice_loosened")
def test_who_touched_the_lines_that_would_change_is_told(run):
    told = run("explain", "alert-not-loosened").out
    for line in (7, 15):
        assert f"rules/storage.yaml:{line} · last touched by Eve" in told
