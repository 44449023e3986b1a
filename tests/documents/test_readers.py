"""Golden cases of every format: ``fixtures/documents/<format>/<case>.yaml``, one case a file."""

from pathlib import Path

import pytest
import yaml

from driftbot.documents.documents import Documents
from driftbot.documents.format import Format, format_of, read_documents

FIXTURES = Path(__file__).parents[2] / "fixtures" / "documents"
CASES = sorted(FIXTURES.glob("*/*.yaml"))


def places(documents: Documents) -> dict[str, str]:
    return {
        ".".join(map(str, (number, *path))): f"{node.line}:{node.column} {node.start}-{node.end} {node.raw}"
        + (f" {node.tag}" if node.tag else "")
        for number, root in enumerate(documents.nodes)
        for path, node in root.walk()
        if node.tag or not node.children
    }


def test_every_format_has_cases():
    assert {path.parent.name for path in CASES} == set(Format)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_reads_as_its_case_says(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    content = case["content"] if isinstance(case["content"], bytes) else case["content"].encode()
    documents = read_documents(content, "source", "file", Format(path.parent.name))
    assert [root.plain() for root in documents.nodes] == case["documents"]
    assert [str(problem) for problem in documents.problems] == case.get("problems", [])
    assert documents.complete is case["complete"]
    assert places(documents) == case.get("places", places(documents))


@pytest.mark.parametrize(
    ("locator", "format_"),
    [
        ("a/b.YML", Format.YAML),
        ("a.yaml", Format.YAML),
        ("my.cnf", Format.INI),
        ("x.properties", Format.PROPERTIES),
        ("Cargo.toml", Format.TOML),
        ("toml", None),
        ("a.yaml/README", None),
        ("a.conf", None),
    ],
)
def test_the_suffix_says_the_format(locator, format_):
    assert format_of(locator) is format_
