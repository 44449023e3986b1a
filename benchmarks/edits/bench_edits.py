"""Many edits of many files: values set, facts edited, keys inserted, all of a file combined; PyYAML as the peer.

    python -m benchmarks.edits.bench_edits [--full]

``--full`` makes 5,000 edits over 500 files of 60 to 150 lines. The peer is PyYAML's C loader reading each file once,
which no editor of YAML can do without.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from time import process_time

import yaml

from driftbot.core.fact import Fact
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node
from driftbot.edits.combined_edit import combined
from driftbot.edits.edit import Edit
from driftbot.edits.insertion import append_document, insert_value
from driftbot.edits.recommended import edit_fact
from driftbot.edits.setting_file import SettingFile
from driftbot.edits.value import set_value

SEED = 3
A_FILE = 10
"""Edits of each file."""
BUDGET = {
    "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
}  # fmt: skip


def container(number: int, chosen: random.Random) -> str:
    """A container of a manifest."""
    return f"""\
        - name: c{number}
          image: "registry.example.org/team/c{number}:1.{chosen.randrange(90)}"  # pinned
          resources:
            requests: {{cpu: {chosen.randrange(1, 9)}00m, memory: {chosen.randrange(1, 9)}4Mi}}
            limits:
              memory: {chosen.randrange(100, 900)}Mi
          livenessProbe:
            httpGet: {{path: /healthz, port: 8080}}
            timeoutSeconds: {chosen.randrange(1, 9)}
            periodSeconds: 10
"""


def manifest(chosen: random.Random) -> bytes:
    """A Deployment and a Service of 60 to 150 lines."""
    containers = "".join(container(number, chosen) for number in range(chosen.randrange(4, 13)))
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {{app: web, team: shop}}
spec:
  replicas: 3
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      terminationGracePeriodSeconds: 30
      containers:
{containers}---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
    - {{port: 80, targetPort: 8080}}
""".encode()


PATH = (0, "spec", "template", "spec", "containers")
VALUES = ((("livenessProbe", "timeoutSeconds"), "12"), (("resources", "limits", "memory"), "1180Mi"),
          (("resources", "requests", "cpu"), "750m"))  # fmt: skip
MISSING = ((("resources", "limits"), "cpu"), (("livenessProbe",), "failureThreshold"), (("startupProbe",), "period"))


def containers(file: SettingFile) -> list[Node]:
    """The containers of a manifest."""
    found = file.node(PATH)
    assert found is not None
    return list(found.items)


def probe_facts(file: SettingFile) -> list[Fact]:
    """What a collector would say of the probes' timeouts and the limits of memory."""
    facts = []
    subject = Subject("container", "production", "web", labels_of({}))
    for node in containers(file):
        timeout, memory = node.get("livenessProbe", "timeoutSeconds"), node.get("resources", "limits", "memory")
        assert timeout is not None and memory is not None
        seconds = Quantity(float(timeout.text), Unit.SECONDS)
        size = Quantity(float(memory.text.removesuffix("Mi")) * 2**20, Unit.BYTES)
        facts += [Fact(subject, "probe.timeout", seconds, origin=timeout.origin)]
        facts += [Fact(subject, "memory.limit", size, origin=memory.origin)]
    return facts


def set_values(file: SettingFile, count: int) -> list[Edit]:
    """So many values replaced."""
    places = [((*PATH, number, *field), new) for number in range(len(containers(file))) for field, new in VALUES]
    return [set_value(file, place, new) for place, new in places[:count]]


def edit_facts(file: SettingFile, facts: list[Fact], count: int) -> list[Edit]:
    """So many facts made larger."""
    values = [fact.value for fact in facts if isinstance(fact.value, Quantity)]
    larger = [Quantity(value.value * 1.7, value.unit) for value in values]
    return [edit_fact(fact, value, file) for fact, value in zip(facts[:count], larger, strict=False)]


def insertions(file: SettingFile, count: int) -> list[Edit]:
    """So many missing keys."""
    places = [((*PATH, number, *below), key) for number in range(len(containers(file))) for below, key in MISSING]
    return [insert_value(file, parent, key, 5) for parent, key in places[:count]]


def measured(task: Callable[[], int]) -> tuple[float, int]:
    """The seconds of CPU that a task takes, and what it counts."""
    start = process_time()
    count = task()
    return process_time() - start, count


def many_files(count: int) -> list[bytes]:
    """So many manifests, the same at every run."""
    chosen = random.Random(SEED)
    return [manifest(chosen) for _ in range(count)]


def tasks(contents: list[bytes]) -> dict[str, Callable[[], int]]:
    """What is measured; each task reads its files anew and counts what it made."""
    stated = [probe_facts(SettingFile(f"{number}.yaml", content)) for number, content in enumerate(contents)]
    made: list[list[Edit]] = []

    def read() -> list[SettingFile]:
        return [SettingFile(f"{number}.yaml", content) for number, content in enumerate(contents)]

    def kept(edits: list[list[Edit]]) -> int:
        made[:] = edits
        return sum(map(len, edits))

    return {
        "values set": lambda: kept([set_values(file, A_FILE) for file in read()]),
        "facts edited": lambda: kept([edit_facts(*pair, A_FILE) for pair in zip(read(), stated, strict=True)]),
        "files' edits combined": lambda: len([combined(*pair) for pair in zip(made, contents, strict=True)]),
        "keys inserted": lambda: kept([insertions(file, A_FILE) for file in read()]),
        "documents added": lambda: kept([[append_document(file, BUDGET)] for file in read()]),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    contents = many_files(500 if parser.parse_args().full else 50)
    lines = sorted(content.count(b"\n") for content in contents)
    print(f"{len(contents)} files of {lines[0]} to {lines[-1]} lines, {sum(map(len, contents)) / 1e6:.1f} MB")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    peer, _ = measured(lambda: sum(len(list(yaml.load_all(content, loader))) for content in contents))
    print(f"PyYAML's C loader reads each file once: {peer:.2f} s")
    for name, task in tasks(contents).items():
        seconds, count = measured(task)
        each = f"{seconds / count * 1e3:.2f} ms each, {seconds / peer:.1f} × the peer"
        print(f"{count:6,} {name}: {seconds:.2f} s CPU, {each}")


if __name__ == "__main__":
    main()
