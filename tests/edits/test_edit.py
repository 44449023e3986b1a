"""Edits and their diffs; git takes them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.edits.diff import unified_diff
from driftbot.edits.edit import Edit, Refused

LINES = [f"line {number}" for number in range(1, 13)]


def applied(folder, before, diff):
    """What git makes of the text by the diff."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "a.yaml").write_bytes(before.encode())
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], input=diff.encode(), cwd=folder, check=True)
    return (folder / "a.yaml").read_bytes().decode()


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("separator", ["\n", "\r\n"])
@pytest.mark.parametrize("changed", [0, 1, 5, 10, 11])
def test_git_applies_the_diff(tmp_path, changed, separator, end):
    before = separator.join(LINES) + end
    after = before.replace(f"line {changed + 1}", "other", 1)
    diff = unified_diff("a.yaml", before, after)
    assert applied(tmp_path, before, diff) == after
    assert diff.count("\n-") == 1
    assert diff.count("\n+") == 2


def test_a_diff_reads_as_git_writes_it():
    before = "\n".join(LINES) + "\n"
    assert unified_diff("a.yaml", before, before.replace("line 5", "LINE 5")) == (
        "--- a/a.yaml\n+++ b/a.yaml\n@@ -2,7 +2,7 @@\n"
        " line 2\n line 3\n line 4\n-line 5\n+LINE 5\n line 6\n line 7\n line 8\n"
    )


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_equal_texts_have_no_diff_and_others_have_one(before, after):
    told = unified_diff("a", "\n".join(before), "\n".join(after))
    assert bool(told) is ("\n".join(before) != "\n".join(after))


def test_an_edit_is_applied_only_where_its_old_bytes_stand():
    edit = Edit("a.yaml", 4, 5, b"5", b"7", 1, "")
    assert edit.apply(b"x > 5") == b"x > 7"
    with pytest.raises(Refused, match=r"a\.yaml:1: the file has changed"):
        edit.apply(b"x > 6")
