"""Large, hostile and odd files: read or refused in one pass, with the place named."""

import os

import pytest

from driftbot.documents.content import decode
from driftbot.documents.yaml import read_yaml
from driftbot.documents.yaml_composer import MOST_DOUBTS

ONLY_IN_CAMPAIGNS = pytest.mark.skipif(
    not os.environ.get("DRIFTBOT_CAMPAIGN"), reason="20 MB take long; DRIFTBOT_CAMPAIGN=all reads them"
)
RULE = """- alert: Down{number}
  expr: up == {number}
  labels: {{severity: "é"}}
"""


@pytest.mark.parametrize("rules", [10_000, pytest.param(280_000, marks=[pytest.mark.campaign, ONLY_IN_CAMPAIGNS])])
def test_a_large_file_is_read_whole(rules):
    content = "".join(RULE.format(number=number) for number in range(rules)).encode()
    documents = read_yaml(content, "source", "file")
    assert documents.problems == ()
    last = documents.nodes[0].get(-1, "labels", "severity")
    assert content[last.start : last.end] == '"é"'.encode()
    assert last.line == 3 * rules


@pytest.mark.parametrize(
    "content",
    [b"[" * 5_000_000, b"{a: " * 1_000_000, b"- " * 1_000_000, b"&a [" * 500_000],
    ids=["sequences", "mappings", "dashes", "anchors"],
)
def test_depth_is_refused_at_once(content):
    documents = read_yaml(content, "source", "file")
    assert documents.nodes == ()
    assert [problem.message for problem in documents.problems] == ["nested more than 200 levels deep"]


def test_a_bomb_of_merge_keys_is_refused():
    lines = ["a0: &a0 {k0: 1}"] + [
        f"a{number}: &a{number}\n  <<: *a{number - 1}\n  k{number}: 1" for number in range(1, 5000)
    ]
    documents = read_yaml("\n".join(lines).encode(), "source", "file")
    assert "aliases repeat more than 1,000,000 nodes" in documents.problems[0].message


def test_many_broken_documents_are_all_named_and_the_good_ones_kept():
    content = b"---\na: b: c\n---\ngood: 1\n" * 2_000
    documents = read_yaml(content, "source", "file")
    assert len(documents.nodes) == 2_000
    assert [problem.origin.line for problem in documents.problems] == list(range(2, 8_001, 4))


def test_many_duplicate_keys_are_not_all_listed():
    documents = read_yaml(b"a: 1\n" * 10_000, "source", "file")
    assert len(documents.problems) == MOST_DOUBTS + 1
    assert documents.complete


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("a\nb\r\nc\rd", "utf-8"), ("ä\n漢\r\n😀x\r\rd", "utf-8"), ("ä\n漢\r\n😀x\rd", "utf-16"), ("", "utf-8")],
)
def test_places_agree_with_counting(text, encoding):
    decoded = decode(text.encode(encoding), "source", "file")
    for index in range(len(text) + 1):
        before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
        if text[index - 1 : index + 1] == "\r\n":
            continue  # between the two halves of one line end
        expected = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        assert decoded.content.place(decoded.offset(index)) == expected
        assert decoded.index(decoded.offset(index)) == index


def test_a_node_prints_short():
    (root,) = read_yaml(b"a: [1, 2]\n" * 1, "source", "file").nodes
    assert len(repr(root)) < 400
