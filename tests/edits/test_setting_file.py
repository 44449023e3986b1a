"""Leaves: everything in a file that must not change when something else is edited, whatever it looks like."""

from __future__ import annotations

import pytest

from driftbot.edits.edit import Refused
from driftbot.edits.setting_file import SettingFile


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a: []", b"a: {}"), (b"a: [b]", b"a: {0: b}"), (b"a: 5", b"a: '5'"), (b"a: 5", b"b: 5"), (b"a:", b"a: ''"),
        (b"a: !x [1]", b"a: !y [1]"), (b"a: !x 1", b"a: !y 1"), (b"a: 1\n---\nb: 2", b"a: 1\nb: 2"),
        (b"a: &x 1\nb: *x", b"a: 1\nb: 2"), (b"a: |\n  x\n", b"a: x"),
    ],
)  # fmt: skip
def test_files_that_mean_something_else_have_other_leaves(before, after):
    assert SettingFile("a.yaml", before).leaves != SettingFile("a.yaml", after).leaves


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"a: 5", b"a:   5  # five"), (b"a: [x, y]", b"a:\n- x\n- 'y'\n"), (b"a: &x 1\nb: *x", b"a: 1\nb: 1")],
)
def test_files_that_mean_the_same_have_the_same_leaves(before, after):
    assert SettingFile("a.yaml", before).leaves == SettingFile("a.yaml", after).leaves


def test_a_value_is_found_by_its_bytes_and_named_by_all_that_it_feeds():
    file = SettingFile("a.yaml", b"a: &x 5m\nb: {c: *x}\n")
    node = file.at(6, 8)
    assert node.text == "5m"
    assert file.locations(node) == ((0, "a"), (0, "b", "c"))
    with pytest.raises(Refused, match="what was read stands elsewhere now"):
        file.at(5, 8)


def test_a_file_that_cannot_be_read_whole_is_named_with_its_line():
    file = SettingFile("a.yaml", b"a: 5\nb: {{ .Values.b\n")
    with pytest.raises(Refused, match=r"cannot be read whole: a\.yaml:2"):
        file.at(3, 4)
