"""Pieces of a file: what they hold, and that what is proved of one is true of the whole file."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from driftbot.documents.format import Format
from driftbot.documents.node import Shape
from driftbot.edits.diff import Change, changed
from driftbot.edits.insertion import insert_value
from driftbot.edits.piece import Piece, pieces
from driftbot.edits.proof import is_proved
from driftbot.edits.setting_file import SettingFile
from tests.edits.setting_files import GENERATORS, NEW

FORMATS = sorted(GENERATORS)
TRIES = [200, pytest.param(10_000, marks=pytest.mark.campaign)]
FRAGMENTS = (
    *NEW, "x, y", "5]", "}", "{", "x: y", "|", ">-", "'", '"', "# c", "\n", "\r\n", "\n---\n", "\n---\n#", "\n...\n",
    "x\ny: 5", "\n  z",
    "5 #", "?", "- ", "&b 5", "*a1", "!!int 5", "\\", "\\\n", "= 5", "[x]", "\n[x]\n", '"""', "'''", "5,", ",", ":",
    ": ", "\ufeff",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "place", "expected"),
    [
        ("a.yaml", b"a:\n  b: 5  # x\n  c: 6\n", (0, "a", "b"), b"  b: 5  # x\n"),
        ("a.yaml", b"a:\n- b: 5\n  c: 6\n", (0, "a", 0, "b"), b"  b: 5\n"),
        ("a.yaml", b"a:\n- - 5\n", (0, "a", 0, 0), b"    5\n"),
        ("a.yaml", b"a:\n  b: {c: 5,\n      d: 6}\n", (0, "a", "b", "d"), b"  b: {c: 5,\n      d: 6}\n"),
        ("a.yaml", b"a:\n  b: |\n    x\n\n  c: 6\n", (0, "a", "b"), b"  b: |\n    x\n"),
        ("a.yaml", b"{\n  a: 5,\n  b: 6\n}\n", (0, "b"), b"{\n  a: 5,\n  b: 6\n}\n"),
        ("a.yaml", b"\xef\xbb\xbfa: 5\nb: 6\n", (0, "a"), b"a: 5\n"),
        ("a.json", b'{"a": [5, {"b": "c"}]}', (0, "a", 1, "b"), b'"c"'),
        ("a.toml", b"[x]\na.b = 5  # c\nc = 6\n", (0, "x", "a", "b"), b"a.b = 5  # c\n"),
        ("a.toml", b'a = """\nx\n"""\nb = 6\n', (0, "a"), b'a = """\nx\n"""\n'),
        ("a.properties", b"a = x\\\n  y\nb = 6\n", (0, "a"), b"a = x\\\n  y\n"),
        ("a.ini", b"[s]\na = x\n  y\nb = 6\n", (0, "s", "a"), b"a = x\n  y\n"),
    ],
)
def test_the_smallest_piece_is_the_entry_that_begins_its_line(name, content, place, expected):
    assert next(pieces(SettingFile(name, content), place)).of(content) == expected


def whole_file_says(file: SettingFile, start: int, change: Change, wanted: str) -> bool:
    """Whether, read whole before and after, exactly the scalar that starts there is another."""
    after = file.changed(changed(file.content, [change]))
    if not after.documents.complete or len(file.leaves) != len(after.leaves):
        return False
    found = next(node for _, node in file.nodes if node.shape is Shape.SCALAR and node.start == start)
    pairs = [(was, now) for was, now in zip(file.leaves, after.leaves, strict=True) if was != now]
    return [(was.location, now.text) for was, now in pairs] == [(file.locations(found)[0], wanted)]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("tries", TRIES)
def test_what_is_proved_of_a_piece_is_true_of_the_whole_file(format, tries):
    if tries > 200 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")

    def judge(draw: Random, fragment: str) -> None:
        written = GENERATORS[format](draw)
        file = SettingFile(f"a.{format}", written.content, Format(format))
        assume(file.documents.complete and file.encoding == "utf-8" and written.places)
        node = file.node(draw.choice(written.places))
        assert node is not None
        assume(len(file.locations(node)) == 1 and node.start < node.end)
        start = draw.randrange(node.start, node.end)
        change = Change(start, draw.randrange(start, node.end + 1), fragment.encode())
        after = file.changed(changed(file.content, [change]))
        wanted = after.node(file.locations(node)[0]) if after.documents.complete and not after.masked else None
        assume(wanted is not None and wanted.shape is Shape.SCALAR)
        assert wanted is not None
        proved = is_proved(file, node, file.locations(node)[0], change, wanted.text)
        event(f"proved: {proved}")
        assert not proved or whole_file_says(file, node.start, change, wanted.text), (written.content, change)

    given(st.randoms(use_true_random=False), st.sampled_from(FRAGMENTS))(
        settings(max_examples=tries, deadline=None, suppress_health_check=list(HealthCheck))(judge)
    )()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, b"# first\na: 1\n---\n# c\n"),
        (1, b"---\n# c\nb: 2\n...\n%YAML 1.1\n---\n"),
        (2, b"...\n%YAML 1.1\n---\nc: 3"),
    ],
)
def test_a_document_is_a_piece_with_what_stands_around_it(number, expected):
    content = b"# first\na: 1\n---\n# c\nb: 2\n...\n%YAML 1.1\n---\nc: 3"
    file = SettingFile("a.yaml", content)
    found = list(pieces(file, (number,)))
    assert [piece.of(content) for piece in found] == [expected, content]
    assert insert_value(file, (number,), "new", 5).apply(content).count(b"new: 5") == 1


def test_a_piece_that_is_none_alone_gives_way_to_a_larger_one():
    content = b"x: &x {t: 5}\na:\n  <<: *x\n  b: {c: *x, d: 6}\n"
    file = SettingFile("a.yaml", content)
    node = file.node((0, "a", "b", "d"))
    assert node is not None
    assert list(pieces(file, (0, "a", "b", "d")))[-1] == Piece(0, len(content))
    assert is_proved(file, node, (0, "a", "b", "d"), Change(node.start, node.end, b"7"), "7")
    assert not is_proved(file, node, (0, "a", "b", "d"), Change(node.start, node.end, b"7, e: 8"), "7")
