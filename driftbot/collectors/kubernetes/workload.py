"""Workloads: what runs for as long as it is wanted, with its replicas, rollouts, protection and spread.

Default of one replica: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/. A
Deployment with zero replicas is not scaled by a HorizontalPodAutoscaler; a ScaledObject wakes it
(https://keda.sh/docs/latest/concepts/scaling-deployments/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftbot.collectors.kubernetes.autoscaler import state_autoscaling
from driftbot.collectors.kubernetes.disruption_budget import state_protection
from driftbot.collectors.kubernetes.estate import Estate
from driftbot.collectors.kubernetes.manifest import AUTOSCALERS, Manifest, mapping, texts
from driftbot.collectors.kubernetes.pod import is_whole, state_missing_probes, state_pod_spec
from driftbot.collectors.kubernetes.rollout import state_rollout
from driftbot.collectors.kubernetes.spread import state_spread
from driftbot.collectors.statement import Statement, number
from driftbot.core.fact import Fact, Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.core.subject import Subject
from driftbot.documents.node import Node

KIND = "workload"
_REPLICATED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})


def keys() -> Iterator[Key]:
    """What workloads say about their replicas."""
    for name, meaning in (
        ("desired", "replicas asked for (default 1); an autoscaler overrides it"),
        ("minimum", "the fewest replicas the files allow: the autoscaler's minimum, else the replicas asked for"),
        ("maximum", "the most replicas the files allow: the autoscaler's maximum, else the replicas asked for"),
    ):
        yield Key(KIND, f"replicas.{name}", ValueType.QUANTITY, meaning, Unit.COUNT)


def givers(key: Key) -> frozenset[str]:
    """The kinds of object beside the workload itself that may give the key."""
    return frozenset() if key.name == "replicas.desired" else AUTOSCALERS


def pod_of(manifest: Manifest) -> tuple[Node | None, Mapping[str, str]]:
    """A workload's pod specification and its pods' labels."""
    if manifest.kind == "Pod":
        return manifest.spec, manifest.labels
    template = mapping(manifest.spec, "template")
    return mapping(template, "spec"), texts(template.get("metadata", "labels")) if template else {}


def state_workload(manifest: Manifest, subject: Subject, estate: Estate) -> list[Statement]:
    """All that a workload says, and what its containers say."""
    say = Statement(subject)
    pod, labels = pod_of(manifest)
    spec = manifest.spec
    if spec is None or pod is None or not is_whole(pod):
        say.doubt(manifest.node, f"the {manifest.kind} has no container with an image (a patch?)")
        return [say]
    fewest = _state_replicas(manifest, spec, estate, say)
    state_rollout(manifest, spec, fewest, say)
    state_spread(pod, say)
    budgets = estate.budgets_of(manifest.namespace, labels)
    if budgets or "PodDisruptionBudget" not in estate.hidden:
        state_protection(budgets, fewest, spec, say)
    services = estate.services_of(manifest.namespace, labels)
    if services or "Service" not in estate.hidden:
        say.names("services", services, spec, written=bool(services))
    containers = state_pod_spec(pod, say, estate.limit_ranges_of(manifest.namespace))
    state_missing_probes(pod, containers, say)
    return [say, *containers]


def _state_replicas(manifest: Manifest, spec: Node, estate: Estate, say: Statement) -> Fact | None:
    if manifest.kind not in _REPLICATED:
        return None
    desired = say.quantity("replicas.desired", Unit.COUNT, spec, "replicas", default=1)
    autoscalers = estate.autoscalers_of(manifest)
    if not autoscalers and not AUTOSCALERS.isdisjoint(estate.hidden):
        return None
    least, most = state_autoscaling(autoscalers, spec, say)
    off = desired is not None and desired.provenance is Provenance.EXPLICIT and number(desired) == 0
    if desired is None or (off and not estate.wakes(manifest)):
        least = most = None
    for key, bound in (("replicas.minimum", least or desired), ("replicas.maximum", most or desired)):
        if bound:
            say.adopt(bound, key)
    return say.find("replicas.minimum")
