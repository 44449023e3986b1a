"""Kubernetes manifests: every case in fixtures/kubernetes is read to exactly what it names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from driftbot.collectors.collector import Body, Context
from driftbot.collectors.kubernetes_manifests import collector, keys
from driftbot.core.coverage import is_absent
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity
from tests.collectors.golden import AS_OF, Case, Shelf, read_case, run, shown

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "kubernetes").glob("*.txt"))


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


def test_no_key_is_the_beginning_of_another() -> None:
    names = {(key.subject_kind, key.name) for key in keys()}
    assert not [
        (kind, name, other)
        for kind, name in names
        for other_kind, other in names
        if kind == other_kind and other.startswith(f"{name}.")
    ]


def test_absence_is_asserted_only_where_everything_was_read() -> None:
    deployment = next(path for path in CASES if path.stem == "probe_defaults")
    case = read_case(deployment)
    assert is_absent(run(case, collector).coverage, "production", "container", "probe.liveness.handler")
    case.files["broken.yaml"] = b"kind: Deployment\nmetadata:\n\tname: x\n"
    coverage = run(case, collector).coverage
    assert not is_absent(coverage, "production", "container", "probe.liveness.handler")
    assert is_absent(coverage, "production", "job", "timeout.deadline")


def test_a_file_that_could_not_be_opened_hides_everything() -> None:
    class Closed(Shelf):
        def files(self, *_: object) -> Iterator[Body]:
            yield Body("a.yaml", problem="the file cannot be read: permission denied")

    context = Context("source", "production", AS_OF, Closed({}))  # type: ignore[arg-type]
    reading = collector.read(collector.options(path="."), context)
    assert reading.coverage
    assert not any(entry.complete for entry in reading.coverage)


def test_what_one_folder_says_does_not_depend_on_the_order_of_documents() -> None:
    for path in CASES:
        case = read_case(path)
        whole = {name: content.split(b"\n---\n") for name, content in case.files.items()}
        if any(len(parts) > 1 for parts in whole.values()):
            turned = Case("", {name: b"\n---\n".join(reversed(parts)) for name, parts in whole.items()}, case.options)
            first, second = run(case, collector), run(turned, collector)
            assert _said(first.facts) == _said(second.facts), path


def _said(facts: object) -> list[tuple[object, ...]]:
    return sorted((fact.subject, fact.key, str(fact.value), fact.provenance) for fact in facts)  # type: ignore[attr-defined]
