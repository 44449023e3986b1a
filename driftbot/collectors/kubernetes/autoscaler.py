"""Autoscalers: between how many replicas a workload is scaled, and on what.

Defaults: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
(minReplicas 1, one metric at 80 % of the requested CPU where none is named, scale-down after 300 s, scale-up at once)
and https://keda.sh/docs/latest/reference/scaledobject-spec/ (minReplicaCount 0, maxReplicaCount 100, what is scaled is
a Deployment; idleReplicaCount, where it is written, is fewer still). KEDA makes a HorizontalPodAutoscaler do its work.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import AUTOSCALERS, Manifest, items, mapping, text
from driftbot.collectors.statement import Statement
from driftbot.core.fact import Fact, Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node

KIND = "autoscaler"
_ON_WORKLOAD = {
    "replicas.minimum": "autoscaling.minimum",
    "replicas.maximum": "autoscaling.maximum",
    "target.cpu": "autoscaling.target.cpu",
    "target.memory": "autoscaling.target.memory",
    "scale_down.stabilization": "autoscaling.scale_down.stabilization",
    "scale_up.stabilization": "autoscaling.scale_up.stabilization",
}
_MEANINGS = {
    "replicas.minimum": ("the fewest replicas the autoscaler leaves (default 1; of a ScaledObject 0)", Unit.COUNT),
    "replicas.maximum": ("the most replicas the autoscaler makes (of a ScaledObject 100 by default)", Unit.COUNT),
    "target.cpu": ("CPU use, as a share of the request, that is aimed at (default 80 % if no metric is named)",
                   Unit.RATIO),
    "target.memory": ("memory use, as a share of the request, that is aimed at", Unit.RATIO),
    "scale_down.stabilization": ("wait before a scale-down (default 300 s)", Unit.SECONDS),
    "scale_up.stabilization": ("wait before a scale-up (default 0 s: at once)", Unit.SECONDS),
}  # fmt: skip


def keys() -> Iterator[Key]:
    """What autoscalers say, on themselves and on the workloads they scale."""
    for name, (meaning, unit) in _MEANINGS.items():
        yield Key(KIND, name, ValueType.QUANTITY, meaning, unit)
        yield Key("workload", _ON_WORKLOAD[name], ValueType.QUANTITY, meaning, unit)
    yield Key(KIND, "target.workload", ValueType.TEXT, "what is scaled, as Kind/name")
    yield Key(KIND, "metrics", ValueType.NAMES, "the names of the metrics it scales on")
    yield Key("workload", "autoscaling.names", ValueType.NAMES, "the autoscalers that scale the workload")


def givers(key: Key) -> frozenset[str]:
    """The kinds of object beside the subject's own that may give the key."""
    return frozenset() if key.subject_kind == KIND else AUTOSCALERS


def target_of(manifest: Manifest) -> tuple[str, str, str]:
    """Namespace, kind and name of what an autoscaler scales."""
    default = "Deployment" if manifest.kind == "ScaledObject" else ""
    return (
        manifest.namespace,
        text(manifest.spec, "scaleTargetRef", "kind") or default,
        text(manifest.spec, "scaleTargetRef", "name"),
    )


def state_autoscaler(manifest: Manifest, environment: str) -> Statement:
    """All that a HorizontalPodAutoscaler of any version says."""
    say, spec = _begun(manifest, environment)
    if spec is not None:
        say.quantity("replicas.minimum", Unit.COUNT, spec, "minReplicas", default=1)
        say.quantity("replicas.maximum", Unit.COUNT, spec, "maxReplicas")
        _state_targets(spec, say)
        _state_waits(mapping(spec, "behavior"), spec, say)
    return say


def state_scaled_object(manifest: Manifest, environment: str) -> Statement:
    """All that a ScaledObject of KEDA says; its metrics are the types of its triggers."""
    say, spec = _begun(manifest, environment)
    if spec is not None:
        fewest = "idleReplicaCount" if text(spec, "idleReplicaCount") else "minReplicaCount"
        say.quantity("replicas.minimum", Unit.COUNT, spec, fewest, default=0)
        say.quantity("replicas.maximum", Unit.COUNT, spec, "maxReplicaCount", default=100)
        _state_triggers(spec, say)
        _state_waits(mapping(spec, "advanced", "horizontalPodAutoscalerConfig", "behavior"), spec, say)
    return say


def _begun(manifest: Manifest, environment: str) -> tuple[Statement, Node | None]:
    """A statement of what is scaled, and the spec that says the rest."""
    _, kind, name = target_of(manifest)
    labels = labels_of({"namespace": manifest.namespace, "workload": name, "workload_kind": kind})
    say = Statement(Subject(KIND, environment, manifest.full_name, labels))
    if manifest.spec is None:
        say.doubt(manifest.node, "has no spec")
    elif name:
        say.state("target.workload", f"{kind}/{name}", manifest.spec.members["scaleTargetRef"].value)
    return say, manifest.spec


def state_autoscaling(autoscalers: list[Statement], at: Node, say: Statement) -> tuple[Fact | None, Fact | None]:
    """What its autoscalers say about a workload; returns the fewest and the most replicas."""
    names = {autoscaler.subject.name for autoscaler in autoscalers}
    if len(names) > 1:
        say.doubt(at, f"is scaled by {len(names)} autoscalers at once: {', '.join(sorted(names))}")
    if autoscalers:
        say.names("autoscaling.names", names, at)
    for autoscaler in autoscalers:
        for fact in autoscaler.facts:
            if fact.key in _ON_WORKLOAD:
                say.adopt(fact, _ON_WORKLOAD[fact.key])
    return say.find("autoscaling.minimum"), say.find("autoscaling.maximum")


def _state_waits(behavior: Node | None, spec: Node, say: Statement) -> None:
    for direction, default in (("down", 300), ("up", 0)):
        rules = mapping(behavior, f"scale{direction.capitalize()}") or spec
        key = f"scale_{direction}.stabilization"
        say.quantity(key, Unit.SECONDS, rules, "stabilizationWindowSeconds", default=default)


def _state_triggers(spec: Node, say: Statement) -> None:
    triggers = items(spec, "triggers")
    for trigger in triggers:
        name, share = text(trigger, "type"), trigger.get("metadata", "value")
        if name in ("cpu", "memory") and text(trigger, "metricType") == "Utilization" and share is not None:
            _percent(f"target.{name}", share, say)
    if triggers:
        say.names("metrics", {text(trigger, "type") for trigger in triggers} - {""}, spec.members["triggers"].value)


def _state_targets(spec: Node, say: Statement) -> None:
    found: set[str] = set()
    if "targetCPUUtilizationPercentage" in spec.members:
        found.add("cpu")
        _percent("target.cpu", spec.members["targetCPUUtilizationPercentage"].value, say)
    for metric in items(spec, "metrics"):
        source = metric.get(_field(text(metric, "type")))
        name = text(source, "name") or text(source, "metric", "name") or text(source, "metricName")
        found.add(name)
        share = source.get("target", "averageUtilization") or source.get("targetAverageUtilization") if source else None
        if share is not None and name in ("cpu", "memory"):
            _percent(f"target.{name}", share, say)
    if not found:
        say.state("target.cpu", Quantity(0.8, Unit.RATIO), spec, Provenance.DEFAULT)
    say.names("metrics", (found - {""}) or {"cpu"}, spec.get("metrics") or spec, written=bool(found))


def _field(metric_type: str) -> str:
    return metric_type[:1].lower() + metric_type[1:]


def _percent(key: str, node: Node, say: Statement) -> None:
    try:
        say.state(key, parse_quantity(f"{node.text}%", Unit.RATIO), node)
    except NotAQuantity:
        say.doubt(node, f"{key}: {node.raw[:80]!r} is no percentage")
