"""Disruption budgets: how many pods an eviction may take at once.

https://kubernetes.io/docs/tasks/run-application/configure-pdb/: percentages round up; in policy/v1beta1 an empty
selector means no pod, in policy/v1 every pod of the namespace. Pods that two budgets protect cannot be evicted at all
(https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/: the API server answers 500). A budget counts
the pods of all workloads that it selects together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from driftbot.collectors.kubernetes.manifest import AUTOSCALERS, Manifest, mapping
from driftbot.collectors.kubernetes.naming import WORKLOADS
from driftbot.collectors.kubernetes.rollout import absolute
from driftbot.collectors.kubernetes.selector import selects
from driftbot.collectors.statement import Statement, number
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node

KIND = "disruption_budget"
_SHARES = {"min_available": "minAvailable", "max_unavailable": "maxUnavailable"}


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget's manifest and what it says."""

    manifest: Manifest
    statement: Statement
    protected: set[str] = field(default_factory=set)
    """The names of the workloads whose pods it selects."""

    def covers(self, namespace: str, pod_labels: Mapping[str, str]) -> bool:
        """Whether it protects pods with these labels."""
        selector = mapping(self.manifest.spec, "selector")
        if self.manifest.version == "v1beta1" and selector is not None and not selector.members:
            return False
        return namespace == self.manifest.namespace and selects(selector, pod_labels)


def keys() -> Iterator[Key]:
    """What budgets say, on themselves and on the workloads they protect."""
    for prefix, kind in (("", KIND), ("disruption_budget.", "workload")):
        for share, meaning in (("min_available", "stay"), ("max_unavailable", "may be away")):
            count = f"pods that must {meaning}" if meaning == "stay" else f"pods that {meaning}"
            yield Key(kind, f"{prefix}{share}.count", ValueType.QUANTITY, f"{count} during evictions", Unit.COUNT)
            yield Key(
                kind, f"{prefix}{share}.ratio", ValueType.QUANTITY, f"{count} during evictions, as a share", Unit.RATIO
            )
    yield Key(KIND, "workloads", ValueType.NAMES, "the workloads whose pods the budget protects")
    yield Key("workload", "disruption_budget.names", ValueType.NAMES, "the budgets that protect its pods; empty: none")
    allowed = (
        "pods that evictions may take at once at the fewest replicas; 0 blocks every drain of a node; "
        "not said where that rests on the pods of other workloads of the same budget"
    )
    yield Key("workload", "disruption_budget.allowed", ValueType.QUANTITY, allowed, Unit.COUNT)


def givers(key: Key) -> frozenset[str]:
    """The kinds of object beside the subject's own that may give the key."""
    if key.subject_kind == KIND:
        return frozenset(WORKLOADS) if key.name == "workloads" else frozenset()
    return AUTOSCALERS | {"PodDisruptionBudget"}


def state_budget(manifest: Manifest, environment: str) -> Budget:
    """All that a PodDisruptionBudget says."""
    labels = labels_of({"namespace": manifest.namespace})
    say = Statement(Subject(KIND, environment, manifest.full_name, labels))
    if manifest.spec is None:
        say.doubt(manifest.node, "has no spec")
    else:
        for key, field in _SHARES.items():
            say.share(key, manifest.spec, field)
    return Budget(manifest, say)


def state_protection(budgets: Sequence[Budget], replicas: Fact | None, at: Node, say: Statement) -> None:
    """What its budgets, all of them, say about a workload whose fewest replicas are given."""
    names = [budget.statement.subject.name for budget in budgets]
    say.names("disruption_budget.names", names, at, written=bool(names))
    shares = [fact for budget in budgets for fact in budget.statement.facts if fact.key.partition(".")[0] in _SHARES]
    for fact in shares:
        say.adopt(fact, f"disruption_budget.{fact.key}")
    alone = all(len(budget.protected) <= 1 for budget in budgets)
    if len(budgets) > 1:
        say.derive("disruption_budget.allowed", 0, Unit.COUNT, at, *shares)
    elif shares and replicas and (alone or all(map(_is_the_same_together, shares))):
        allowed = ((_allowed(fact, number(replicas)), fact) for fact in shares)
        fewest, fact = min(allowed, key=lambda pair: pair[0])
        say.derive("disruption_budget.allowed", fewest, Unit.COUNT, at, fact, replicas)


def _is_the_same_together(share: Fact) -> bool:
    """Whether it takes as many of one workload's pods, whatever the other workloads of the budget have."""
    match share.key:
        case "max_unavailable.count":
            return True
        case "max_unavailable.ratio":
            return number(share) == 0
        case "min_available.ratio":
            return number(share) == 1
    return False


def _allowed(share: Fact, pods: float) -> float:
    bound = math.ceil(absolute(share, pods))
    return max(pods - bound, 0) if share.key.startswith("min_available") else min(bound, pods)
