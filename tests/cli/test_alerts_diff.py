"""``driftbot alerts diff`` over real repositories and folders: what is looser ends with 2, what moved does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driftbot.cli.main import main
from tests.git_repository import GitRepository, rule_file


def slow(threshold: float, hold: str = "5m", name: str = "Slow", severity: str = "critical") -> str:
    return f"{{alert: {name}, expr: latency > {threshold}, for: {hold}, labels: {{severity: {severity}}}}}"


UP = "{alert: Down, expr: up == 0}"
LOGS = '{alert: Logs, expr: "rate({a=\\"b\\"} |= \\"x\\" [5m]) > %d"}'
TEMPLATE = "groups:\n{{- if .Values.on }}\n  - name: g\n    rules: [{alert: A, expr: x > %d}]\n{{- end }}\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    repository = GitRepository(tmp_path / "estate")
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1), UP), "README.md": "x"})
    monkeypatch.chdir(repository.root)
    return repository


@pytest.fixture
def diff(monkeypatch: pytest.MonkeyPatch, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["driftbot", "alerts", "diff", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def test_looser_first_with_place_and_exit_code(repository: GitRepository, diff) -> None:
    repository.write(
        {"rules/a.yaml": rule_file(slow(2, "2m"), "{alert: Down, expr: up == 0, for: 1m}", slow(9, name="New"))}
    )
    code, out, _ = diff("HEAD")
    assert code == 2
    assert out == (
        "HEAD → working tree\n"
        "2 looser, 1 stricter of 3 alerts\n"
        "\n"
        "Looser: these page less, later or less loudly\n"
        "  rules/a.yaml:4  Slow\n"
        "      threshold of latency: 1 → 2\n"
        "      stricter: for 5m → 2m\n"
        "  rules/a.yaml:5  Down\n"
        "      for 0s → 1m\n"
        "\n"
        "Stricter\n"
        "  rules/a.yaml:6  New\n"
        "      alert New new\n"
    )


def test_what_is_only_written_otherwise_is_silent(repository: GitRepository, diff) -> None:
    told = "{alert: Slow, expr: '1 < (latency)', for: 300s, labels: {severity: critical}, annotations: {a: b}}"
    repository.commit(
        "Words", {"rules/a.yaml": None, "rules/b/c.yaml": "# moved\n" + rule_file(UP, told, group="other")}
    )
    for arguments in (("HEAD~1", "HEAD"), ("HEAD~1",), ("HEAD~1", "--path", "rules"), ("HEAD~1", "--fail-on", "any")):
        code, out, _ = diff(*arguments)
        assert (code, out.splitlines()[1]) == (0, "no change in meaning of 2 alerts")


def test_a_new_alert_that_is_no_promql_is_unread_and_not_stricter(repository: GitRepository, diff) -> None:
    broken = '{alert: Bad, expr: "sum(rate(x[5m]) > 1"}'
    repository.write({"rules/a.yaml": rule_file(slow(1), UP, broken, slow(9, name="New"))})
    code, out, _ = diff("HEAD")
    assert code == 1
    assert "rules/a.yaml:6" in out and "the expression of Bad cannot be taken apart" in out
    assert "alert Bad new" not in out and "alert New new" in out


def test_moved_renamed_and_loosened(repository: GitRepository, diff) -> None:
    repository.commit("Move", {"rules/a.yaml": None, "rules/b.yaml": rule_file(UP, slow(1, "9m", name="Sluggish"))})
    code, out, _ = diff("HEAD~1", "HEAD")
    assert code == 2
    assert "  rules/b.yaml:5  Sluggish\n      for 5m → 9m\n      before: called Slow in rules/a.yaml\n" in out


def test_a_deleted_alert_is_looser_and_told_where_it_was(repository: GitRepository, diff) -> None:
    repository.commit("Gone", {"rules/a.yaml": rule_file(UP)})
    code, out, _ = diff("HEAD~1")
    assert (code, "  rules/a.yaml:4  Slow\n      alert Slow gone\n" in out) == (2, True)


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        (slow(2), {"looser": 2, "any": 2, "never": 0}),
        (slow(0.5), {"looser": 0, "any": 2, "never": 0}),
        (
            "{alert: Slow, expr: latency == 1, for: 5m, labels: {severity: critical}}",
            {"looser": 0, "any": 2, "never": 0},
        ),
        (slow(1), {"looser": 0, "any": 0, "never": 0}),
    ],
)
def test_what_to_fail_on(repository: GitRepository, diff, new: str, codes: dict[str, int]) -> None:
    repository.write({"rules/a.yaml": rule_file(new, UP)})
    assert {fail_on: diff("HEAD", "--fail-on", fail_on)[0] for fail_on in codes} == codes


def test_two_folders(tmp_path: Path, diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, threshold in (("old", 1), ("new", 2)):
        (tmp_path / name / "x").mkdir(parents=True)
        (tmp_path / name / "x/a.yaml").write_text(rule_file(slow(threshold), UP))
    code, out, _ = diff("old", "new")
    assert (code, "  new/x/a.yaml:4  Slow\n      threshold of latency: 1 → 2\n" in out) == (2, True)
    assert "before" not in out
    assert diff("old", "new", "--path", "x/a.yaml")[0] == 2
    assert diff("old", "old")[0] == 0


def test_against_where_the_branch_parted(repository: GitRepository, diff) -> None:
    repository.git("checkout", "-q", "-b", "mine")
    repository.commit("Mine", {"rules/b.yaml": rule_file(slow(5, name="Mine"))})
    repository.git("checkout", "-q", "main")
    repository.commit("Stricter on main", {"rules/a.yaml": rule_file(slow(0.5), UP)})
    repository.git("checkout", "-q", "mine")
    assert diff("main")[0] == 2
    code, out, _ = diff("main...")
    assert (code, out.splitlines()[1]) == (0, "1 stricter of 3 alerts")


def test_from_a_folder_within_the_repository(repository: GitRepository, diff, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write({"rules/a.yaml": rule_file(slow(2), UP)})
    monkeypatch.chdir(repository.root / "rules")
    assert "  a.yaml:4  Slow\n" in diff("HEAD")[1]
    assert "  a.yaml:4  Slow\n" in diff("HEAD", "--path", "a.yaml")[1]
    assert "  ../rules/a.yaml:4  Slow\n" in diff("HEAD", "--path", "../rules")[1].replace(
        "  a.yaml", "  ../rules/a.yaml"
    )


def test_a_file_that_cannot_be_read_is_named_and_ends_with_one(repository: GitRepository, diff) -> None:
    repository.write({"rules/a.yaml": rule_file(slow(9)) + "  - {{ .Values.more }}\n"})
    code, out, _ = diff("HEAD")
    assert code == 1
    assert "Not readable: what changed there is not known\n  rules/a.yaml:5" in out
    assert "Down" not in out


def test_a_template_that_both_sides_have_alike_stops_nobody(repository: GitRepository, diff) -> None:
    repository.commit("Template", {"rules/t.yaml": TEMPLATE % 1})
    assert diff("HEAD")[0] == 0
    assert diff("HEAD")[1].splitlines()[1] == (
        "no change in meaning of 2 alerts; 1 file not readable, and alike on both sides"
    )
    repository.write({"rules/t.yaml": TEMPLATE % 2})
    assert diff("HEAD")[0] == 1


def test_an_expression_that_is_no_promql_matters_only_where_it_changed(repository: GitRepository, diff) -> None:
    repository.commit("Logs", {"rules/l.yaml": rule_file(LOGS % 1)})
    repository.write({"rules/l.yaml": "# a word\n" + rule_file(LOGS % 1, group="other")})
    assert diff("HEAD")[0] == 0
    repository.write({"rules/l.yaml": rule_file(LOGS % 2)})
    code, out, _ = diff("HEAD")
    assert (code, "rules/l.yaml:4  the expression of Logs cannot be taken apart" in out) == (1, True)


def test_json_says_everything(repository: GitRepository, diff, tmp_path: Path) -> None:
    repository.write({"rules/a.yaml": rule_file(slow(2, name="Sluggish"), UP)})
    code, out, _ = diff("HEAD", "--format", "json", "--output", str(tmp_path / "diff.json"))
    document = json.loads((tmp_path / "diff.json").read_text())
    assert (code, out, document["exit_code"]) == (2, "", 2)
    assert document["counts"] == {"looser": 1, "ambiguous": 0, "stricter": 0}
    assert document["changed"] == [
        {
            "alert": "Sluggish",
            "direction": "looser",
            "before": {"alert": "Slow", "file": "rules/a.yaml", "line": 4},
            "after": {"alert": "Sluggish", "file": "rules/a.yaml", "line": 4},
            "changes": [
                {
                    "aspect": "threshold",
                    "direction": "looser",
                    "old": "1",
                    "new": "2",
                    "where": "latency",
                    "because": "",
                }
            ],
        }
    ]


def test_markdown_cannot_be_marked_up_by_an_alert(repository: GitRepository, diff) -> None:
    hostile = '{alert: "A|`<img src=x>` @team\\e[31m", expr: "x > %d"}'
    repository.commit("Hostile", {"rules/h.yaml": rule_file(hostile % 1)})
    repository.write({"rules/h.yaml": rule_file(hostile % 2)})
    code, out, _ = diff("HEAD", "--format", "markdown")
    (row,) = [line for line in out.splitlines() if line.startswith("| looser")]
    assert code == 2
    assert row.startswith(
        "| looser | ``A\\|`<img src=x>` @team\\x1b[31m`` | threshold of x: 1 → 2 | `rules/h.yaml:4` |"
    )
    assert "\x1b" not in diff("HEAD")[1]


@pytest.mark.parametrize("arguments", [(), ("nosuch",), ("HEAD", "nosuch"), ("HEAD", "--fail-on", "all"), ("-x",)])
def test_a_wrong_command_line_is_usage(repository: GitRepository, diff, arguments: tuple[str, ...]) -> None:
    assert repository.head
    code, _, err = diff(*arguments)
    assert (code, "Usage: " in err) == (64, True)


@pytest.mark.usefixtures("repository")
def test_where_there_are_no_rules_nothing_was_compared(diff) -> None:
    code, _, err = diff("HEAD", "--path", "nowhere")
    assert (code, "no side has a rule file below nowhere" in err) == (1, True)
    assert diff("HEAD", "--path", "../..")[0] == 1


@pytest.mark.usefixtures("repository")
def test_a_repository_of_somebody_else_is_named_as_such(diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    code, _, err = diff("HEAD")
    assert (code, "the repository belongs to another user" in err) == (1, True)


def test_outside_of_a_repository(tmp_path: Path, diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = diff("main")
    assert (code, "is in no git repository" in err) == (64, True)
