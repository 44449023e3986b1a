"""Rollouts: how many pods a new version may take away at once, and how long it may take.

Defaults: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ (25 % and 25 %, deadline
600 s, history 10), .../daemon-set-v1/ (1 and 0), .../stateful-set-v1/ (1). Of a Deployment's percentages the surge
rounds up and the unavailable pods round down; if both come to nothing, one pod may be unavailable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from driftbot.collectors.kubernetes.manifest import AUTOSCALERS, Manifest, mapping
from driftbot.collectors.statement import Statement, number
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.documents.node import Node

_STRATEGY = {"Deployment": "strategy", "StatefulSet": "updateStrategy", "DaemonSet": "updateStrategy"}
_UNAVAILABLE: Mapping[str, str | int] = {"Deployment": "25%", "StatefulSet": 1, "DaemonSet": 1}
_SURGE: Mapping[str, str | int] = {"Deployment": "25%", "DaemonSet": 0}


def keys() -> Iterator[Key]:
    """What workloads say about their rollouts."""
    strategy = "how pods are replaced: RollingUpdate (default), Recreate or OnDelete"
    yield Key("workload", "rollout.strategy", ValueType.TEXT, strategy)
    for field, meaning in (("max_unavailable", "taken away before they are replaced"), ("max_surge", "added beyond")):
        yield Key("workload", f"rollout.{field}.count", ValueType.QUANTITY, f"pods {meaning}, as a number", Unit.COUNT)
        share = f"pods {meaning}, as a share of the replicas"
        yield Key("workload", f"rollout.{field}.ratio", ValueType.QUANTITY, share, Unit.RATIO)
    floor = "pods that stay available while a Deployment at its fewest replicas is rolled out"
    yield Key("workload", "rollout.available", ValueType.QUANTITY, floor, Unit.COUNT)
    deadline = "after this time without progress a Deployment's rollout has failed (default 600 s)"
    yield Key("workload", "rollout.progress_deadline", ValueType.QUANTITY, deadline, Unit.SECONDS)
    ready = "how long a new pod must be ready before it counts as available (default 0 s: at once)"
    yield Key("workload", "rollout.min_ready", ValueType.QUANTITY, ready, Unit.SECONDS)
    history = "old versions kept for going back (default 10; 0: no way back)"
    yield Key("workload", "rollout.revision_history", ValueType.QUANTITY, history, Unit.COUNT)


def givers(key: Key) -> frozenset[str]:
    """The kinds of object beside the workload itself that may give the key: how few replicas there can be."""
    return AUTOSCALERS if key.name == "rollout.available" else frozenset()


def state_rollout(manifest: Manifest, spec: Node, replicas: Fact | None, say: Statement) -> None:
    """A workload's rollout strategy; ``replicas`` are its fewest."""
    if manifest.kind not in _STRATEGY:
        return
    strategy = mapping(spec, _STRATEGY[manifest.kind])
    kind = say.text("rollout.strategy", strategy or spec, "type", default="RollingUpdate")
    say.quantity("rollout.min_ready", Unit.SECONDS, spec, "minReadySeconds", default=0)
    say.quantity("rollout.revision_history", Unit.COUNT, spec, "revisionHistoryLimit", default=10)
    if manifest.kind == "Deployment":
        say.quantity("rollout.progress_deadline", Unit.SECONDS, spec, "progressDeadlineSeconds", default=600)
    if kind is None:
        return
    if kind.value == "RollingUpdate":
        _state_limits(manifest.kind, mapping(strategy, "rollingUpdate") or strategy or spec, replicas, say)
    elif kind.value == "Recreate" and replicas:
        say.derive("rollout.available", 0, Unit.COUNT, strategy or spec, kind)


def _state_limits(kind: str, holder: Node, replicas: Fact | None, say: Statement) -> None:
    taken = say.share("rollout.max_unavailable", holder, "maxUnavailable", default=_UNAVAILABLE[kind])
    added = say.share("rollout.max_surge", holder, "maxSurge", default=_SURGE[kind]) if kind in _SURGE else None
    if kind != "Deployment" or not (taken and added and replicas):
        return
    pods = number(replicas)
    away = math.floor(absolute(taken, pods))
    if away == 0 and math.ceil(absolute(added, pods)) == 0:
        away = 1
    say.derive("rollout.available", max(pods - away, 0), Unit.COUNT, holder, taken, added, replicas)


def absolute(share: Fact, pods: float) -> float:
    """A share of so many pods, not rounded; small errors of floating point are."""
    value = number(share)
    return round(value * pods, 9) if share.key.endswith(".ratio") else value
