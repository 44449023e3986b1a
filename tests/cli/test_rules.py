import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from driftbot.cli.rules import command
from driftbot.core.failure import Failure

RULE = """\
id: short-probes
title: A readiness probe notices soon
reference: {url: "https://example.org/probes", summary: Slow probes keep broken pods in rotation.}
why: Requests fail for as long as nobody notices.
numbers: {30s: ours}
severity: low
owner: web
review_by: 2040-01-01
for_each: container
expect: self.probe.readiness.detection_time <= duration("30s")
message: notices after {self.probe.readiness.detection_time}
cases:
  - {name: slow, facts: {probe.readiness.detection_time: 31s}, verdict: drift}
  - {name: just in time, facts: {probe.readiness.detection_time: 30s}, verdict: ok}
  - {name: not read, verdict: unknown}
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def write(text, name="short-probes"):
    path = Path(f"{name}.yaml")
    path.write_text(text)
    return path


def test_list_tells_the_shipped_rules_where_there_is_no_configuration():
    shown = run("list")
    assert shown.exit_code == 0
    assert "job-deadline-headroom" in shown.output
    assert shown.output.splitlines()[0].split() == [
        "rule",
        "severity",
        "for",
        "each",
        "lesson",
        "review",
        "by",
        "owner",
    ]


def test_list_as_json_is_for_scripts():
    (entry,) = json.loads(run("list", write(RULE), "--format", "json").output)
    assert entry["id"] == "short-probes"
    assert entry["url"] == "https://example.org/probes"
    assert entry["review_by"] == "2040-01-01"
    assert entry["incident"] is None
    assert entry["place"] == "short-probes.yaml:1"


def test_list_holds_to_the_configuration():
    Path("driftbot.yaml").write_text("rules: {paths: [own], shipped: [image-is-pinned]}\n")
    Path("own").mkdir()
    Path("own/short-probes.yaml").write_text(RULE)
    listed = [line.split()[0] for line in run("list").output.splitlines()[1:-1]]
    assert listed == ["image-is-pinned", "short-probes"]


def test_lint_is_content_with_a_good_rule():
    shown = run("lint", write(RULE))
    assert (shown.exit_code, shown.output) == (0, "1 file, 1 rule read: 0 errors, 0 warnings\n")


def test_lint_tells_every_problem_of_every_file_at_once():
    Path("rules").mkdir()
    Path("rules/one.yaml").write_text(
        RULE.replace("id: short-probes", "id: one").replace("detection_time <=", "detecton <=")
    )
    Path("rules/two.yaml").write_text(RULE.replace("id: short-probes", "id: two").replace("30s: ours", "31s: ours"))
    Path("rules/three.yaml").write_text("id: [\n")
    shown = run("lint", "rules")
    assert shown.exit_code == 1
    places = [line.split(": ")[0] for line in shown.output.splitlines()[:-1]]
    assert {Path(place.split(":")[0]).name for place in places} == {"one.yaml", "two.yaml", "three.yaml"}
    assert places == sorted(places, key=lambda place: (place.split(":")[0], *map(int, place.split(":")[1:])))
    assert "did you mean probe.readiness.detection_time" in shown.output


def test_lint_says_what_yaml_did_with_an_unquoted_exclamation_mark():
    shown = run("lint", write(RULE.replace("expect: self.probe", "expect: !self.probe")))
    assert shown.exit_code == 1
    lines = [line for line in shown.output.splitlines() if ":10:" in line]
    assert lines == [
        "short-probes.yaml:10:9: error: YAML reads this as a tag, not as an expression"
        " (quote it: '!self.probe.readiness.detection_time <= duration(\"30s\")')"
    ]


def test_a_stale_rule_is_a_warning_and_no_failure():
    shown = run("lint", write(RULE.replace("2040-01-01", "2020-01-01")))
    assert shown.exit_code == 0
    assert "warning: short-probes: its review was due on 2020-01-01" in shown.output


def test_test_passes_a_proven_rule():
    shown = run("test", write(RULE))
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("ok   short-probes: 3 cases; mutants: ")
    assert "0 failed" in shown.output and "0 survived" in shown.output


def test_test_reports_a_survivor_with_the_case_that_would_kill_it():
    weak = RULE.replace("31s}", "300s}").replace("30s}, verdict: ok", "5s}, verdict: ok")
    shown = run("test", write(weak))
    assert shown.exit_code == 1
    assert "survived  expect: <= made <" in shown.output
    assert "the rule says ok, the mutant drift; add this case:" in shown.output
    assert "facts: {probe.readiness.detection_time: 30s}" in shown.output


def test_test_tells_what_a_failed_case_got():
    shown = run("test", write(RULE.replace("31s}", "3s}")))
    assert shown.exit_code == 1
    assert "short-probes.yaml:13:" in shown.output
    assert "“slow” is to be drift, but is ok" in shown.output


def test_test_without_mutants_only_judges_the_cases():
    shown = run("test", write(RULE), "--no-mutants")
    assert (shown.exit_code, shown.output) == (0, "ok   short-probes: 3 cases\n1 rule, 3 cases, 0 failed\n")


def test_test_tells_the_fate_of_every_mutant_when_asked():
    shown = run("test", write(RULE), "-v")
    assert "killed    expect: <= turned to >" in shown.output
    assert "(by “slow”)" in shown.output


def test_a_rule_that_cannot_be_read_fails_the_test():
    shown = run("test", write(RULE.replace("for_each: container", "for_each: contaner")))
    assert shown.exit_code == 1
    assert "did you mean container" in shown.output


NEW = (
    "new", "--title", "A queue is worked off", "--kind", "job", "--key", "timeout.deadline",
    "--url", "https://example.org/review", "--summary", "The queue grew.",
)  # fmt: skip


def test_new_writes_a_rule_that_lints_and_fails_its_cases():
    shown = run(*NEW, "--incident", "INC-7", "--date", "2026-03-11")
    path = Path("rules/a-queue-is-worked-off.yaml")
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[0] == f"wrote {path}"
    assert run("lint", path).exit_code == 0
    tested = run("test", path)
    assert tested.exit_code == 1
    assert "“as before the incident” is to be drift, but is ok" in tested.output


def test_new_asks_for_what_was_not_said():
    answers = "A page says so\nhttps://example.org/page\nIt says so.\ncontainer\n"
    shown = CliRunner().invoke(command, ["new", "--into", "mine"], input=answers)
    assert shown.exit_code == 0, shown.output
    assert "reference:" in Path("mine/a-page-says-so.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*NEW, "--incident", "INC-7"], "an incident has a day"),
        ([*NEW, "--key", "nothing"], "nobody provides 'nothing' for a job"),
        ([*NEW, "--kind", "jib"], "nobody knows a 'jib'"),
        ([*NEW, "--title", "…"], "no id can be made from the title"),
    ],
)
def test_new_refuses_an_answer_with_a_sentence(words, message):
    shown = run(*words)
    assert isinstance(shown.exception, Failure)
    assert message in str(shown.exception) and shown.exception.next_step
    assert not Path("rules").exists()


@pytest.mark.parametrize(
    ("read", "into", "refused"),
    [
        ("rules", "rules", True),
        ("rules/prod", "rules", True),
        ("rules/prod/a.yaml", "rules", True),
        (".", ".", True),
        (".", "rules", True),
        ("rules", "lessons", False),
        (".", "lessons", False),
        (".", "rules/own", False),
    ],
)
def test_new_puts_no_lesson_among_alerts(read, into, refused):
    Path("rules/prod").mkdir(parents=True)
    Path("rules/prod/a.yaml").write_text("groups: [{name: g, rules: [{alert: Down, expr: up == 0}]}]")
    Path("driftbot.yaml").write_text(f"sources: [{{name: ours, kind: alert_files, path: {read}}}]")
    shown = run(*NEW, "--into", into)
    assert Path(into, "a-queue-is-worked-off.yaml").exists() is not refused
    if refused:
        assert isinstance(shown.exception, Failure)
        assert str(shown.exception).startswith(f"{into} holds alert rules: the source 'ours' reads them in {read}")
        assert "--into" in shown.exception.next_step


@pytest.mark.parametrize("severity", ["medium", "critical", "HIGH"])
def test_new_takes_a_severity_as_rule_files_write_it(severity):
    shown = run(*NEW, "--severity", severity)
    assert shown.exit_code == 0, shown.output
    assert f"severity: {severity.lower()}\n" in Path("rules/a-queue-is-worked-off.yaml").read_text()


def test_new_never_overwrites_a_rule():
    assert run(*NEW).exit_code == 0
    path = Path("rules/a-queue-is-worked-off.yaml")
    path.write_text("mine")
    shown = run(*NEW)
    assert isinstance(shown.exception, Failure)
    assert path.read_text() == "mine"


def test_docs_renders_a_page():
    shown = run("docs", write(RULE), "--output", "lessons.md")
    assert shown.exit_code == 0
    assert "## short-probes" in Path("lessons.md").read_text()


def test_help_of_the_group_imports_nothing_heavy():
    code = (
        "import sys; from driftbot.cli.rules import command\n"
        "heavy = {'numpy', 'sqlalchemy', 'pandas', 'sklearn', 'scipy', 'slack_sdk', 'cel_expr_python'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
