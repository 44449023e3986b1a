"""Places in a tree that are written, and those that are not: links, submodules, folders; modes and odd names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.repository.change import FileChange
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.file_path import check_path
from driftbot.repository.git_process import Git
from driftbot.repository.tree import entries
from tests.repository.scene import BRANCH, Scene, change, run


@pytest.fixture
def rich(scene: Scene) -> Scene:
    """A tree with a link to a file, one to a folder, one out of the repository, a submodule and a script."""
    root = scene.clone.root
    scene.clone.write({"real/values.yaml": "a: 1\n", "run.sh": "#!/bin/sh\n"})
    (root / "linked.yaml").symlink_to("real/values.yaml")
    (root / "folder").symlink_to("real")
    (root / "out").symlink_to("/etc")
    (root / "run.sh").chmod(0o755)
    scene.clone.git("update-index", "--add", "--cacheinfo", f"160000,{scene.clone.head},module")
    scene.clone.git("add", "real", "run.sh", "linked.yaml", "folder", "out")
    scene.clone.git("commit", "-q", "-m", "Rich")
    scene.clone.git("push", "-q", "origin", "main")
    return scene


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("linked.yaml", "it is a symbolic link"),
        ("folder/values.yaml", "folder is a symbolic link"),
        ("folder/new.yaml", "folder is a symbolic link"),
        ("out/passwd", "out is a symbolic link"),
        ("module", "it is a submodule"),
        ("module/deep/file.yaml", "module is a submodule"),
        ("real", "it is a folder"),
        ("run.sh/below", "run.sh is a file"),
    ],
)
def test_a_place_that_is_no_file_is_neither_written_nor_read(rich, path, why):
    upstream = rich.upstream()
    base = upstream.fetch().base
    for attempt in (lambda: upstream.publish(change(base, "a: 2\n", path)), lambda: upstream.read(base, [path])):
        with pytest.raises(RepositoryFailure, match=why) as caught:
            attempt()
        assert caught.value.kind is Fault.UNSAFE_PATH
    assert rich.remote_tip() is None


def test_a_mode_stays_and_a_new_file_is_plain(rich):
    upstream = rich.upstream()
    base = upstream.fetch().base
    files = (FileChange("run.sh", b"#!/bin/sh\ntrue\n"), FileChange("new/run.sh", b"#!/bin/sh\n"))
    upstream.publish(replace(change(base), files=files))
    modes = run(rich.bare, "ls-tree", "-r", "--format=%(objectmode) %(path)", BRANCH).splitlines()
    assert {"100755 run.sh", "100644 new/run.sh", "120000 linked.yaml", "120000 out"} <= set(modes)
    assert f"160000 {rich.clone.git('rev-parse', 'HEAD~1')}" in run(rich.bare, "ls-tree", BRANCH, "module").replace(
        " commit", ""
    )


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a/", "C:/x", ".git/config", "a/.GIT/hooks/x", "git~1/x",
     ".g\u200cit/config", ".git. /x", "a\nb", "a\0b", "a\x1bb"],
)  # fmt: skip
def test_a_path_that_leaves_the_repository_or_enters_gits_folder(path):
    with pytest.raises(RepositoryFailure) as caught:
        check_path(path)
    assert caught.value.kind is Fault.UNSAFE_PATH
    assert "\x1b" not in str(caught.value)


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_path_that_is_let_through_stays_below_the_root(parts):
    path = "/".join(parts)
    try:
        check_path(path)
    except RepositoryFailure:
        return
    walked = path.split("/")
    assert not path.startswith("/")
    assert not {"", ".", "..", ".git"} & {part.casefold() for part in walked}


def test_odd_names_arrive_as_they_are(scene):
    upstream = scene.upstream()
    base = upstream.fetch().base
    names = sorted(
        [
            "a b.yaml",
            '"quoted".yaml',
            "back\\slash.yaml",
            "ümlaut/雪.yaml",
            "-dash.yaml",
            ":(top)x",
            "*.yaml",
            "lat\udce9n.yaml",
        ]
    )
    files = tuple(FileChange(name, name.encode("utf-8", "surrogateescape")) for name in names)
    upstream.publish(replace(change(base), files=files))
    commit = scene.remote_tip()
    assert commit
    assert sorted(upstream.read(commit, names)) == names
    assert all(body == name.encode("utf-8", "surrogateescape") for name, body in upstream.read(commit, names).items())


def test_more_paths_than_a_command_line_holds(scene):
    folder = "a-rather-long-name-of-a-folder/" * 3
    scene.clone.commit("Many", {f"{folder}{number}.yaml": f"{number}\n" for number in range(2500)})
    paths = [f"{folder}{number}.yaml" for number in range(2500)]
    found = entries(Git(scene.clone.root), scene.clone.head, paths)
    assert sum(entry.is_file for entry in found.values()) == 2500
