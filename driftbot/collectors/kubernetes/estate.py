"""The estate: what other objects of the same files say about a workload."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from driftbot.collectors.kubernetes.autoscaler import state_autoscaler, state_scaled_object, target_of
from driftbot.collectors.kubernetes.disruption_budget import Budget, state_budget
from driftbot.collectors.kubernetes.manifest import Manifest
from driftbot.collectors.kubernetes.naming import described
from driftbot.collectors.kubernetes.service import ServiceEntry, state_service
from driftbot.collectors.statement import Statement


@dataclass(frozen=True, slots=True)
class Estate:
    """Budgets, Services and limit ranges by namespace, and autoscalers by what they scale.

    ``hidden`` are the kinds of object of which not all could be read: that there is none of them is not said. ``woken``
    is what a ScaledObject scales, from zero replicas too.
    """

    autoscalers: Mapping[tuple[str, str, str], list[Statement]]
    budgets: Mapping[str, list[Budget]]
    services: Mapping[str, list[ServiceEntry]]
    limit_ranges: Mapping[str, list[Manifest]]
    hidden: frozenset[str] = frozenset()
    woken: set[tuple[str, str, str]] = field(default_factory=set)

    def autoscalers_of(self, workload: Manifest) -> list[Statement]:
        """The autoscalers that scale a workload."""
        return self.autoscalers.get((workload.namespace, workload.kind, workload.name), [])

    def wakes(self, workload: Manifest) -> bool:
        """Whether it is scaled also where it asks for no replicas."""
        return (workload.namespace, workload.kind, workload.name) in self.woken

    def budgets_of(self, namespace: str, pod_labels: Mapping[str, str]) -> list[Budget]:
        """The budgets that protect pods with these labels."""
        return [budget for budget in self.budgets.get(namespace, ()) if budget.covers(namespace, pod_labels)]

    def services_of(self, namespace: str, pod_labels: Mapping[str, str]) -> list[str]:
        """The names of the Services that reach pods with these labels."""
        entries = self.services.get(namespace, ())
        return [entry.statement.subject.name for entry in entries if entry.reaches(namespace, pod_labels)]

    def limit_ranges_of(self, namespace: str) -> Sequence[Manifest]:
        """The namespace's limit ranges."""
        return self.limit_ranges.get(namespace, ())


def survey(
    manifests: Iterable[Manifest], environment: str, extra_labels: Iterable[str], hidden: frozenset[str]
) -> Estate:
    """What the manifests hold beside workloads and jobs."""
    estate = Estate(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list), hidden)
    extra = tuple(extra_labels)
    for manifest in manifests:
        match manifest.kind:
            case "HorizontalPodAutoscaler":
                estate.autoscalers[target_of(manifest)].append(state_autoscaler(manifest, environment))
            case "ScaledObject":
                estate.woken.add(target_of(manifest))
                estate.autoscalers[target_of(manifest)].append(state_scaled_object(manifest, environment))
            case "PodDisruptionBudget":
                estate.budgets[manifest.namespace].append(state_budget(manifest, environment))
            case "Service":
                labels = described(manifest, extra)
                estate.services[manifest.namespace].append(state_service(manifest, environment, labels))
            case "LimitRange":
                estate.limit_ranges[manifest.namespace].append(manifest)
    return estate
