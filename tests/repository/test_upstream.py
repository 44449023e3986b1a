"""Changes in a real clone and at its real remote: what is written, what is never touched, what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from driftbot.repository.boundary import Boundary
from driftbot.repository.change import FileChange
from driftbot.repository.clone import Terms
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.identity import Identity
from driftbot.repository.publishing import Ended, Published
from driftbot.repository.standing import State
from driftbot.repository.upstream import Upstream
from tests.repository.scene import BRANCH, FILE, FILES, KEY, NOW, Scene, change, numbered, run, surroundings


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_change_is_one_commit_on_a_branch_of_its_own(tmp_path, object_format):
    scene = Scene(tmp_path, object_format)
    upstream = scene.upstream()
    base = upstream.fetch().base
    published = upstream.publish(change(base))
    assert published == Published(BRANCH, Ended.PUSHED, scene.remote_tip(), base)
    assert scene.remote_file() == "timeout: 60s\nretries: 3"
    assert scene.at_remote("rev-list", "--count", f"main..{BRANCH}") == "1"
    assert scene.at_remote("diff", "--stat", "main", BRANCH).startswith(f" {FILE} | 2 +-\n 1 file changed")
    told = scene.at_remote("log", "-1", "--format=%an <%ae>%n%cn <%ce>%n%cI%n%B", BRANCH).splitlines()
    assert told[:2] == ["driftbot <driftbot@localhost>"] * 2
    assert told[2] == NOW.isoformat()
    assert told[3:7] == ["Raise cart's timeout", "", "See the review.", ""]
    trailers = scene.at_remote("log", "-1", "--format=%(trailers:key=Driftbot-Key,valueonly)", BRANCH)
    assert trailers.strip() == KEY
    assert scene.at_remote("fsck", "--strict", "--no-dangling") == ""


def test_repeating_it_does_nothing(scene):
    upstream = scene.upstream()
    wanted = change(upstream.fetch().base)
    first = upstream.publish(wanted)
    again = upstream.publish(replace(wanted, at=NOW.replace(year=2027)))
    assert again == replace(first, ended=Ended.UNCHANGED)


def test_another_value_replaces_our_commit_in_place(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    first = upstream.publish(change(base))
    second = upstream.publish(change(base, "timeout: 90s\nretries: 3\n"))
    assert second.ended is Ended.REPLACED
    assert second.commit == scene.remote_tip() != first.commit
    assert scene.at_remote("rev-list", "--count", f"main..{BRANCH}") == "1"
    assert scene.remote_file() == "timeout: 90s\nretries: 3"


def test_our_branch_stays_while_the_base_moves_elsewhere(scene):
    """A branch pushed anew each night loses its approvals."""
    upstream = scene.upstream()
    first = upstream.publish(change(upstream.fetch().base))
    newest = scene.person_adds("main")
    again = upstream.publish(change(newest))
    assert again == Published(BRANCH, Ended.UNCHANGED, first.commit, newest)


def test_our_branch_is_rebuilt_once_the_base_changed_its_files(scene):
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    newest = scene.person_adds("main", {FILE: "timeout: 30s\nretries: 5\n"})
    published = upstream.publish(change(newest, "timeout: 60s\nretries: 5\n"))
    assert published.ended is Ended.REPLACED
    assert scene.at_remote("rev-parse", f"{BRANCH}^") == newest
    assert scene.remote_file() == "timeout: 60s\nretries: 5"


def test_our_branch_is_rebuilt_where_it_would_conflict_though_it_says_the_same(scene):
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    newest = scene.person_adds("main", {FILE: "timeout: 31s\nretries: 3\n"})
    assert upstream.standing(change(newest)).remote.state is State.OURS_OLD
    assert upstream.publish(change(newest)).ended is Ended.REPLACED
    assert scene.at_remote("rev-parse", f"{BRANCH}^") == newest


def test_a_change_made_for_other_files_than_the_base_has_is_refused(scene):
    upstream = scene.upstream()
    old = upstream.fetch().base
    scene.person_adds("main", {FILE: "timeout: 31s\n"})
    with pytest.raises(RepositoryFailure, match=r"main has changed deploy/cart\.yaml since") as caught:
        upstream.publish(change(old))
    assert caught.value.kind is Fault.MOVED
    assert scene.remote_tip() is None
    assert upstream.standing(change(old)).moved == (FILE,)


def test_a_persons_commit_is_never_overwritten(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    upstream.publish(change(base))
    theirs = scene.person_adds()
    with pytest.raises(RepositoryFailure, match="not driftbot's alone: its last commit was made by Keeper") as caught:
        upstream.publish(change(base, "timeout: 90s\n"))
    assert caught.value.kind is Fault.PERSONS_COMMIT
    assert scene.remote_tip() == theirs
    standing = upstream.standing(change(base))
    assert standing.remote.state is State.PERSONS
    assert standing.own.state is State.OURS_SAME


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\x0c", "\x1e"])
def test_a_name_that_looks_like_another_line_commits_for_nobody_else(scene, end):
    upstream = scene.upstream()
    published = upstream.publish(change(upstream.fetch().base))
    author, committer = f"author {Identity()}", f"committer {Identity()}"
    ours = scene.at_remote("cat-file", "commit", published.commit)
    theirs = ours.replace(committer, "committer Eve <eve@localhost>").replace(author, f"author Eve{end}{committer}")
    body = scene.folder / "commit"
    body.write_text(theirs, "utf-8")
    scene.person.git("fetch", "-q", "origin")
    commit = scene.person.git("hash-object", "-t", "commit", "-w", "--literally", str(body))
    scene.person.git("push", "-q", "-f", "origin", f"{commit}:refs/heads/{BRANCH}")
    assert "made by Eve" in upstream.standing(change(published.base, "timeout: 90s\n")).remote.why


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("amended", "what its last commit changes was altered"),
        ("below", "stands on another than it was made for"),
        ("reworded", "has no trailers of driftbot"),
        ("merged", "has no trailers of driftbot"),
    ],
)
def test_a_person_who_commits_as_the_same_committer_is_noticed(scene, what, why):
    """A developer may run driftbot under his own name."""
    upstream = scene.upstream(Terms(Identity("Keeper", "k@example.org")))
    base = upstream.fetch().base
    upstream.publish(change(base))
    person = scene.person
    person.git("fetch", "-q", "origin")
    person.git("checkout", "-q", "-B", BRANCH, f"origin/{BRANCH}")
    if what == "amended":
        person.write({FILE: "timeout: 61s\n"})
        person.git("commit", "-qa", "--amend", "--no-edit")
    elif what == "below":
        person.git("reset", "-q", "--hard", "origin/main")
        person.commit("In between", {"README.md": "Mine.\n"})
        person.git("cherry-pick", f"origin/{BRANCH}")
    elif what == "reworded":
        person.git("commit", "-q", "--amend", "-m", "Mine now")
    else:
        person.git("checkout", "-q", "main")
        person.commit("Newer", {"README.md": "Newer.\n"})
        person.git("checkout", "-q", BRANCH)
        person.merge("main", "Bring it up to date")
    person.git("push", "-q", "--force", "origin", BRANCH)
    theirs = scene.remote_tip()
    with pytest.raises(RepositoryFailure, match=why):
        upstream.publish(change(base, "timeout: 90s\n"))
    with pytest.raises(RepositoryFailure, match=why):
        upstream.close(BRANCH, KEY)
    assert scene.remote_tip() == theirs


def test_a_branch_of_another_drift_is_not_ours(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    upstream.publish(change(base))
    with pytest.raises(RepositoryFailure, match=r"belongs to another drift \(3f9c2a\)"):
        upstream.publish(replace(change(base, "timeout: 90s\n"), key="other"))


def test_what_the_base_has_already_is_merged_however_it_came_there(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    wanted = change(base)
    upstream.publish(wanted)
    scene.person_adds("main", {FILE: "timeout: 60s\nretries: 3\n"})
    published = upstream.publish(wanted)
    assert (published.ended, published.commit) == (Ended.MERGED, scene.remote_tip())
    assert upstream.standing(wanted).remote.state is State.MERGED


class Stopped(Exception):
    """Somebody stopped it here."""


def stop(name: str) -> None:
    if name == Boundary.KEPT:
        raise Stopped


def test_standing_before_and_after(scene):
    upstream = scene.upstream()
    seen = upstream.fetch([BRANCH])
    wanted = change(seen.base)
    before = upstream.standing(wanted)
    assert (before.own.state, before.remote.state, before.base) == (State.ABSENT, State.ABSENT, seen.base)
    with pytest.raises(Stopped):
        scene.upstream(Terms(boundary=stop)).publish(wanted)
    commit = scene.clone.git("rev-parse", f"refs/driftbot/heads/{BRANCH}")
    made = upstream.standing(wanted)
    assert (made.own.state, made.own.commit, made.remote.state) == (State.OURS_SAME, commit, State.ABSENT)
    assert upstream.publish(replace(wanted, at=NOW.replace(year=2027))).commit == commit
    other = upstream.standing(change(seen.base, "timeout: 90s\n"))
    assert (other.own.state, other.remote.state) == (State.OURS_OLD, State.OURS_OLD)


def test_what_cannot_be_read_is_not_absent(scene):
    upstream = scene.upstream(base="main")
    wanted = change(upstream.fetch().base)
    upstream.publish(wanted)
    scene.bare.rename(scene.folder / "elsewhere.git")
    standing = upstream.standing(wanted)
    assert standing.remote.state is State.UNREADABLE
    assert "does not appear to be a git repository" in standing.remote.why
    assert standing.own.state is State.OURS_SAME


def test_a_new_file_and_one_taken_away(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    files = (FileChange('deploy/"new" one.yaml', b"a: 1\n"), FileChange("README.md", None))
    upstream.publish(replace(change(base), files=files))
    names = run(scene.bare, "ls-tree", "-r", "-z", "--name-only", BRANCH).split("\0")[:-1]
    assert names == ['deploy/"new" one.yaml', FILE]
    assert upstream.publish(replace(change(base), files=files)).ended is Ended.UNCHANGED


def test_a_working_tree_in_any_state_is_left_as_it_is(scene):
    clone = scene.clone
    clone.write({FILE: "timeout: 1h\n", "untracked.yaml": "x: 1\n", "staged.yaml": "y: 1\n"})
    clone.git("add", "staged.yaml")
    clone.git("checkout", "-q", "--detach")
    (clone.root / ".git/index.lock").touch()
    (clone.root / ".git/MERGE_HEAD").write_text(f"{clone.head}\n")
    before = surroundings(clone.root)
    upstream = scene.upstream()
    base = upstream.fetch().base
    upstream.publish(change(base))
    upstream.publish(change(base, "timeout: 90s\n"))
    assert surroundings(clone.root) == before
    upstream.close(BRANCH, KEY)
    assert surroundings(clone.root) == before


def test_our_own_branch_checked_out_by_a_person_is_left_as_it_is(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    upstream.publish(change(base))
    scene.clone.git("checkout", "-q", "-b", BRANCH, f"refs/driftbot/heads/{BRANCH}")
    before = surroundings(scene.clone.root)
    upstream.publish(change(base, "timeout: 90s\n"))
    assert surroundings(scene.clone.root) == before
    assert scene.clone.git("status", "--short") == ""


def test_hooks_of_the_clone_do_not_run(scene):
    ran = scene.folder / "ran"
    for name in ("pre-push", "reference-transaction", "post-checkout", "pre-commit", "commit-msg"):
        hook = scene.clone.root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {ran}\nexit 1\n")
        hook.chmod(0o755)
    upstream = scene.upstream()
    upstream.publish(change(upstream.fetch().base))
    assert not ran.exists()


def test_a_bare_clone_and_a_mirror(scene):
    for name, option in (("bare", "--bare"), ("mirror", "--mirror")):
        run(scene.folder, "clone", "-q", option, str(scene.bare), name)
        upstream = Upstream.open(scene.folder / name)
        one = replace(change(upstream.fetch().base), branch=f"driftbot/{name}")
        assert upstream.publish(one).ended is Ended.PUSHED
        assert upstream.publish(one).ended is Ended.UNCHANGED


@pytest.mark.parametrize("arguments", [("--depth=1",), ("--filter=blob:none", "--no-checkout"), ("--filter=tree:0",)])
def test_shallow_and_partial_clones(scene, arguments):
    scene.at_remote("config", "uploadpack.allowFilter", "true")
    scene.person_adds("main")
    scene.person_adds("main", {"README.md": "More.\n"})
    run(scene.folder, "clone", "-q", *arguments, f"file://{scene.bare}", "thin")
    upstream = Upstream.open(scene.folder / "thin")
    base = upstream.fetch().base
    assert upstream.read(base, [FILE]) == {FILE: str(FILES[FILE]).encode()}
    assert upstream.publish(change(base)).ended is Ended.PUSHED
    newest = scene.person_adds("main", {"README.md": "Still more.\n"})
    assert upstream.publish(change(newest, "timeout: 90s\n")).ended is Ended.REPLACED
    run(scene.folder, "clone", "-q", *arguments, f"file://{scene.bare}", "later")
    late = Upstream.open(scene.folder / "later")
    assert late.publish(change(newest, "timeout: 91s\n")).ended is Ended.REPLACED
    assert scene.remote_file() == "timeout: 91s"


def test_branches_go_where_the_remote_is_pushed_to(scene):
    """A fork: the base is read in one repository, branches are pushed to another."""
    run(scene.folder, "clone", "-q", "--bare", str(scene.bare), "fork.git")
    scene.clone.git("remote", "set-url", "--push", "origin", str(scene.folder / "fork.git"))
    upstream = scene.upstream()
    newest = scene.person_adds("main")
    wanted = change(newest)
    assert upstream.publish(wanted).ended is Ended.PUSHED
    assert upstream.publish(wanted).ended is Ended.UNCHANGED
    assert upstream.publish(change(newest, "timeout: 90s\n")).ended is Ended.REPLACED
    assert scene.remote_tip() is None
    assert run(scene.folder / "fork.git", "cat-file", "blob", f"{BRANCH}:{FILE}") == "timeout: 90s"
    assert upstream.url == str(scene.folder / "fork.git")


def test_many_changes_at_once_do_not_hold_each_other_back(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    theirs = scene.person_adds("driftbot/2")
    changes = [*(numbered(base, number) for number in range(5)), replace(numbered(base, 5), branch="a..b")]
    outcomes = upstream.publish_all([*changes, numbered(base, 4)])
    assert [one.ended for one in outcomes if isinstance(one, Published)] == [Ended.PUSHED] * 4
    refused = {number: one.kind for number, one in enumerate(outcomes) if isinstance(one, RepositoryFailure)}
    assert refused == {2: Fault.PERSONS_COMMIT, 5: Fault.UNFIT_CHANGE, 6: Fault.UNFIT_CHANGE}
    assert scene.remote_tip("driftbot/2") == theirs
    assert [scene.remote_file(branch=f"driftbot/{n}") for n in (0, 4)] == ["timeout: 0s", "timeout: 4s"]


def test_a_stale_look_costs_a_second_attempt_and_overwrites_nothing(scene):
    upstream = scene.upstream()
    seen = upstream.fetch([BRANCH])
    assert upstream.publish(change(seen.base), seen).ended is Ended.PUSHED
    assert upstream.publish(change(seen.base), seen).ended is Ended.UNCHANGED
    assert upstream.publish(change(seen.base, "timeout: 90s\n"), seen).ended is Ended.REPLACED
    theirs = scene.person_adds()
    with pytest.raises(RepositoryFailure) as caught:
        upstream.publish(change(seen.base, "timeout: 91s\n"), seen)
    assert caught.value.kind is Fault.PERSONS_COMMIT
    assert scene.remote_tip() == theirs


def test_whether_a_commit_was_merged(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    published = upstream.publish(change(base))
    assert published.commit
    assert not upstream.has(base, published.commit)
    scene.person.git("fetch", "-q", "origin")
    scene.person.merge(f"origin/{BRANCH}", "Merge it")
    scene.person.git("push", "-q", "origin", "main")
    assert upstream.has(upstream.fetch().base, published.commit)
    assert not upstream.has(base, "12" * 20)


def test_reading_gives_what_git_stores(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    assert upstream.read(base, [FILE, "nowhere/at.all", FILE]) == {FILE: str(FILES[FILE]).encode()}
    assert upstream.read(base, []) == {}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"branch": "main"}, "main is the base itself"),
        ({"branch": "-x"}, "is no branch's name"),
        ({"branch": "a/b.lock"}, "is no branch's name"),
        ({"branch": "a b"}, "is no branch's name"),
        ({"base": "--output=x"}, "is no commit"),
        ({"key": "two words"}, "is not 1 to 200 visible ASCII characters"),
        ({"files": ()}, "changes no file"),
        ({"files": (FileChange(FILE, b"a"), FileChange(FILE, b"b"))}, "names a file twice"),
        ({"message": " \n"}, "its message is empty"),
        ({"at": NOW.replace(tzinfo=None)}, "its time has no zone"),
        ({"files": (FileChange("../../etc/passwd", b""),)}, r"it has empty parts, `\.` or `\.\.`"),
    ],
)
def test_a_change_that_no_repository_should_store(scene, changed, why):
    upstream = scene.upstream()
    with pytest.raises(RepositoryFailure, match=why):
        upstream.publish(replace(change(upstream.fetch().base), **changed))
    assert scene.remote_tip("driftbot/*") is None


def test_a_message_that_quotes_trailers_of_another_drift_is_no_seal(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    hostile = f"Raise it\n\nDriftbot-Key: other\nDriftbot-Base: {base}\nDriftbot-Content: {'0' * 64}\n"
    upstream.publish(replace(change(base), message=hostile))
    assert upstream.standing(change(base)).remote.state is State.OURS_SAME


def test_no_repository_no_remote_no_base(scene, tmp_path):
    def kind(folder: Path, remote: str = "origin", base: str | None = None) -> Fault:
        with pytest.raises(RepositoryFailure) as caught:
            Upstream.open(folder, remote, base).fetch()
        assert caught.value.next_step or "there is no folder" in str(caught.value)
        return caught.value.kind

    (tmp_path / "plain").mkdir()
    assert kind(tmp_path / "nowhere") is Fault.NO_REPOSITORY
    assert kind(tmp_path / "plain") is Fault.NO_REPOSITORY
    assert kind(scene.clone.root, "elsewhere") is Fault.NO_REMOTE
    assert kind(scene.clone.root, base="trunk") is Fault.NO_BASE
    run(tmp_path, "init", "-q", "--bare", "empty.git")
    run(tmp_path, "clone", "-q", "empty.git", "hollow")
    assert kind(tmp_path / "hollow") is Fault.NO_BASE
    assert kind(tmp_path / "hollow", base="main") is Fault.NO_BASE
    assert kind(scene.clone.root, "--upload-pack=x") is Fault.NO_REMOTE
    assert kind(scene.clone.root, base="main:refs/heads/other") is Fault.NO_BASE
    scene.bare.rename(tmp_path / "moved.git")
    assert kind(scene.clone.root) is Fault.NO_REMOTE


def test_a_change_made_from_a_commit_that_the_clone_lacks(scene):
    with pytest.raises(RepositoryFailure) as caught:
        scene.upstream().publish(change("12" * 20))
    assert caught.value.kind is Fault.INCOMPLETE
