"""How alerts came to be what they are, from repositories that were really committed: tuned, moved, renamed, merged."""

import os
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.collectors import written_alert
from driftbot.collectors.alert_files import collector
from driftbot.collectors.collector import Context
from driftbot.collectors.quick_rules import NotQuick
from driftbot.collectors.written_alert import read_content
from driftbot.core.body import Body
from driftbot.core.past import Past
from driftbot.core.snapshot import Reading
from driftbot.tape import LiveTape, RecordingTape, ReplayTape
from tests.git_repository import FIRST, GitRepository, rule_file

AS_OF = FIRST + timedelta(days=60)


def slow(threshold: float, hold: str = "5m", name: str = "Slow") -> str:
    return f"{{alert: {name}, expr: latency > {threshold}, for: {hold}, labels: {{severity: page}}}}"


UP = "{alert: Down, expr: up == 0}"


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    return GitRepository(tmp_path / "estate")


def read(repository: GitRepository, tape=None, **options) -> Reading:
    context = Context("git", "production", AS_OF, tape or LiveTape(repository.root))
    return collector.read(collector.options(path="rules", **options), context)


def told(reading: Reading) -> dict[str, list]:
    def revision(one) -> tuple:
        commit = one.commit.subject if one.commit else None
        return commit, one.version.expression.partition("> ")[2] or one.version.expression, one.version.hold

    return {past.subject.name: [revision(one) for one in past.revisions] for past in reading.pasts}


def test_every_commit_that_changed_an_alert(repository: GitRepository) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1), UP)})
    repository.commit("Raise", {"rules/a.yaml": rule_file(slow(2), UP)}, author="Grace")
    repository.commit("A word", {"rules/a.yaml": "# a word\n" + rule_file(slow(2), UP)})
    repository.commit("Wait", {"rules/a.yaml": rule_file(UP, slow(2, "10m"))})
    reading = read(repository)
    assert told(reading) == {
        "shop/Slow": [("Born", "1", 300.0), ("Raise", "2", 300.0), ("Wait", "2", 600.0)],
        "shop/Down": [("Born", "up == 0", 0.0)],
    }
    raised = next(past for past in reading.pasts if past.subject.name == "shop/Slow").revisions[1]
    assert (raised.at, raised.commit.author) == (FIRST + timedelta(days=1), "Grace")
    assert not reading.notes


def test_moved_and_renamed_alerts_are_followed(repository: GitRepository) -> None:
    repository.commit(
        "Born", {"rules/a.yaml": rule_file(slow(1), UP), "rules/b.yaml": rule_file("{record: r, expr: x}")}
    )
    repository.commit("Raise", {"rules/a.yaml": rule_file(slow(2), UP)})
    repository.commit("Move", {"rules/a.yaml": None, "rules/sub/c.yaml": rule_file(UP, slow(2), group="other")})
    repository.commit("Rename", {"rules/sub/c.yaml": rule_file(UP, slow(2, name="Sluggish"), group="other")})
    repository.commit("Again", {"rules/sub/c.yaml": rule_file(UP, slow(3, name="Sluggish"), group="other")})
    assert told(read(repository))["other/Sluggish"] == [
        ("Born", "1", 300.0), ("Raise", "2", 300.0), ("Again", "3", 300.0),
    ]  # fmt: skip


def test_alerts_of_one_name_keep_apart(repository: GitRepository) -> None:
    def pair(low: float, high: float) -> str:
        return rule_file(f"{{alert: Slow, expr: latency > {low}}}", f"{{alert: Slow, expr: queue > {high}}}")

    repository.commit("Born", {"rules/a.yaml": pair(1, 10)})
    repository.commit("One", {"rules/a.yaml": pair(1, 20)})
    repository.commit("Other", {"rules/a.yaml": pair(2, 20)})
    assert told(read(repository)) == {
        "shop/Slow": [("Born", "1", 0.0), ("Other", "2", 0.0)],
        "shop/Slow#2": [("Born", "10", 0.0), ("One", "20", 0.0)],
    }


def test_a_merge_is_one_step_on_the_day_it_landed(repository: GitRepository) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("Two", {"rules/a.yaml": rule_file(slow(2))})
    repository.commit("Three", {"rules/a.yaml": rule_file(slow(3))})
    repository.git("checkout", "-q", "main")
    repository.commit("Meanwhile", {"other.yaml": ""})
    repository.merge("side", "Merge it")
    past = read(repository).pasts[0]
    assert [one.commit.subject for one in past.revisions] == ["Born", "Merge it"]
    assert past.revisions[1].at == FIRST + timedelta(days=4)


def test_a_file_that_was_broken_for_a_while_hides_nothing(repository: GitRepository) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1), UP)})
    repository.commit("Break", {"rules/a.yaml": "groups:\n  - name: [\n"})
    repository.commit("Template", {"rules/a.yaml": rule_file("{{- if x }}", slow(2))})
    repository.commit("Mend", {"rules/a.yaml": rule_file(slow(3), UP)})
    found = told(read(repository))
    assert found["shop/Down"] == [("Born", "up == 0", 0.0)]
    assert found["shop/Slow"] == [("Born", "1", 300.0), ("Mend", "3", 300.0)]


def test_what_is_no_promql_is_passed_over(repository: GitRepository) -> None:
    logs = '{alert: Slow, expr: "rate({a=\\"b\\"} |= \\"x\\" [5m]) > 1", labels: {severity: page}}'
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    repository.commit("Logs", {"rules/a.yaml": rule_file(logs)})
    assert told(read(repository)) == {}
    repository.commit("Back", {"rules/a.yaml": rule_file(slow(2))})
    assert told(read(repository)) == {"shop/Slow": [("Born", "1", 300.0), ("Back", "2", 300.0)]}


def test_what_is_not_committed_yet_is_the_last_step(repository: GitRepository) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    repository.write({"rules/a.yaml": rule_file(slow(2)), "rules/new.yaml": rule_file(UP)})
    past, new = read(repository).pasts
    assert [str(one.commit) for one in past.revisions] == [f"{repository.head[:10]} Ada: Born", "not committed yet"]
    assert past.revisions[1].at == AS_OF
    assert [(one.at, one.commit) for one in new.revisions] == [(None, None)]


def test_before_the_days_asked_for_nothing_is_known(repository: GitRepository) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    repository.commit("Raise", {"rules/a.yaml": rule_file(slow(2))})
    repository.commit("Again", {"rules/a.yaml": rule_file(slow(3))})
    short = read(repository, history="58d")
    assert told(short) == {"shop/Slow": [(None, "2", 300.0), ("Again", "3", 300.0)]}
    assert read(repository, history="none").pasts == ()


def test_a_shallow_clone_knows_no_birth(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    repository.commit("Raise", {"rules/a.yaml": rule_file(slow(2))})
    shallow = tmp_path / "shallow"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(shallow))
    reading = collector.read(collector.options(path="rules"), Context("git", "production", AS_OF, LiveTape(shallow)))
    assert told(reading) == {"shop/Slow": [(None, "2", 300.0)]}
    assert reading.notes[0].startswith("git: what changed in rules up to 2026-03-02 is not known: the clone is shallow")


def test_reading_leaves_the_repository_as_it_was(repository: GitRepository) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    repository.write({"rules/a.yaml": rule_file(slow(2))})

    def contents() -> dict[str, tuple[bytes, int]]:
        files = (path for path in repository.root.rglob("*") if path.is_file())
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = contents()
    assert read(repository).pasts
    assert contents() == before


def test_no_repository_no_past(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yaml").write_text(rule_file(slow(1)))
    reading = collector.read(collector.options(path="rules"), Context("git", "production", AS_OF, LiveTape(tmp_path)))
    assert (reading.pasts, reading.notes) == ((), ())


def test_a_replay_knows_the_same_past(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1), UP)})
    repository.commit("Raise", {"rules/a.yaml": rule_file(slow(2), UP)})
    repository.write({"rules/a.yaml": rule_file(slow(3), UP)})
    with RecordingTape(LiveTape(repository.root), tmp_path / "bundle.tar.gz", AS_OF) as tape:
        live = read(repository, tape)
    replayed = read(repository, ReplayTape(tmp_path / "bundle.tar.gz"))
    assert replayed.pasts == live.pasts
    assert len(live.pasts[0].revisions) == 3


@pytest.mark.parametrize(
    "text",
    [
        rule_file(slow(1), UP, "{record: a, expr: b}", '{alert: A, expr: x > 1, for: 0, labels: {n: 1, t: "{{ x }}"}}'),
        "groups:\n- name: g\n  labels: {severity: low}\n  rules:\n  - alert: A\n    expr: |\n      x\n      > 1",
        "groups: []\n", "groups:\n", "", "# nothing\n", "---\nkind: Deployment\nspec: {groups: 3}\n",
        "kind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    - &a {alert: A, expr: x > 1}\n    - *a\n",
        "groups:\n- name: g\n  rules:\n  - {alert: A, expr: x > 1}\n---\ngroups:\n- name: h\n  rules: null\n",
        "groups:\n- name: g\n  rules:\n  - {alert: A, expr: x >< 1, for: 5 minutes}\n  - {alert: B, expr: x, for: ~}\n",
    ],
)  # fmt: skip
def test_the_quick_reader_reads_what_the_careful_one_reads(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = Body("rules/a.yaml", text.encode())
    quick = read_content(body, "git")
    monkeypatch.setattr(written_alert, "quick_alerts", refuse)
    assert quick == read_content(body, "git")


def refuse(_content: bytes) -> None:
    raise NotQuick


@pytest.mark.corpus
def test_the_quick_reader_agrees_over_all_months(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    with tarfile.open(Path(folder) / "alerts" / "wikimedia-operations-alerts-monthly.tar.xz") as archive:
        members = [member for member in archive if member.isfile() and member.name.endswith((".yaml", ".yml"))]
        contents = {archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]
    quick = {content: read_content(Body("a.yaml", content), "git") for content in contents}
    monkeypatch.setattr(written_alert, "quick_alerts", refuse)
    assert all(read_content(Body("a.yaml", content), "git") == found for content, found in quick.items())
    assert sum(len(found.alerts) for found in quick.values()) > 1_000


def test_pasts_follow_the_lasting_name(repository: GitRepository) -> None:
    from driftbot.core.alert_identity import assign_alerts

    repository.commit("Born", {"rules/a.yaml": rule_file(slow(1))})
    first = assign_alerts(read(repository), ())
    repository.commit("Rename", {"rules/a.yaml": rule_file(slow(1, name="Sluggish"))})
    second = assign_alerts(read(repository), first.facts)
    assert [past.subject.name for past in (*first.pasts, *second.pasts)] == ["Slow", "Slow"]
    assert isinstance(second.pasts[0], Past)
