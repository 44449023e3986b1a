"""The proof of an edit: what it lets through, and every way in which an edit is wrong."""

from __future__ import annotations

import pytest

from driftbot.edits.diff import Change
from driftbot.edits.proof import is_inserted, is_proved
from driftbot.edits.setting_file import SettingFile

CONTENT = b"a:\n  b: x  # c\n  d: 5\n"


def proved(start: int, end: int, new: bytes, wanted: str, content: bytes = CONTENT, name: str = "a.yaml") -> bool:
    file = SettingFile(name, content)
    node = file.node((0, "a", "b"))
    assert node is not None
    return is_proved(file, node, (0, "a", "b"), Change(start, end, new), wanted)


@pytest.mark.parametrize(
    ("start", "end", "new", "wanted", "verdict"),
    [
        (8, 9, b"y", "y", True),
        (8, 9, b"'5'", "5", True),
        (8, 9, b"y", "z", False),
        (8, 9, b"x", "x", False),
        (8, 9, b"5", "5", False),
        (8, 9, b"on", "on", False),
        (8, 9, b"!t y", "y", False),
        (8, 9, b"y\n  e: 6", "y", False),
        (8, 9, b"y\n---\n", "y", False),
        (8, 9, b"'y", "y", False),
        (8, 9, b"{{ y }}", "xxxxxxx", False),
        (5, 9, b"e: y", "y", False),
        (8, 21, b"y\n  d: 6", "y", False),
        (8, 14, b"y", "y", True),
    ],
)
def test_one_value_is_another_or_nothing_is_proved(start, end, new, wanted, verdict):
    assert proved(start, end, new, wanted) is verdict


def test_a_date_of_toml_is_no_text_and_a_string_is():
    assert proved(4, 14, b"5", "5", b"a.b=2024-01-31\n", "a.toml")
    assert not proved(4, 16, b"5", "5", b'a.b="2024-01-31"\n', "a.toml")


@pytest.mark.parametrize(
    ("start", "end", "new", "verdict"),
    [
        (22, 22, b"  e: 6\n", True),
        (22, 22, b"  e: 7\n", False),
        (22, 22, b"  e: '6'\n", False),
        (22, 22, b"  e: !t 6\n", False),
        (22, 22, b"  e: 6\n  f: 7\n", False),
        (22, 22, b"e: 6\n", False),
        (22, 22, b"  e: 6\n  d: 5\n", False),
        (20, 22, b"7\n  e: 6\n", False),
        (22, 22, b"  e: 6", True),
        (22, 22, b"  e: [\n", False),
    ],
)
def test_a_value_is_there_for_the_first_time_or_nothing_is_proved(start, end, new, verdict):
    file = SettingFile("a.yaml", CONTENT)
    node = file.node((0, "a"))
    assert node is not None
    assert len(CONTENT) == 22
    assert is_inserted(file, node, (0, "a"), Change(start, end, new), ("e",), 6) is verdict
