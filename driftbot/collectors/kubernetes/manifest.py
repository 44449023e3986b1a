"""A manifest: one Kubernetes object as a file declares it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from driftbot.collectors.statement import PLACEHOLDER
from driftbot.core.coverage import Gap
from driftbot.core.key import Key
from driftbot.documents.node import Node, Shape

GROUPS: Mapping[str, frozenset[str]] = {
    "Deployment": frozenset({"apps", "extensions"}),
    "StatefulSet": frozenset({"apps"}),
    "DaemonSet": frozenset({"apps", "extensions"}),
    "ReplicaSet": frozenset({"apps", "extensions"}),
    "ReplicationController": frozenset({""}),
    "Pod": frozenset({""}),
    "Job": frozenset({"batch"}),
    "CronJob": frozenset({"batch"}),
    "HorizontalPodAutoscaler": frozenset({"autoscaling"}),
    "ScaledObject": frozenset({"keda.sh"}),
    "PodDisruptionBudget": frozenset({"policy"}),
    "Service": frozenset({""}),
    "Ingress": frozenset({"networking.k8s.io", "extensions"}),
    "LimitRange": frozenset({""}),
    "ValidatingWebhookConfiguration": frozenset({"admissionregistration.k8s.io"}),
    "MutatingWebhookConfiguration": frozenset({"admissionregistration.k8s.io"}),
}
"""The kinds that are read, with their API groups: a Knative ``Service`` is another thing than Kubernetes' own."""

AUTOSCALERS = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})
"""The kinds that say how many replicas another object has."""

CLUSTER_SCOPED = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})


def nobody_else(_key: Key) -> frozenset[str]:
    """For keys that only the subject's own manifest gives: no kind of object."""
    return frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Manifest:
    """One object: its kind, where it lives, what it is called, and its node in the file."""

    kind: str
    group: str
    version: str
    namespace: str
    name: str
    node: Node = field(repr=False)

    @property
    def spec(self) -> Node | None:
        """The object's ``spec``."""
        return mapping(self.node, "spec")

    @property
    def labels(self) -> Mapping[str, str]:
        """Its own labels."""
        return texts(self.node.get("metadata", "labels"))

    @property
    def annotations(self) -> Mapping[str, str]:
        """Its annotations."""
        return texts(self.node.get("metadata", "annotations"))

    @property
    def full_name(self) -> str:
        """``namespace/name``, or the name alone for what belongs to no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def mapping(node: Node | None, *path: str | int) -> Node | None:
    """The mapping below, or None where there is none or it is something else."""
    found = node.get(*path) if node else None
    return found if found is not None and found.shape is Shape.MAPPING else None


def items(node: Node | None, *path: str | int) -> tuple[Node, ...]:
    """The mappings of a list below; nothing where there is no list."""
    found = node.get(*path) if node else None
    return tuple(item for item in found.items if item.shape is Shape.MAPPING) if found else ()


def text(node: Node | None, *path: str | int) -> str:
    """A scalar below as text; empty where there is none."""
    found = node.get(*path) if node else None
    return found.text if found is not None and found.shape is Shape.SCALAR and not found.is_null else ""


def texts(node: Node | None) -> dict[str, str]:
    """A mapping of texts, such as labels; entries that are no scalars are left out."""
    if node is None:
        return {}
    return {name: entry.value.text for name, entry in node.members.items() if entry.value.shape is Shape.SCALAR}


def manifests(document: Node, default_namespace: str) -> Iterator[Manifest | Gap]:
    """The objects of one document, lists unfolded; a gap for each one of a kind we read that cannot be told apart."""
    kind = text(document, "kind")
    if kind.endswith("List") and "items" in document.members:
        for item in items(document, "items"):
            yield from manifests(item, default_namespace)
        return
    group, version = _api(text(document, "apiVersion"))
    if group not in GROUPS.get(kind, ()):
        return
    name = text(document, "metadata", "name")
    namespace = "" if kind in CLUSTER_SCOPED else text(document, "metadata", "namespace") or default_namespace
    if not name or PLACEHOLDER.search(name) or PLACEHOLDER.search(namespace):
        yield Gap(document.origin, f"{kind} {_nameless(document, name, namespace)}")
        return
    yield Manifest(kind, group, version, namespace, name, document)


def _api(version: str) -> tuple[str, str]:
    group, slash, rest = version.rpartition("/")
    return (group, rest) if slash else ("", version)


def _nameless(document: Node, name: str, namespace: str) -> str:
    if name:
        return f"{namespace}/{name} is named by a placeholder; read the rendered output"
    prefix = text(document, "metadata", "generateName")
    return f"has only a generateName ({prefix}…)" if prefix else "has no metadata.name (a patch?)"
