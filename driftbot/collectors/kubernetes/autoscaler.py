"""Autoscalers: between how many replicas a workload is scaled, and on what.

Defaults: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
(minReplicas 1, one metric at 80 % of the requested CPU where none is named, scale-down after 300 s, scale-up at once).
"""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import Manifest, items, mapping, text
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
    "replicas.minimum": ("the fewest replicas the autoscaler leaves (default 1)", Unit.COUNT),
    "replicas.maximum": ("the most replicas the autoscaler makes", Unit.COUNT),
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
    return frozenset() if key.subject_kind == KIND else frozenset({"HorizontalPodAutoscaler"})


def target_of(manifest: Manifest) -> tuple[str, str, str]:
    """Namespace, kind and name of what an autoscaler scales."""
    return (
        manifest.namespace,
        text(manifest.spec, "scaleTargetRef", "kind"),
        text(manifest.spec, "scaleTargetRef", "name"),
    )


def state_autoscaler(manifest: Manifest, environment: str) -> Statement:
    """All that a HorizontalPodAutoscaler of any version says."""
    _, kind, name = target_of(manifest)
    labels = labels_of({"namespace": manifest.namespace, "workload": name, "workload_kind": kind})
    say = Statement(Subject(KIND, environment, manifest.full_name, labels))
    spec = manifest.spec
    if spec is None:
        say.doubt(manifest.node, "has no spec")
        return say
    say.quantity("replicas.minimum", Unit.COUNT, spec, "minReplicas", default=1)
    say.quantity("replicas.maximum", Unit.COUNT, spec, "maxReplicas")
    if name:
        say.state("target.workload", f"{kind}/{name}", spec.members["scaleTargetRef"].value)
    _state_targets(spec, say)
    for direction, default in (("down", 300), ("up", 0)):
        rules = mapping(spec, "behavior", f"scale{direction.capitalize()}") or spec
        key = f"scale_{direction}.stabilization"
        say.quantity(key, Unit.SECONDS, rules, "stabilizationWindowSeconds", default=default)
    return say


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
