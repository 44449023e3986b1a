"""Resources: what containers request and may use, and what a whole pod asks of a node.

A request that nobody wrote equals the limit where there is one, and what neither states may come from the namespace's
LimitRanges, whose default limit is else their ``max``, and whose default request is else their default limit or ``min``
(SetDefaults_LimitRangeItem in Kubernetes' pkg/apis/core/v1/defaults.go):
https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ and
https://kubernetes.io/docs/concepts/policy/limit-range/. A pod's sum:
https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftbot.collectors.kubernetes.manifest import Manifest, items, mapping, text
from driftbot.collectors.statement import Statement, number
from driftbot.core.fact import Fact, Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.documents.node import Node

RESOURCES = {"cpu": Unit.CORES, "memory": Unit.BYTES, "ephemeral-storage": Unit.BYTES}
SIDES = ("requests", "limits")
_DEFAULTS = {"limits": ("default", "max"), "requests": ("defaultRequest", "default", "max", "min")}
"""The fields of a LimitRange that a side is taken from, the first that names the resource."""


def keys() -> Iterator[Key]:
    """Requests and limits of containers, and their sums over a workload's or a job's pod."""
    for side in SIDES:
        for resource, unit in RESOURCES.items():
            name = key_of(side, resource)
            yield Key("container", name, ValueType.QUANTITY, f"{resource} that the container {side}", unit)
            meaning = f"{resource} that one pod {side} in all; absent where one of its containers says none"
            yield Key("workload", name, ValueType.QUANTITY, meaning, unit)
            yield Key("job", name, ValueType.QUANTITY, meaning, unit)


def givers(_key: Key) -> frozenset[str]:
    """The kinds of object beside the pod's own that may give the key."""
    return frozenset({"LimitRange"})


def key_of(side: str, resource: str) -> str:
    """The key of a resource on one side: ``resources.limits.memory``."""
    return f"resources.{side}.{resource.replace('-', '_')}"


def state_resources(container: Node, limit_ranges: Sequence[Manifest], say: Statement) -> None:
    """What a container requests and may use: as written, as the namespace gives it, or a request equal to its limit."""
    block = mapping(container, "resources")
    for resource, unit in RESOURCES.items():
        limit = _state("limits", resource, unit, block, say)
        request = _state("requests", resource, unit, block, say)
        if request is None and limit is not None and block is not None:
            say.state(key_of("requests", resource), limit.value, block, Provenance.DEFAULT)
        for side in _DEFAULTS:
            if say.find(key_of(side, resource)) is None:
                _from_ranges(side, resource, unit, limit_ranges, say)


def state_pod(containers: Sequence[Statement], at: Node, say: Statement) -> None:
    """The pod's sums: its long-running containers together, or, if that is more, an init container while it starts.

    ``containers`` come in the order of the file and carry the label ``container_role``; an init container runs beside
    the sidecars that stand before it.
    """
    for side in SIDES:
        for resource, unit in RESOURCES.items():
            key = key_of(side, resource)
            running = [part.find(key) for part in containers if part.subject.label("container_role") != "init"]
            facts = [fact for fact in running if fact]
            if not facts or len(facts) < len(running):
                continue
            starting = list(_starting(containers, key))
            most = max(sum(map(number, facts)), *(amount for _, amount in starting), 0.0)
            say.derive(key, most, unit, at, *facts, *(fact for fact, _ in starting))


def _starting(containers: Sequence[Statement], key: str) -> Iterator[tuple[Fact, float]]:
    beside = 0.0
    for part in containers:
        fact, role = part.find(key), part.subject.label("container_role")
        if fact and role == "sidecar":
            beside += number(fact)
        elif fact and role == "init":
            yield fact, beside + number(fact)


def _state(side: str, resource: str, unit: Unit, block: Node | None, say: Statement) -> Fact | None:
    holder = mapping(block, side)
    return say.quantity(key_of(side, resource), unit, holder, resource) if holder else None


def _from_ranges(side: str, resource: str, unit: Unit, limit_ranges: Sequence[Manifest], say: Statement) -> None:
    above = Statement(say.subject)
    holders = list(_holders(side, resource, limit_ranges))
    found = [fact for holder in holders if (fact := above.quantity(key_of(side, resource), unit, holder, resource))]
    say.gaps.extend(above.gaps)
    if len({fact.value for fact in found}) > 1:
        # The API server takes whichever of them it comes to first, in no order that anybody can rely on.
        say.doubt(holders[-1].members[resource].value, f"{key_of(side, resource)}: limit ranges disagree")
    elif found:
        say.inherit(found[0])


def _holders(side: str, resource: str, limit_ranges: Sequence[Manifest]) -> Iterator[Node]:
    """Where the LimitRanges of a namespace name what containers get that name nothing."""
    for limit in (limit for limit_range in limit_ranges for limit in items(limit_range.spec, "limits")):
        given = (mapping(limit, field) for field in _DEFAULTS[side])
        holder = next((holder for holder in given if holder and resource in holder.members), None)
        if text(limit, "type") == "Container" and holder:
            yield holder
