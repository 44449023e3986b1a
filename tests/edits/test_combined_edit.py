"""Several edits of one file as one."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.edits.combined_edit import combined
from driftbot.edits.edit import Edit, Refused

LINES = [f"line {number:02}" for number in range(30)]


def edit(content: bytes, number: int) -> Edit:
    start = content.index(b"line %02d" % number) + 5
    return Edit("a.yaml", start, start + 2, content[start : start + 2], b"other", number + 1, "")


@given(
    numbers=st.lists(st.integers(0, 29), min_size=1, max_size=6, unique=True),
    separator=st.sampled_from(["\n", "\r\n"]),
    end=st.sampled_from(["\n", ""]),
)
def test_git_makes_all_of_them_with_one_diff(tmp_path_factory, numbers, separator, end):
    folder = tmp_path_factory.mktemp("edited")
    content = (separator.join(LINES) + end).encode()
    whole = combined([edit(content, number) for number in numbers], content)
    expected = separator.join("line other" if at in numbers else line for at, line in enumerate(LINES)) + end
    assert whole.apply(content) == expected.encode()
    assert whole.line == min(numbers) + 1
    assert whole.diff.count("\n-") == whole.diff.count("\n+") - 1 == len(numbers)
    (folder / "a.yaml").write_bytes(content)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=whole.diff.encode(), check=True)
    assert (folder / "a.yaml").read_bytes() == expected.encode()


def test_edits_of_the_same_bytes_are_refused():
    content = "\n".join(LINES).encode()
    with pytest.raises(Refused, match=r"a\.yaml:4: another edit changes the same text"):
        combined([edit(content, 3), edit(content, 3)], content)
