"""Services: under which ports a workload's pods are reached.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ (type ClusterIP, session affinity
None, target port equal to the port).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from driftbot.collectors.kubernetes.manifest import Manifest, items, mapping, text
from driftbot.collectors.kubernetes.naming import WORKLOADS
from driftbot.collectors.kubernetes.selector import selects_equal
from driftbot.collectors.statement import Statement
from driftbot.core.key import Key, ValueType
from driftbot.core.subject import Labels, Subject

KIND = "kubernetes_service"


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A Service's manifest and what it says."""

    manifest: Manifest
    statement: Statement

    def reaches(self, namespace: str, pod_labels: Mapping[str, str]) -> bool:
        """Whether it sends traffic to pods with these labels."""
        selector = mapping(self.manifest.spec, "selector")
        return namespace == self.manifest.namespace and selects_equal(selector, pod_labels)


def keys() -> Iterator[Key]:
    """What Services say, and which ones reach a workload."""
    for name, type, meaning in (
        ("type", ValueType.TEXT, "ClusterIP (default), NodePort, LoadBalancer or ExternalName"),
        ("session_affinity", ValueType.TEXT, "None (default) or ClientIP"),
        ("ports", ValueType.NAMES, "the ports it listens on"),
        ("target_ports", ValueType.NAMES, "the pods' ports it sends to, by number or name"),
        (
            "workloads",
            ValueType.NAMES,
            "the workloads of the same files whose pods it reaches",
        ),
    ):
        yield Key(KIND, name, type, meaning)
    yield Key("workload", "services", ValueType.NAMES, "the Services that reach its pods; empty: none")


def givers(key: Key) -> frozenset[str]:
    """The kinds of object beside the subject's own that may give the key."""
    if key.subject_kind == KIND:
        return frozenset(WORKLOADS) if key.name == "workloads" else frozenset()
    return frozenset({"Service"})


def state_service(manifest: Manifest, environment: str, labels: Labels) -> ServiceEntry:
    """All that a Service says."""
    say = Statement(Subject(KIND, environment, manifest.full_name, labels))
    spec = manifest.spec
    if spec is None:
        say.doubt(manifest.node, "has no spec")
        return ServiceEntry(manifest, say)
    say.text("type", spec, "type", default="ClusterIP")
    say.text("session_affinity", spec, "sessionAffinity", default="None")
    ports = items(spec, "ports")
    if ports:
        say.names("ports", (text(port, "port") for port in ports), spec.members["ports"].value)
        targets = (text(port, "targetPort") or text(port, "port") for port in ports)
        say.names("target_ports", targets, spec.members["ports"].value)
    return ServiceEntry(manifest, say)
