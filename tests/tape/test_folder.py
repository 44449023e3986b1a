"""Files below a folder: what is read, what is named as a problem, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from driftbot.tape import folder
from driftbot.tape.folder import read_folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("a.yaml", "b/c.yaml", "b/d.yml", "b/e.txt", ".git/config.yaml", "templates/x.yaml"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


def locators(root, include=(), exclude=()):
    return [body.locator for body in read_folder(root, include, exclude)]


@pytest.mark.parametrize(
    ("include", "exclude", "found"),
    [
        (["*.yaml"], [], ["a.yaml", "b/c.yaml", "templates/x.yaml"]),
        (["**/*.yaml", "**/*.yml"], ["templates/"], ["a.yaml", "b/c.yaml", "b/d.yml"]),
        (["/*.yaml"], [], ["a.yaml"]),
        (["b/"], ["*.txt"], ["b/c.yaml", "b/d.yml"]),
        ([], [], ["a.yaml", "b/c.yaml", "b/d.yml", "b/e.txt", "templates/x.yaml"]),
    ],
)
def test_patterns_are_those_of_gitignore(tree, include, exclude, found):
    assert locators(tree, include, exclude) == found


def test_links_are_followed_inside_the_root_only(tree, tmp_path):
    (tmp_path / "secret.yaml").write_text("outside")
    (tree / "inside.yaml").symlink_to(tree / "b" / "c.yaml")
    (tree / "outside.yaml").symlink_to(tmp_path / "secret.yaml")
    (tree / "broken.yaml").symlink_to(tree / "nowhere")
    (tree / "folder").symlink_to(tmp_path)
    (tree / "circle").symlink_to(tree)
    bodies = {body.locator: body for body in read_folder(tree, ["*.yaml"], [])}
    assert bodies["inside.yaml"].content == b"b/c.yaml"
    assert "outside" in bodies["outside.yaml"].problem and not bodies["outside.yaml"].content
    assert "leads nowhere" in bodies["broken.yaml"].problem
    assert "outside" in bodies["folder"].problem
    assert "circle" not in bodies


def test_a_mounted_config_map_is_read_once(tmp_path):
    data = tmp_path / "..2026_11_01"
    data.mkdir()
    (data / "rules.yml").write_text("groups: []")
    (tmp_path / "..data").symlink_to(data.name)
    (tmp_path / "rules.yml").symlink_to(Path("..data") / "rules.yml")
    assert locators(tmp_path) == ["rules.yml"]


def test_a_large_file_is_named_and_not_read(tree, monkeypatch):
    monkeypatch.setattr(folder, "MAX_BYTES", 4)
    problems = [body.problem for body in read_folder(tree, ["/a.yaml"], [])]
    assert problems == ["the file has 6 bytes; files above 4 are not read"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(tree):
    (tree / "a.yaml").chmod(0)
    assert "permission denied" in next(read_folder(tree, ["/a.yaml"], [])).problem


def test_a_missing_root_is_one_body_with_its_problem(tmp_path):
    (body,) = read_folder(tmp_path / "nowhere", [], [])
    assert "nowhere cannot be opened: no such file or directory" in body.problem


def test_a_root_may_be_one_file(tree):
    (body,) = read_folder(tree / "b" / "c.yaml", ["*.json"], [])
    assert (body.locator, body.content) == ("c.yaml", b"b/c.yaml")
