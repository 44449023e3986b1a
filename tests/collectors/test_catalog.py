"""Catalogs: every case in fixtures/catalog is read to exactly what it names."""

from pathlib import Path

import pytest

from driftbot.collectors.backstage import Reference, read_reference
from driftbot.collectors.catalog import collector, keys
from driftbot.core.coverage import is_absent
from driftbot.core.graph import paths
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity
from tests.collectors.golden import Case, read_case, run, shown

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


GOOD = "services: [{name: cart, owner: web, calls: [{to: mail, timeout: 3s}]}]\n"
BROKEN = "services:\n\t- {name: mail}\n"
ODD = "services: [{name: rank, teer: 1}]\n"


@pytest.mark.parametrize(
    ("kind", "name", "key", "absent"),
    [
        pytest.param("service", "cart", "tier", True, id="a service that was read has no tier"),
        pytest.param("call", "cart->mail", "retries.max", True, id="nor its call retries"),
        pytest.param(
            "service", "cart", "calls", False, id="whom it calls may follow from what another entity provides"
        ),
        pytest.param("service", "mail", "tier", False, id="a service that only the broken file holds"),
        pytest.param("service", "rank", "tier", False, id="a service with a field that nobody reads"),
    ],
)
def test_what_is_settled_beside_a_broken_file(kind: str, name: str, key: str, absent: bool) -> None:
    files = {"good.yaml": GOOD.encode(), "broken.yaml": BROKEN.encode(), "odd.yaml": ODD.encode()}
    reading = run(Case("", files), collector)
    told = {fact.origin.source for fact in reading.facts if (fact.subject.kind, fact.subject.name) == (kind, name)}
    assert is_absent(reading.coverage, "production", kind, key, name, told) is absent
    assert not is_absent(reading.coverage, "production", kind, key)
