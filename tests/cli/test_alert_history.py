"""A ratchet from real commits to the screen: found by a scan, explained and told with every step."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

from tests.git_repository import FIRST, GitRepository, rule_file

CONFIG = """
store: driftbot.db
rules: {shipped: [alert-not-ratcheted]}
sources:
  - {name: alerts, kind: alert_files, environment: production, path: rules}
"""


def run(root, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "driftbot", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)


def slow(threshold: int) -> dict[str, str]:
    return {"rules/a.yaml": rule_file(f"{{alert: Slow, expr: latency > {threshold}, for: 5m}}")}


def test_twenty_steps_are_found_explained_and_told(tmp_path) -> None:
    repository = GitRepository(tmp_path / "estate")
    repository.commit("Born", {"driftbot.yaml": CONFIG, **slow(1)})
    commits = [
        repository.commit(f"Step {number} <b>of</b> \x1b[31mmany", slow(number), author=f"Person {number}")
        for number in range(2, 22)
    ]
    as_of = (FIRST + timedelta(days=40)).isoformat()
    scan = run(repository.root, "scan", "--as-of", as_of, "--format", "json")
    assert scan.returncode == 2, scan.stderr
    (judged,) = [one for one in json.loads(scan.stdout)["findings"] if one["rule"] == "alert-not-ratcheted"]
    assert "20 steps loosened it" in judged["message"]
    explained = run(repository.root, "explain", "alert-not-ratcheted", "Slow")
    told = run(repository.root, "history", "Slow")
    for answer in (explained, told):
        assert answer.returncode == 0, answer.stderr
        lines = answer.stdout.splitlines()
        for number, commit in enumerate(commits, start=2):
            step = f"threshold of latency: {number - 1} → {number} ({commit[:10]} Person {number}: Step {number}"
            assert any(step in line for line in lines), (number, answer.stdout)
        assert "\x1b" not in answer.stdout
    assert "rules/a.yaml:4" in explained.stdout
    assert "20 changes in git" in told.stdout
    approved = run(
        repository.root, "approve", "--subject", "alert:*", "--key", "expression", "--reason", "as it is", "--yes"
    )
    assert approved.returncode == 0, approved.stderr
    assert run(repository.root, "scan").returncode == 0


def test_a_change_that_is_taken_back_ends_it(tmp_path) -> None:
    repository = GitRepository(tmp_path / "estate")
    repository.commit("Born", {"driftbot.yaml": CONFIG, **slow(1)})
    repository.commit("Two", slow(2))
    repository.commit("Three", slow(3))
    assert run(repository.root, "scan").returncode == 2
    repository.commit("Back", slow(1))
    assert run(repository.root, "scan").returncode == 0


def test_where_git_knows_nothing_the_nights_do(tmp_path) -> None:
    root = tmp_path / "estate"
    (root / "rules").mkdir(parents=True)
    (root / "driftbot.yaml").write_text(CONFIG)
    codes = []
    for day, threshold in enumerate((1, 2, 3)):
        (root / "rules/a.yaml").write_text(slow(threshold)["rules/a.yaml"])
        scan = run(root, "scan", "--as-of", (FIRST + timedelta(days=day)).isoformat())
        codes.append(scan.returncode)
    assert codes == [0, 0, 2]
    told = run(root, "explain", "alert-not-ratcheted", "Slow").stdout
    assert "2026-03-02 10:00 threshold of latency: 1 → 2 (seen that night)" in told
    assert "2026-03-03 10:00 threshold of latency: 2 → 3 (seen that night)" in told
