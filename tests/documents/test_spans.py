"""Property tests: what a span covers re-parses to the value, in every format, encoding and line end."""

import configparser
import json
import math
import tomllib

import javaproperties
import pytest
import tomlkit
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from driftbot.documents.documents import Documents
from driftbot.documents.ini import read_ini
from driftbot.documents.json import read_json
from driftbot.documents.node import Node, Shape
from driftbot.documents.properties import read_properties
from driftbot.documents.toml import read_toml
from driftbot.documents.yaml import read_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\n\t :#-é漢😀'\""), max_size=12)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def scalars(documents: Documents) -> list[Node]:
    return [node for root in documents.nodes for _, node in root.walk() if node.shape is Shape.SCALAR]


def covered(content: bytes, node: Node) -> str:
    return content[node.start : node.end].decode(node.content.encoding)


class TextOnly(yaml.SafeLoader):
    """PyYAML's loader with timestamps left as text, as documents leave them."""


TextOnly.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@given(
    tree=TREES,
    flow=st.sampled_from([True, False, None]),
    style=st.sampled_from([None, None, "'", '"', "|", ">"]),
    unicode=st.booleans(),
    width=st.sampled_from([20, 1000]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@example({"é": "x\n\n"}, False, "|", True, 20, "\n", "utf-16")
def test_yaml_spans_re_parse_to_the_value(tree, flow, style, unicode, width, line_end, encoding):
    text = yaml.safe_dump(tree, default_flow_style=flow, default_style=style, allow_unicode=unicode, width=width)
    content = text.replace("\n", line_end).encode(encoding)
    documents = read_yaml(content, "source", "file.yaml")
    assert documents.problems == ()
    if not documents.nodes:
        assert tree is None
        return
    assert documents.nodes[0].plain() == yaml.load(text, TextOnly)
    for node in scalars(documents):
        if node.tag or covered(content, node)[:3].strip(">|-+ \r\n").isdigit():
            continue  # a tag stands before the span, and an indentation indicator counts from the parent
        assert same(yaml.load(covered(content, node) or "''", TextOnly), node.value)


def same(left, right):
    return left == right or (isinstance(left, float) and isinstance(right, float) and math.isclose(left, right))


@given(
    tree=TREES, indent=st.sampled_from([None, 2]), ascii=st.booleans(), encoding=st.sampled_from(["utf-8", "utf-16"])
)
def test_json_spans_re_parse_to_the_value(tree, indent, ascii, encoding):
    content = json.dumps(tree, indent=indent, ensure_ascii=ascii).encode(encoding)
    documents = read_json(content, "source", "file.json")
    assert documents.problems == ()
    assert documents.nodes[0].plain() == tree
    for _, node in documents.nodes[0].walk():
        assert json.loads(covered(content, node)) == node.plain()


TOML_LEAVES = (
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
TOML_TREES = st.recursive(
    TOML_LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(tree=st.dictionaries(TEXTS, TOML_TREES, max_size=5), line_end=st.sampled_from(["\n", "\r\n"]))
def test_toml_spans_re_parse_to_the_value(tree, line_end):
    text = tomlkit.dumps(tree).replace("\n", line_end)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the writer's mistake, not the reader's
    content = text.encode()
    documents = read_toml(content, "source", "file.toml")
    assert documents.problems == ()
    assert documents.nodes[0].plain() == expected
    for node in scalars(documents):
        assert tomllib.loads(f"x = {covered(content, node)}")["x"] == node.value


@given(
    tree=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=5),
    separator=st.sampled_from(["=", ":", " ", " = "]),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
)
def test_properties_spans_re_parse_to_the_value(tree, separator, encoding):
    content = javaproperties.dumps(tree, separator=separator, timestamp=False, ensure_ascii=True).encode(encoding)
    documents = read_properties(content, "source", "file.properties")
    assert documents.problems == ()
    assert documents.nodes[0].plain() == tree
    for name, node in documents.nodes[0].members.items():
        assert javaproperties.loads(f"k={covered(content, node.value)}") == {"k": tree[name]}


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@given(
    sections=st.dictionaries(WORDS, st.dictionaries(WORDS, st.lists(WORDS, max_size=3).map(" ".join), max_size=4)),
    line_end=st.sampled_from(["\n", "\r\n"]),
    separator=st.sampled_from(["=", ": ", " = "]),
)
def test_ini_reads_what_configparser_reads(sections, line_end, separator):
    lines = [
        line
        for name, pairs in sections.items()
        for line in (f"[{name}]", *(f"{key}{separator}{value}" for key, value in pairs.items()))
    ]
    content = line_end.join(lines).encode()
    peer = configparser.RawConfigParser(default_section="none of these")
    peer.optionxform = str
    peer.read_string(content.decode())
    documents = read_ini(content, "source", "file.ini")
    assert documents.problems == ()
    assert documents.nodes[0].plain() == {name: dict(peer[name]) for name in peer.sections()}
    for node in scalars(documents):
        assert covered(content, node) == node.value


READERS = [read_yaml, read_json, read_toml, read_ini, read_properties]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(content=st.binary(max_size=60) | st.text("a1:-=[]{}\"'&*!|>#%\n\t ,.é", max_size=60).map(str.encode))
def test_no_bytes_crash_a_reader(read, content):
    documents = read(content, "source", "file")
    for node in documents.nodes:
        node.plain()
        for _, below in node.walk():
            assert 0 <= below.start <= below.end <= len(content)
            assert below.line >= 1
            assert below.column >= 1
    assert documents.complete or documents.problems
