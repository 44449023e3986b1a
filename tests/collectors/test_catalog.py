"""Catalogs: every case in fixtures/catalog is read to exactly what it names."""

from pathlib import Path

import pytest

from driftbot.collectors.backstage import Reference, read_reference
from driftbot.collectors.catalog import collector, keys
from driftbot.core.coverage import is_absent
from driftbot.core.graph import paths
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity
from tests.collectors.golden import read_case, run, shown

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "catalog").glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path: Path) -> None:
    case = read_case(path)
    assert case.expected, f"{path} expects nothing"
    reading = run(case, collector)
    for (heading, argument), expected in case.expected.items():
        assert shown(case, reading, heading, argument) == expected, case.title


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_every_fact_is_of_a_declared_key_and_unit(path: Path) -> None:
    vocabulary = Vocabulary(keys())
    for fact in run(read_case(path), collector).facts:
        key = vocabulary.get(fact.subject.kind, fact.key)
        assert key.unit == (fact.value.unit if isinstance(fact.value, Quantity) else None), fact


def test_each_environment_that_a_service_names_is_covered() -> None:
    (path,) = (path for path in CASES if path.stem == "services")
    coverage = run(read_case(path), collector).coverage
    assert is_absent(coverage, "staging", "call", "timeout.request")
    assert is_absent(coverage, "production", "call", "timeout.request")
    assert not is_absent(coverage, "elsewhere", "call", "timeout.request")


def test_calls_make_a_graph() -> None:
    (path,) = (path for path in CASES if path.stem == "backstage")
    subjects = {fact.subject for fact in run(read_case(path), collector).facts if fact.subject.kind == "call"}
    assert [one.subject.name for one in paths(subjects)] == ["cart->cart-db", "cart->pay", "cart->tools/audit"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("pay", Reference("component", "default", "pay")),
        ("resource:db", Reference("resource", "default", "db")),
        ("Component:Tools/audit", Reference("component", "tools", "audit")),
        ("tools/audit", Reference("component", "tools", "audit")),
    ],
)
def test_references(written: str, expected: Reference) -> None:
    assert read_reference(written, "component", "default") == expected
