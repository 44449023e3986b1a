"""Who last touched a line, from a real git repository; and every way in which git does not know."""

import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from driftbot.blame import Change, NotKnown, blame, last_change

WRITTEN = "2024-05-06T07:08:09+02:00"


def git(root: Path, *arguments: str, author: str = "Ada", date: str = WRITTEN) -> str:
    env = {
        **os.environ,
        "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_NAME": author, "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_COMMITTER_DATE": date,
        "GIT_CONFIG_GLOBAL": os.devnull,
    }  # fmt: skip
    return subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/a b.yaml").write_text("one: 1\ntwo: 2\nthree: 3\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "First")
    (tmp_path / "deploy/a b.yaml").write_text("one: 1\ntwo: 20\nthree: 3\n")
    git(tmp_path, "commit", "-qam", "Raise two", author="Grace", date="2024-06-01T00:00:00Z")
    return tmp_path


def test_the_last_change_of_a_line(repository: Path) -> None:
    first = last_change(repository, "deploy/a b.yaml", 1)
    second = last_change(repository / "deploy", "a b.yaml", 2)
    assert first is not None
    assert second is not None
    assert (first.author, first.subject) == ("Ada", "First")
    assert first.at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=2)))
    assert (second.author, second.subject) == ("Grace", "Raise two")
    assert second.commit == git(repository, "rev-parse", "HEAD").strip()
    assert str(second) == f"Grace, 2024-06-01, {second.commit[:10]} Raise two"


def test_a_dirty_line_is_not_committed_and_its_neighbours_are_known(repository: Path) -> None:
    (repository / "deploy/a b.yaml").write_text("new: 0\none: 1\ntwo: 20\nthree: 3\n")
    assert blame(repository, "deploy/a b.yaml", 1) == NotKnown(
        "line 1 of deploy/a b.yaml is changed and not committed yet"
    )
    assert isinstance(blame(repository, "deploy/a b.yaml", 2), Change)


def test_what_git_does_not_know(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (repository / "new.yaml").write_text("a: 1\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.yaml").write_text("a: 1\n")
    reasons = [
        blame(repository, "new.yaml", 1),
        blame(repository, "gone.yaml", 1),
        blame(repository, "deploy/a b.yaml", 99),
        blame(elsewhere, "a.yaml", 1),
        blame(repository, "deploy/a b.yaml", 1, timeout=0.0),
    ]
    assert all(isinstance(answer, NotKnown) for answer in reasons)
    assert [answer.reason.replace(str(repository), "ROOT") for answer in reasons if isinstance(answer, NotKnown)] == [
        "new.yaml is not committed yet",
        "there is no line 1 of gone.yaml below ROOT",
        "git blame: fatal: file deploy/a b.yaml has only 3 lines",
        "a.yaml is in no git repository",
        "git blame took longer than 0 s",
    ]
    assert last_change(elsewhere, "a.yaml", 1) is None


def test_a_shallow_clone_blames_nobody_for_what_lies_before_it(repository: Path, tmp_path: Path) -> None:
    (repository / "deploy/a b.yaml").write_text("one: 1\ntwo: 20\nthree: 30\n")
    git(repository, "commit", "-qam", "Raise three")
    shallow = tmp_path / "shallow"
    git(repository, "clone", "-q", "--depth", "2", f"file://{repository}", str(shallow))
    for show_root in ("true", "false"):
        git(shallow, "config", "blame.showRoot", show_root)
        assert blame(shallow, "deploy/a b.yaml", 1) == NotKnown(
            "the clone is shallow; fetch the whole branch (fetch-depth: 0)"
        )
        assert isinstance(blame(shallow, "deploy/a b.yaml", 3), Change)


def test_no_git_at_all(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert blame(repository, "deploy/a b.yaml", 1) == NotKnown("git is not installed")


def test_a_repository_cannot_make_us_run_its_programs(repository: Path) -> None:
    trap = repository / "ran"
    git(repository, "config", "core.fsmonitor", f"touch {trap};:")
    git(repository, "config", "diff.trap.textconv", f"touch {trap};cat")
    (repository / ".gitattributes").write_text("*.yaml diff=trap\n")
    assert isinstance(blame(repository, "deploy/a b.yaml", 1), Change)
    assert not trap.exists()
