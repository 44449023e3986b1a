"""Naming: which subject an object is, and which of its labels and annotations describe it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from driftbot.collectors.kubernetes.manifest import Manifest, mapping, texts
from driftbot.collectors.statement import PLACEHOLDER
from driftbot.core.subject import Labels, Subject, labels_of

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod")
JOBS = ("CronJob", "Job")

CARRIED = (
    "app",
    "k8s-app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "backstage.io/kubernetes-id",
    "tags.datadoghq.com/service",
)
"""Labels and annotations that every subject carries, under names that rules can write (``app_kubernetes_io_name``)."""

DESCRIBING = ("team", "owner", "tier", "service", "criticality")
"""Carried under their own name, also where they are written with a prefix (``example.org/team``)."""


def label_name(name: str) -> str:
    """A label's name as rules write it: ``app.kubernetes.io/name`` is ``app_kubernetes_io_name``."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def subjects_of(manifests: Iterable[Manifest], environment: str, extra: Iterable[str]) -> dict[Manifest, Subject]:
    """The subject of every workload and job.

    Its name is ``namespace/name``. Where a namespace has workloads of several kinds with one name, a Deployment keeps
    the plain name (else the first in the order of ``WORKLOADS``) and the others are ``namespace/name (StatefulSet)``.
    """
    wanted = tuple(extra)
    found: dict[Manifest, Subject] = {}
    for kind, kinds in (("workload", WORKLOADS), ("job", JOBS)):
        claims: dict[str, dict[str, list[Manifest]]] = defaultdict(lambda: defaultdict(list))
        for manifest in manifests:
            if manifest.kind in kinds:
                claims[manifest.full_name][manifest.kind].append(manifest)
        for name, by_kind in claims.items():
            plain = min(by_kind, key=kinds.index)
            for of_kind, same in by_kind.items():
                for manifest in same:
                    own = name if of_kind == plain else f"{name} ({of_kind})"
                    found[manifest] = Subject(kind, environment, own, described(manifest, wanted))
    return found


def described(manifest: Manifest, extra: Iterable[str]) -> Labels:
    """The labels a subject carries: where and what it is, and what its labels and annotations say about it.

    A workload's own labels come before its pods', both before annotations.
    """
    own = {"namespace": manifest.namespace}
    if manifest.kind in (*WORKLOADS, *JOBS):
        own |= {"workload": manifest.name, "workload_kind": manifest.kind}
    template = mapping(manifest.spec, "template") or mapping(manifest.spec, "jobTemplate", "spec", "template")
    pod = texts(template.get("metadata", "labels")) if template else {}
    written = {**manifest.annotations, **pod, **manifest.labels}
    written = {name: value for name, value in written.items() if value and not PLACEHOLDER.search(value)}
    carried = {label_name(name): written[name] for name in (*CARRIED, *extra) if name in written}
    return labels_of({**describing(written), **carried, **own})


def describing(written: Mapping[str, str]) -> dict[str, str]:
    """Team, owner, tier, … as labels say them, with or without a prefix; the one without comes first."""
    found: dict[str, str] = {}
    for name in sorted(written, key=lambda name: ("/" not in name, name)):
        short = name.rpartition("/")[2]
        if short in DESCRIBING:
            found[short] = written[name]
    return found
