"""Paths over documents: what is found, where it stands, and what is no path."""

import pytest

from driftbot.documents.path import BadPath, Path
from driftbot.documents.yaml import read_yaml

FILE = b"""\
clients:
  - name: cart
    time-out: 5s
    "a.b": 1
  - name: pay
    time-out: 9s
    pool: {size: 4}
other: {size: 8}
"""
ROOT = read_yaml(FILE, "source", "file").nodes[0]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [((), 1)]),
        ("$.clients[*].name", [(("clients", 0, "name"), 2), (("clients", 1, "name"), 5)]),
        ("$.clients[*].time-out", [(("clients", 0, "time-out"), 3), (("clients", 1, "time-out"), 6)]),
        ("$['clients'][0]['a.b']", [(("clients", 0, "a.b"), 4)]),
        ("$.clients[?@.name == 'pay'].time-out", [(("clients", 1, "time-out"), 6)]),
        ("$..size", [(("other", "size"), 8), (("clients", 1, "pool", "size"), 7)]),
        ("$.clients[-1].name", [(("clients", 1, "name"), 5)]),
        ("$.clients[?@['time-out'] == '5s'].name", [(("clients", 0, "name"), 2)]),
        ("$.nothing", []),
        ("$.clients.name", []),
    ],
)
def test_a_path_finds_nodes_with_their_places(path, found):
    matches = list(Path(path).find(ROOT))
    assert sorted((match.location, match.node.line) for match in matches) == sorted(found)
    assert all(ROOT.get(*match.location) is match.node for match in matches)


def test_a_hyphen_inside_quotes_is_left_alone():
    assert [match.node.text for match in Path("$.clients[?@.name == 'x.time-out'].name").find(ROOT)] == []
    assert [match.node.text for match in Path("$..time-out").find(ROOT)] == ["5s", "9s"]


@pytest.mark.parametrize("text", ["clients", "$[", "$.a[?@.x==]", "", "$..", "$.a b"])
def test_what_is_no_path_is_refused_with_its_text(text):
    with pytest.raises(BadPath) as error:
        Path(text)
    assert repr(text) in str(error.value)


def test_the_deepest_document_a_reader_takes_can_be_searched():
    content = b"{a: " * 199 + b"1" + b"}" * 199
    (root,) = read_yaml(content, "source", "file").nodes
    assert len(list(Path("$..a").find(root))) == 199
