"""Pods: what a pod's specification says of the workload or job that makes it, and of its containers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftbot.collectors.kubernetes.container import Role, containers_of, state_container
from driftbot.collectors.kubernetes.lifecycle import state_grace
from driftbot.collectors.kubernetes.manifest import Manifest, nobody_else, text
from driftbot.collectors.kubernetes.probe import PROBES
from driftbot.collectors.kubernetes.resource import state_pod
from driftbot.collectors.statement import Statement, number
from driftbot.core.fact import Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.documents.node import Node

givers = nobody_else


def keys() -> Iterator[Key]:
    """What every pod says."""
    for kind in ("workload", "job"):
        yield Key(kind, "containers", ValueType.NAMES, "the names of the pod's containers, init containers included")
        yield Key(kind, "priority_class", ValueType.TEXT, "the priority class of the pods")
        meaning = "names with fewer dots than this are looked up in every search domain first (default 5)"
        yield Key(kind, "dns.ndots", ValueType.QUANTITY, meaning, Unit.COUNT)
    for probe in PROBES:
        meaning = f"the long-running containers (regular and sidecar) without a {probe} probe"
        yield Key("workload", f"probe.{probe}.missing", ValueType.NAMES, meaning)
    meaning = "the shortest time that a container of the pod may take to start, where one has a startup probe"
    yield Key("workload", "probe.startup.budget", ValueType.QUANTITY, meaning, Unit.SECONDS)


def is_whole(pod: Node | None) -> bool:
    """Whether it is a pod of its own and not the part that a patch changes: a container has an image."""
    return pod is not None and any(container.node.get("image") for container in containers_of(pod))


def state_pod_spec(pod: Node, say: Statement, limit_ranges: Sequence[Manifest]) -> list[Statement]:
    """The pod's own facts on its workload or job, and a statement for each container."""
    grace = state_grace(pod, say)
    say.text("priority_class", pod, "priorityClassName")
    _state_ndots(pod, say)
    containers = [(part, state_container(part, say.subject, limit_ranges)) for part in containers_of(pod)]
    say.names("containers", (part.name for part, _ in containers), pod.get("containers") or pod)
    for _, statement in containers:
        statement.inherit(grace)
    statements = [statement for _, statement in containers]
    state_pod(statements, pod, say)
    return statements


def state_missing_probes(pod: Node, containers: Sequence[Statement], say: Statement) -> None:
    """Which long-running containers lack a probe."""
    running = [part for part in containers if part.subject.label("container_role") != Role.INIT]
    for probe in PROBES:
        lacking = [part for part in running if part.find(f"probe.{probe}.handler") is None]
        names = [part.subject.label("container") or "" for part in lacking]
        say.names(f"probe.{probe}.missing", names, pod.get("containers") or pod)
    budgets = [budget for part in running if (budget := part.find("probe.startup.budget"))]
    if budgets:
        say.adopt(min(budgets, key=number), "probe.startup.budget")


def _state_ndots(pod: Node, say: Statement) -> None:
    for option in _options(pod):
        if option.get("name") and option.members["name"].value.text == "ndots":
            say.quantity("dns.ndots", Unit.COUNT, option, "value")
            return
    # Only the cluster's own resolver sets five; with another policy, or on the node's own network, the node decides.
    policy = text(pod, "dnsPolicy") or "ClusterFirst"
    on_host = text(pod, "hostNetwork") == "true"
    if policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not on_host):
        say.state("dns.ndots", Quantity(5.0, Unit.COUNT), pod, Provenance.DEFAULT)


def _options(pod: Node) -> Iterator[Node]:
    options = pod.get("dnsConfig", "options")
    yield from options.items if options else ()
