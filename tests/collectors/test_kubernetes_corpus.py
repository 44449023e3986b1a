"""All public service trees: every manifest is read or named with the reason, and probes agree with a plain reading."""

import os
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from driftbot.collectors.collector import Context
from driftbot.collectors.kubernetes_manifests import collector, keys
from driftbot.core.fact import Fact, Provenance
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity
from driftbot.core.snapshot import Reading
from tests.collectors.golden import AS_OF, Shelf

pytestmark = pytest.mark.corpus

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob"}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    found = {}
    with tarfile.open(Path(folder) / "config" / "service-trees.tar.xz") as archive:
        for member in archive:
            if member.isfile():
                found[member.name.removeprefix("./")] = archive.extractfile(member).read()  # type: ignore[union-attr]
    assert len(found) == 1012
    return {name: content for name, content in found.items() if name.endswith((".yaml", ".yml"))}


@pytest.fixture(scope="module")
def reading(files: dict[str, bytes]) -> Reading:
    return collector.read(collector.options(path="."), Context("trees", "production", AS_OF, Shelf(files)))  # type: ignore[arg-type]


def test_every_manifest_is_read_or_named(files: dict[str, bytes], reading: Reading, capsys) -> None:
    named = {gap.origin.locator for entry in reading.coverage for gap in entry.gaps}
    named |= {note.partition(":")[0] for note in reading.notes}
    seen = {fact.origin.locator for fact in reading.facts}
    outcomes: Counter[str] = Counter()
    for locator, content in files.items():
        holds = {document.get("kind") for document in plain(content) if isinstance(document, dict)}
        if locator in named:
            outcomes["named with the reason"] += 1
        elif readable(content):
            outcomes["read: objects" if locator in seen else "read: no object of ours"] += 1
            assert (locator in seen) == bool(
                holds & {*WORKLOADS, "Service", "Ingress", "HorizontalPodAutoscaler", "ScaledObject"}
            ), locator
        else:
            outcomes["lost"] += 1
    with capsys.disabled():
        print(f"\n{len(files)} YAML files: {dict(outcomes)}, {len(reading.facts)} facts")
    assert outcomes["lost"] == 0
    assert outcomes["read: objects"] > 250


def test_probes_agree_with_a_plain_reading(files: dict[str, bytes], reading: Reading, capsys) -> None:
    named = {gap.origin.locator for entry in reading.coverage for gap in entry.gaps}
    expected: dict[tuple[str, str], set[tuple[float, Provenance]]] = defaultdict(set)
    for locator, content in files.items():
        if locator not in named:
            for name, probe, written in probes(content):
                expected[name, probe].add(written)
    found: dict[tuple[str, str], set[tuple[float, Provenance]]] = defaultdict(set)
    provenances: Counter[Provenance] = Counter()
    for fact in timeouts(reading):
        provenances[fact.provenance] += 1
        if fact.origin.locator not in named:
            found[fact.subject.name, fact.key.split(".")[1]].add((fact.value.value, fact.provenance))  # type: ignore[union-attr]
    with capsys.disabled():
        print(f"\nprobe timeouts: {dict(provenances)}")
    assert found == expected
    assert provenances[Provenance.DEFAULT] > provenances[Provenance.EXPLICIT] > 20


def test_every_explicit_value_stands_in_its_bytes(files: dict[str, bytes], reading: Reading) -> None:
    checked = 0
    for fact in reading.facts:
        if fact.provenance is Provenance.EXPLICIT and fact.key in {
            "replicas.desired",
            "image.tag",
            "probe.readiness.period",
        }:
            written = files[fact.origin.locator][fact.origin.start : fact.origin.end].decode().strip("\"'")
            value = f"{fact.value.value:g}" if isinstance(fact.value, Quantity) else fact.value
            assert written == value, fact
            checked += 1
    assert checked > 300


def test_every_fact_is_of_a_declared_key_and_unit(reading: Reading) -> None:
    vocabulary = Vocabulary(keys())
    for fact in reading.facts:
        key = vocabulary.get(fact.subject.kind, fact.key)
        assert key.unit == (fact.value.unit if isinstance(fact.value, Quantity) else None), fact


def timeouts(reading: Reading) -> Iterator[Fact]:
    return (fact for fact in reading.facts if fact.key.startswith("probe.") and fact.key.endswith(".timeout"))


def readable(content: bytes) -> bool:
    try:
        list(yaml.load_all(content, Loader=yaml.BaseLoader))
    except yaml.YAMLError:
        return False
    return True


def plain(content: bytes) -> list[object]:
    return list(yaml.load_all(content, Loader=yaml.BaseLoader)) if readable(content) else []


def probes(content: bytes) -> Iterator[tuple[str, str, tuple[float, Provenance]]]:
    for document in plain(content):
        if not isinstance(document, dict) or document.get("kind") not in WORKLOADS:
            continue
        spec = document["spec"]
        for step in ("jobTemplate", "spec", "template", "spec"):
            spec = spec.get(step, spec) if step != "spec" or "containers" not in spec else spec
        meta = document["metadata"]
        for container in [*spec.get("containers", ()), *spec.get("initContainers", ())]:
            name = f"{meta.get('namespace', 'default')}/{meta['name']}/{container['name']}"
            for probe in ("readiness", "liveness", "startup"):
                written = container.get(f"{probe}Probe")
                if written:
                    explicit = "timeoutSeconds" in written
                    provenance = Provenance.EXPLICIT if explicit else Provenance.DEFAULT
                    yield name, probe, (float(written.get("timeoutSeconds", 1)), provenance)
