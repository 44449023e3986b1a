"""Spread: what keeps a workload's pods from standing in one place.

https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ and
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/. Without any of it the scheduler still tries
to spread over hosts and zones, as a wish that it drops under pressure.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import items, mapping, nobody_else, text
from driftbot.collectors.statement import Statement
from driftbot.core.fact import Provenance
from driftbot.core.key import Key, ValueType
from driftbot.documents.node import Node

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_ZONE = {"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"}
_HOST = {"kubernetes.io/hostname"}


givers = nobody_else


def keys() -> Iterator[Key]:
    """The topologies a workload is spread over."""
    for name, meaning in (
        (
            "required",
            "topologies the pods must spread over: constraints that do not schedule, and required anti-affinity",
        ),
        ("preferred", "topologies the pods should spread over: the others of both kinds"),
    ):
        yield Key("workload", f"spread.{name}", ValueType.NAMES, f"{meaning}; empty where nobody wrote any")
    for name in ("zones", "hosts"):
        meaning = f"whether a constraint or an anti-affinity, required or preferred, speaks of {name}"
        yield Key("workload", f"spread.{name}", ValueType.FLAG, meaning)


def state_spread(pod: Node, say: Statement) -> None:
    """The topologies that a pod's constraints and anti-affinities name."""
    required: set[str] = set()
    preferred: set[str] = set()
    for constraint in items(pod, "topologySpreadConstraints"):
        wish = text(constraint, "whenUnsatisfiable") == "ScheduleAnyway"
        (preferred if wish else required).add(text(constraint, "topologyKey"))
    away = mapping(pod, "affinity", "podAntiAffinity")
    required |= {text(term, "topologyKey") for term in items(away, _REQUIRED)}
    preferred |= {text(term, "podAffinityTerm", "topologyKey") for term in items(away, _PREFERRED)}
    topologies = (required | preferred) - {""}
    provenance = Provenance.EXPLICIT if topologies else Provenance.DEFAULT
    at = pod.get("topologySpreadConstraints") or away or pod
    say.names("spread.required", required - {""}, at, written=bool(topologies))
    say.names("spread.preferred", preferred - {""}, at, written=bool(topologies))
    for name, known in (("zones", _ZONE), ("hosts", _HOST)):
        say.state(f"spread.{name}", bool(topologies & known), at, provenance)
