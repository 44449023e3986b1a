"""Every configuration file of the public service trees is read, or named with the reason."""

import json
import os
import tarfile
from collections import Counter
from pathlib import Path

import pytest
import yaml

from driftbot.documents.format import Format, format_of, read_documents

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def corpus() -> Path:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    return Path(folder)


def test_all_files_of_the_service_trees_are_read_or_named(corpus, capsys):
    outcomes: Counter[str] = Counter()
    with tarfile.open(corpus / "config" / "service-trees.tar.xz") as archive:
        for member in archive:
            if member.isfile():
                outcomes[outcome(member.name, archive.extractfile(member).read())] += 1
    with capsys.disabled():
        print()
        for reason, count in outcomes.most_common():
            print(f"{count:5}  {reason}")
    assert sum(outcomes.values()) == 1012
    assert outcomes["yaml: read"] > 500


def outcome(name: str, content: bytes) -> str:
    format_ = format_of(name)
    if format_ is None:
        return "no format of ours: " + (name.rpartition("/")[2].rpartition(".")[2] or name)
    documents = read_documents(content, "service-trees", name, format_)
    assert documents.complete == all("stands twice" in problem.message for problem in documents.problems)
    if documents.complete:
        assert_same_as_peer(format_, content, documents.nodes)
        return f"{format_}: read"
    assert all(problem.origin.line for problem in documents.problems), name
    first = documents.problems[0].message
    return f"{format_}: " + ("a placeholder is not YAML" if first.startswith("placeholder") else first)


def assert_same_as_peer(format_, content, nodes):
    """Formats with a parser of their own in the standard library or PyYAML must agree with it."""
    if format_ is Format.JSON and len(nodes) == 1:
        assert nodes[0].plain() == json.loads(content)
    if format_ is Format.YAML:
        documents = [document for document in yaml.load_all(content, TextOnly) if document is not None]
        assert [node.plain() for node in nodes] == documents


class TextOnly(yaml.CSafeLoader):
    """PyYAML's loader with timestamps and keys left as text, as documents leave them."""

    def construct_mapping(self, node, deep=False):  # noqa: ARG002
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


TextOnly.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
