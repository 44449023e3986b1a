"""What promtool says of a changed rule file, by the real promtool and by ones that fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from driftbot.promtool import Answer, bench, rule_tests, trial, try_change

RULES = b"groups:\n- name: g\n  rules:\n  - alert: Over\n    expr: x > 5\n"
TEST = """\
rule_files: [{path}]
evaluation_interval: 1m
tests:
- interval: 1m
  name: six is over
  input_series: [{{series: x, values: 6 6 6}}]
  alert_rule_test:
  - {{eval_time: 1m, alertname: Over, exp_alerts: [{{}}]}}
"""
RESOURCE = b"""\
kind: PrometheusRule
spec:
  groups:
  - name: g
    limit: 5
    rules:
    - alert: Over
      expr: x > 5
      for: 5m
      labels: {page: yes, level: 1}
"""

pytestmark = pytest.mark.server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    (tmp_path / "rules").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "rules" / "x.yaml").write_bytes(RULES)
    return tmp_path


def tested(root: Path, path: str = "../rules/*.yaml", name: str = "x_test.yaml") -> None:
    (root / "tests" / name).write_text(TEST.format(path=path))


def over(number: str) -> bytes:
    return RULES.replace(b"> 5", f"> {number}".encode())


def listing(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("before", "after", "answer", "sentence"),
    [
        ("5", "5.5", Answer.PASSES, "before and after the edit it passes the rule test tests/x_test.yaml"),
        ("5", "7", Answer.BREAKS, "the edit breaks the rule test tests/x_test.yaml (six is over; alertname: Over"),
        ("7", "8", Answer.BROKEN_BEFORE, "broken before the edit: the rule test tests/x_test.yaml (still: six is over"),
        ("7", "5", Answer.BROKEN_BEFORE, "tests/x_test.yaml (passes with the edit)"),
        ("5", "> 7", Answer.BREAKS, 'promtool refuses the file with the edit: rules/x.yaml: 5:11: group "g"'),
        ("> 7", "5", Answer.BROKEN_BEFORE, "and accepts it with the edit"),
        ("> 7", "> 5", Answer.BROKEN_BEFORE, "and still does: rules/x.yaml"),
    ],
)
def test_the_answer_compares_before_with_after(root, before, after, answer, sentence):
    tested(root)
    left = listing(root)
    found = try_change(root, "rules/x.yaml", over(before), over(after))
    assert found.answer is answer
    assert sentence in found.sentence
    assert listing(root) == left, "nothing is written beside the repository's files"


def test_a_file_that_no_test_names_is_only_checked(root):
    tested(root, "../rules/y.yaml")
    (root / "tests" / "broken.yaml").write_text("rule_files: [\ntests: [")
    (root / "tests" / "absolute.yaml").write_text(TEST.format(path=root / "rules/x.yaml"))
    found = try_change(root, "rules/x.yaml", RULES, over("7"))
    assert (found.answer, found.sentence) == (Answer.NO_TESTS, "promtool accepts the file; no rule test here names it")


def test_a_link_to_the_file_is_the_file(root):
    (root / "tests" / "link.yaml").symlink_to(root / "rules" / "x.yaml")
    tested(root, "link.yaml")
    assert try_change(root, "rules/x.yaml", RULES, over("7")).answer is Answer.BREAKS
    assert try_change(root, "rules/x.yaml", RULES, over("5.5")).answer is Answer.PASSES


def test_many_tests_are_run_in_part_and_the_rest_is_counted(root, monkeypatch):
    monkeypatch.setattr(trial, "MOST_TESTS", 2)
    for number in range(5):
        tested(root, name=f"x{number}_test.yaml")
    found = try_change(root, "rules/x.yaml", RULES, over("5.5"))
    assert found.sentence.endswith("passes 2 rule tests: tests/x0_test.yaml, tests/x1_test.yaml; 3 more were not run")


def test_no_more_files_are_looked_at_than_are_allowed(root, monkeypatch):
    monkeypatch.setattr(rule_tests, "MOST_FILES", 1)
    tested(root)
    assert try_change(root, "rules/x.yaml", RULES, over("7")).answer is Answer.NO_TESTS


def test_a_resource_is_checked_by_its_groups(root):
    assert try_change(root, "x.yaml", RESOURCE, RESOURCE.replace(b"> 5", b"> 6")).answer is Answer.NO_TESTS
    broken = try_change(root, "x.yaml", RESOURCE, RESOURCE.replace(b"> 5", b"> > 6"))
    assert broken.answer is Answer.BREAKS
    assert "parse error" in broken.sentence
    other = try_change(root, "x.yaml", b"kind: Deployment\n", b"kind: Deployment\n")
    assert (other.answer, "no resource of kind Deployment" in other.sentence) == (Answer.NOT_ASKED, True)


@pytest.mark.parametrize("path", ["../x.yaml", "/etc/x.yaml", "rules/\0.yaml"])
def test_a_path_that_cannot_be_tried_is_not(root, path):
    assert try_change(root, path, RULES, RULES).answer is Answer.NOT_ASKED


def program(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_promtool_that_is_absent_silent_slow_or_broken_never_raises(root, monkeypatch):
    for executable, answer, sentence in (
        ("no-such-promtool", Answer.NOT_ASKED, "promtool is not installed; it comes with Prometheus"),
        (program(root, "silent", "exit 3"), Answer.BROKEN_BEFORE, "exit code 3, without a word"),
        (program(root, "loud", r"printf '\377\033[31m' >&2; exit 1"), Answer.BROKEN_BEFORE, "�"),
    ):
        found = try_change(root, "rules/x.yaml", RULES, RULES, executable)
        assert found.answer is answer
        assert sentence in found.sentence
    monkeypatch.setattr(bench, "TIMEOUT_SECONDS", 0.2)
    slow = try_change(root, "rules/x.yaml", RULES, RULES, program(root, "slow", "exec sleep 20"))
    assert (slow.answer, "took longer than 0.2 s" in slow.sentence) == (Answer.NOT_ASKED, True)
    broken = program(root, "broken", "")
    Path(broken).write_bytes(b"\x7fELF")
    assert try_change(root, "rules/x.yaml", RULES, RULES, broken).answer is Answer.NOT_ASKED
