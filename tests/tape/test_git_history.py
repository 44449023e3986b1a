"""The past of files from real repositories: landings, merges, what is not committed, what git does not know."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.core.commit import FileChange, FileHistory
from driftbot.tape import LiveTape, RecordingTape, ReplayTape, git_history
from driftbot.tape.git_history import read_history
from tests.git_repository import FIRST, GitRepository

SINCE = FIRST - timedelta(days=365)


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    repository = GitRepository(tmp_path / "estate")
    repository.commit("First", {"rules/a b.yaml": "one", "rules/note.md": "n", "other.yaml": "x"})
    repository.commit("Elsewhere", {"other.yaml": "y"})
    repository.commit("Second", {"rules/a b.yaml": "two", "rules/ü.yaml": "u"}, author="Grace: von «Öl»")
    return repository


def history(repository: GitRepository, since=SINCE, include=("*.yaml",), exclude=()) -> FileHistory:
    return read_history(repository.root / "rules", include, exclude, since)


def told(found: FileHistory) -> list:
    return [
        (
            landing.commit and landing.commit.subject,
            [(one.locator, *(found.contents.get(name) for name in (one.before, one.after))) for one in landing.changes],
        )
        for landing in found.landings
    ]


def test_landings_newest_first_with_who_and_when(repository: GitRepository) -> None:
    found = history(repository)
    assert told(found) == [
        ("Second", [("a b.yaml", b"one", b"two"), ("ü.yaml", None, b"u")]),
        ("First", [("a b.yaml", None, b"one")]),
    ]
    second = found.landings[0].commit
    assert (second.id, second.author) == (repository.head, "Grace: von «Öl»")
    assert (second.at, found.since, found.notes) == (FIRST + timedelta(days=2), SINCE, ())


def test_a_subject_as_long_as_a_book_is_cut(repository: GitRepository) -> None:
    repository.commit("word " * 10_000, {"rules/a b.yaml": "three"}, author="n" * 1_000)
    commit = history(repository).landings[0].commit
    assert (len(commit.subject), len(commit.author), commit.subject[-1]) == (200, 200, "…")


def test_a_single_file(repository: GitRepository) -> None:
    found = read_history(repository.root / "rules/a b.yaml", ["*.json"], [], SINCE)
    assert [landing.commit.subject for landing in found.landings] == ["Second", "First"]


def test_only_since_the_day_asked_for(repository: GitRepository) -> None:
    assert [landing.commit.subject for landing in history(repository, FIRST + timedelta(hours=1)).landings] == [
        "Second"
    ]


def test_a_merge_is_one_landing_of_the_day_it_landed(repository: GitRepository) -> None:
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("On the side", {"rules/a b.yaml": "three"})
    repository.commit("And back", {"rules/c.yaml": "c"})
    repository.git("checkout", "-q", "main")
    repository.commit("Meanwhile", {"other.yaml": "z"})
    merged = repository.merge("side", "Merge the side")
    landing = history(repository).landings[0]
    assert (landing.commit.id, landing.commit.author, landing.commit.at) == (
        merged, "Merger", FIRST + timedelta(days=6),
    )  # fmt: skip
    assert [change.locator for change in landing.changes] == ["a b.yaml", "c.yaml"]
    assert len(history(repository).landings) == 3


def test_what_is_not_committed_comes_first(repository: GitRepository) -> None:
    repository.write({"rules/a b.yaml": "dirty", "rules/new.yaml": "new", "rules/ü.yaml": None})
    found = history(repository)
    assert found.landings[0].commit is None
    assert told(found)[0] == (
        None, [("a b.yaml", b"two", None), ("new.yaml", None, None), ("ü.yaml", b"u", None)],
    )  # fmt: skip


def test_links_and_submodules_are_no_files(repository: GitRepository) -> None:
    (repository.root / "rules/link.yaml").symlink_to("a b.yaml")
    repository.commit("A link", {})
    assert [landing.commit.subject for landing in history(repository).landings] == ["Second", "First"]


@pytest.mark.parametrize("make", ["nowhere", "no commit", "ignored"])
def test_where_there_is_no_past(tmp_path: Path, make: str) -> None:
    root = tmp_path / "estate"
    if make == "nowhere":
        root.mkdir()
    else:
        repository = GitRepository(root)
        if make == "ignored":
            repository.commit("Ignore", {".gitignore": "rules/"})
    (root / "rules").mkdir()
    (root / "rules/a.yaml").write_text("a")
    assert read_history(root / "rules", ["*.yaml"], [], SINCE) == FileHistory()


def test_a_shallow_clone_is_a_note_and_no_birth(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit("Third", {"rules/a b.yaml": "three"})
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.root}", str(tmp_path / "shallow"))
    found = read_history(tmp_path / "shallow/rules", ["*.yaml"], [], SINCE)
    assert told(found) == [("Third", [("a b.yaml", b"two", b"three")])]
    assert found.since == FIRST + timedelta(days=2)
    assert found.notes == (
        "what changed in rules up to 2026-03-03 is not known: the clone is shallow; fetch the whole branch "
        "(fetch-depth: 0)",
    )
    assert not read_history(tmp_path / "shallow/rules", ["*.yaml"], [], FIRST + timedelta(days=2, hours=1)).notes


def test_bounds_are_notes(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_history, "MOST_COMMITS", 1)
    found = history(repository)
    assert [landing.commit.subject for landing in found.landings] == ["Second"]
    assert found.notes == ("what changed in rules up to 2026-03-01 is not known: only 1 commits are looked at",)
    monkeypatch.setattr(git_history, "MOST_COMMITS", 100)
    monkeypatch.setattr(git_history, "MOST_BYTES", 8)
    found = history(repository)
    assert [landing.commit.subject for landing in found.landings] == ["Second", "First"]
    monkeypatch.setattr(git_history, "MOST_BYTES", 3)
    assert "only 3 bytes are read" in history(repository).notes[0]


def test_a_repository_runs_no_program_of_its_own(repository: GitRepository, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\ncat\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.t.textconv",
        "diff.t.command",
        "gpg.program",
        "core.sshCommand",
        "core.editor",
        "filter.t.clean",
        "filter.t.smudge",
        "core.alternateRefsCommand",
    ):
        repository.git("config", key, str(trap))  # fmt: skip
    repository.git("config", "log.showSignature", "true")
    (repository.root / ".git/info/attributes").write_text("* diff=t filter=t\n")
    signed = repository.git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n\n", 1
    )
    raw = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository.root, input=f"{signed}\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    repository.git("update-ref", "HEAD", raw.stdout.strip())
    repository.write({"rules/a b.yaml": "dirty"})
    assert len(history(repository).landings) == 3
    assert not sprung.exists()


def test_a_partial_clone_fetches_nothing(repository: GitRepository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    where = tmp_path / "partial"
    repository.git("clone", "-q", "--filter=blob:none", f"file://{repository.root}", str(where))

    def missing() -> str:
        command = ["git", "rev-list", "--objects", "--missing=print", "HEAD"]
        told = subprocess.run(command, cwd=where, capture_output=True, text=True, check=True).stdout
        return "\n".join(sorted(line for line in told.splitlines() if line.startswith("?")))

    before = missing()
    assert before
    found = read_history(where / "rules", ["*.yaml"], [], SINCE)
    assert missing() == before
    # Older git refuses all contents where one would have to be fetched, newer git only that one.
    assert found.notes
    assert "clone without --filter to have it all" in found.notes[0]


def test_another_repository_named_by_a_hook_is_not_asked(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = GitRepository(tmp_path / "other")
    other.commit("Other", {"rules/other.yaml": "o"})
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    assert [landing.commit.subject for landing in history(repository).landings] == ["Second", "First"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a repository away")
def test_a_repository_of_somebody_else_is_a_note(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    found = history(repository)
    assert found.since is None
    assert "belongs to another user" in found.notes[0]


@pytest.mark.parametrize("name", ["bundle", "bundle.tar.gz"])
def test_a_bundle_gives_the_same_past_without_secrets(repository: GitRepository, tmp_path: Path, name: str) -> None:
    secret = "password: hunter2hunter2\n"
    repository.commit("Use https://ada:hunter2hunter2@example.org", {"rules/s.yaml": secret})
    repository.write({"rules/a b.yaml": "dirty"})
    asked = ("alerts", "rules", ["*.yaml"], ["ü.yaml"], SINCE)
    with RecordingTape(LiveTape(repository.root), tmp_path / name, FIRST) as tape:
        live = tape.history(*asked)
        assert not tape.history("alerts", "nowhere", ["*"], [], SINCE).landings
    replay = ReplayTape(tmp_path / name)
    found = replay.history(*asked)
    assert [one.changes for one in found.landings] == [one.changes for one in live.landings]
    assert (found.since, found.notes) == (live.since, live.notes)
    assert found.landings[1].commit.subject == "Use https://ada:REDACTEDxxxxxx@example.org"
    assert b"hunter2" not in b"".join(found.contents.values())
    assert found.contents.keys() == live.contents.keys()
    assert replay.history("alerts", "nowhere", ["*"], [], SINCE) == FileHistory()
    later = replay.history("alerts", "rules", ["s.yaml"], [], FIRST + timedelta(days=3))
    assert [landing.changes for landing in later.landings] == [
        (FileChange("s.yaml", "", live.landings[1].changes[0].after),)
    ]


def test_a_bundle_without_a_past_says_so(tmp_path: Path) -> None:
    with RecordingTape(LiveTape(tmp_path), tmp_path / "bundle", FIRST):
        pass
    found = ReplayTape(tmp_path / "bundle").history("alerts", "rules", ["*"], [], SINCE)
    assert "holds no git history of alerts; record again" in found.notes[0]
