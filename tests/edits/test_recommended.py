"""Declared facts of real collectors, edited where their files state them, and refused where nobody wrote them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from driftbot.collectors import kubernetes_manifests, settings
from driftbot.core.fact import Fact, Provenance, Value, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.recommended import edit_fact
from driftbot.edits.rounding import Rounding
from driftbot.edits.setting_file import SettingFile
from tests.collectors.collector_case import read

JOB = b"""\
apiVersion: batch/v1
kind: CronJob
metadata: {name: billing, namespace: shop}
spec:
  schedule: "0 2 * * *"
  suspend: false
  concurrencyPolicy: Allow  # as ever
  jobTemplate:
    spec:
      activeDeadlineSeconds: 7200  # two hours
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: billing
              image: "registry.example.org/billing:1.4.2"
              resources: {limits: {memory: 512Mi, cpu: 500m}}
              livenessProbe: {tcpSocket: {port: 80}, timeoutSeconds: 1}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {kind: Deployment, name: web}
  maxReplicas: 10
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 85}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 25%, selector: {matchLabels: {app: web}}}
"""
CLIENTS = b"""\
# calls
clients:
- {name: pay, timeout: 30000, wait: 1m30s, share: 0.85, off: "no"}
"""
EXTRACT = {
    "files": ["*.yaml"], "each": "$.clients[*]", "subject": "call", "name": "{$.name}",
    "values": [
        {"key": "timeout.request", "at": "$.timeout", "unit": "seconds", "bare": "ms"},
        {"key": "timeout.wait", "at": "$.wait", "unit": "seconds"},
        {"key": "share.kept", "at": "$.share", "unit": "ratio"},
        {"key": "switched.off", "at": "$.off", "type": "flag"},
        {"key": "retries.max", "at": "$.retries", "unit": "count", "default": "3"},
    ],
}  # fmt: skip


def manifest_facts(content: bytes = JOB) -> list[Fact]:
    options = {"path": "k8s"}
    return list(read(kubernetes_manifests.collector, options, {"job.yaml": content}).facts)


def client_facts(content: bytes = CLIENTS) -> list[Fact]:
    options = {"path": "c", "extract": [EXTRACT]}
    return list(read(settings.collector, options, {"clients.yaml": content}).facts)


def the(facts: list[Fact], kind: str, key: str) -> Fact:
    return next(fact for fact in facts if (fact.subject.kind, fact.key) == (kind, key))


def edited(fact: Fact, value: Value, content: bytes, rounding: Rounding = Rounding.UP) -> tuple[str, str]:
    """What stood there and what does then."""
    edit = edit_fact(fact, value, SettingFile("x.yaml", content), rounding=rounding)
    after = edit.apply(content)
    assert len(after.splitlines()) == len(content.splitlines())
    return edit.old.decode(), edit.new.decode()


@pytest.mark.parametrize(
    ("kind", "key", "value", "old", "new"),
    [
        ("job", "timeout.deadline", Quantity(8155.3, Unit.SECONDS), "7200", "8160"),
        ("job", "schedule.suspended", True, "false", "true"),
        ("job", "schedule.concurrency", "Forbid", "Allow", "Forbid"),
        ("container", "resources.limits.memory", Quantity(1177.376 * 2**20, Unit.BYTES), "512Mi", "1180Mi"),
        ("container", "resources.limits.cpu", Quantity(0.75, Unit.CORES), "500m", "750m"),
        ("container", "probe.liveness.timeout", Quantity(2, Unit.SECONDS), "1", "2"),
        ("autoscaler", "replicas.maximum", Quantity(13.2, Unit.COUNT), "10", "14"),
        ("autoscaler", "target.cpu", Quantity(0.7, Unit.RATIO), "85", "70"),
        ("disruption_budget", "max_unavailable.ratio", Quantity(0.333, Unit.RATIO), "25%", "34%"),
    ],
)
def test_a_manifests_value_is_edited_where_it_stands(kind, key, value, old, new):
    assert edited(the(manifest_facts(), kind, key), value, JOB) == (old, new)


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("timeout.request", Quantity(45, Unit.SECONDS), "30000", "45000"),
        ("timeout.wait", Quantity(137.3, Unit.SECONDS), "1m30s", "2m18s"),
        ("share.kept", Quantity(0.9, Unit.RATIO), "0.85", "0.90"),
        ("switched.off", True, '"no"', '"yes"'),
    ],
)
def test_a_settings_value_is_edited_where_it_stands(key, value, old, new):
    assert edited(the(client_facts(), "call", key), value, CLIENTS) == (old, new)


def test_a_part_of_a_value_is_edited_alone():
    tag = the(manifest_facts(), "container", "image.tag")
    assert edited(tag, "1.4.3", JOB) in {
        ("1.4.2", "1.4.3"),
        ('"registry.example.org/billing:1.4.2"', '"registry.example.org/billing:1.4.3"'),
    }


def test_the_direction_of_rounding_is_the_callers():
    fact = the(manifest_facts(), "job", "timeout.deadline")
    assert edited(fact, Quantity(8155.3, Unit.SECONDS), JOB, Rounding.DOWN) == ("7200", "8150")


@pytest.mark.parametrize(
    ("change", "value", "kind", "reason"),
    [
        ({}, Quantity(7200, Unit.SECONDS), Refusal.ALREADY, "it says '7200' already"),
        ({}, "soon", Refusal.NOT_EDITED, "is not edited to soon"),
        (
            {"provenance": Provenance.DEFAULT},
            Quantity(60, Unit.SECONDS),
            Refusal.UNWRITTEN,
            "nobody wrote it there; insert it",
        ),
        ({"provenance": Provenance.COMPUTED}, Quantity(60, Unit.SECONDS), Refusal.UNWRITTEN, "computed"),
        ({"provenance": Provenance.INHERITED}, Quantity(60, Unit.SECONDS), Refusal.UNWRITTEN, "a level above"),
        ({"view": View.EFFECTIVE}, Quantity(60, Unit.SECONDS), Refusal.UNWRITTEN, "no file states it"),
        ({"value": Quantity(60, Unit.SECONDS)}, Quantity(90, Unit.SECONDS), Refusal.MOVED, "not read as 1m"),
    ],
)
def test_what_is_not_written_there_is_refused(change, value, kind, reason):
    fact = replace(the(manifest_facts(), "job", "timeout.deadline"), **change)
    with pytest.raises(Refused) as refusal:
        edit_fact(fact, value, SettingFile("job.yaml", JOB))
    assert refusal.value.kind is kind
    assert reason in refusal.value.reason


@pytest.mark.parametrize(
    ("old", "new", "kind", "reason"),
    [
        (b": 7200", b": 7201", Refusal.MOVED, "'7201', which is not read as 2h"),
        (b": 7200", b": 9000", Refusal.ALREADY, "says 2h30m already"),
        (b": 7200", b": 72000", Refusal.MOVED, "stands elsewhere now"),
        (b"---\n", b"--- [\n", Refusal.UNREADABLE, "cannot be read whole"),
        (b"restartPolicy: Never", b"restartPolicy: {{ x", Refusal.UNREADABLE, "cannot be read whole"),
        (b": 7200", b": {{}}", Refusal.TEMPLATED, "a template makes this value"),
    ],
)
def test_a_file_that_says_something_else_by_now_is_refused(old, new, kind, reason):
    fact = the(manifest_facts(), "job", "timeout.deadline")
    with pytest.raises(Refused) as refusal:
        edit_fact(fact, Quantity(9000, Unit.SECONDS), SettingFile("job.yaml", JOB.replace(old, new, 1)))
    assert refusal.value.kind is kind
    assert reason in refusal.value.reason


def test_a_default_of_a_settings_file_says_that_it_can_be_inserted():
    with pytest.raises(Refused, match="insert it"):
        edit_fact(the(client_facts(), "call", "retries.max"), Quantity(5, Unit.COUNT), SettingFile("c.yaml", CLIENTS))


@pytest.mark.parametrize("kind", Refusal)
def test_every_kind_of_refusal_has_a_sentence(kind):
    assert kind.sentence.endswith(".")


@pytest.mark.parametrize(
    ("old", "new"), [(b"1.4.2", b"1.4.21"), (b":1.4.2", b":v1.4.2"), (b"billing:1", b"billings:1")]
)
def test_a_part_that_has_grown_is_not_edited(old, new):
    tag = the(manifest_facts(), "container", "image.tag")
    with pytest.raises(Refused) as refusal:
        edit_fact(tag, "1.4.3", SettingFile("job.yaml", JOB.replace(old, new, 1)))
    assert refusal.value.kind is Refusal.MOVED
