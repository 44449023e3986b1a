"""Kubernetes manifests: what files declare about workloads, containers, jobs and the objects around them.

Reads plain manifests and the rendered output of Helm and Kustomize: several documents a file, ``List`` objects, YAML
and JSON. It does not render: a template that is not YAML, a kustomize patch, and everything a kustomize build would
still change are gaps with their line, which a person can accept.

Subjects
    ``workload`` (Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod) and ``job`` (Job, CronJob)
    are ``namespace/name``; ``container`` is ``namespace/workload/container`` (init containers too, told apart by the
    label ``container_role``); ``autoscaler``, ``disruption_budget``, ``kubernetes_service`` and ``ingress`` are
    ``namespace/name``; ``webhook`` is ``configuration/name``. All carry ``namespace``, ``workload``,
    ``workload_kind``, ``app``, ``app_kubernetes_io_name`` and its siblings, ``team``, ``owner``, ``tier`` and
    ``service`` where the manifest says so, and the labels that the option ``labels`` names.

Keys
    Each noun in ``driftbot.collectors.kubernetes`` declares its keys with their meaning, unit and default. A default of
    the API is a fact with provenance ``default`` whose origin is the object that would hold the value; what a
    namespace's LimitRange or a pod gives its containers is ``inherited``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import Field

from driftbot.collectors.collector import Collector, Context, Options
from driftbot.collectors.kubernetes import (
    autoscaler,
    container,
    disruption_budget,
    image,
    ingress,
    job,
    lifecycle,
    pod,
    probe,
    resource,
    rollout,
    service,
    spread,
    webhook,
    workload,
)
from driftbot.collectors.kubernetes.estate import Estate, survey
from driftbot.collectors.kubernetes.folder import SUBJECT_KINDS, Folder, read_folder
from driftbot.collectors.kubernetes.manifest import Manifest
from driftbot.collectors.kubernetes.naming import JOBS, WORKLOADS, described, subjects_of
from driftbot.collectors.kubernetes.settlement import settle
from driftbot.collectors.statement import Statement
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.key import Key
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject

KIND = "kubernetes_manifests"
_NOUNS = (
    workload, rollout, spread, pod, container, image, probe, resource, lifecycle, job, autoscaler, disruption_budget,
    service, ingress, webhook,
)  # fmt: skip
_GIVERS = {(key.subject_kind, key.name): noun.givers(key) for noun in _NOUNS for key in noun.keys()}  # noqa: SIM118
# A value that cannot be read leaves in doubt what is computed or taken over from it as well.
_RESTS_ON = {
    "container": frozenset({"container", "workload", "job"}),
    "autoscaler": frozenset({"autoscaler", "workload"}),
    "disruption_budget": frozenset({"disruption_budget", "workload"}),
    "kubernetes_service": frozenset({"kubernetes_service", "workload"}),
    "workload": frozenset({"workload", "container"}),
    "job": frozenset({"job", "container"}),
}


class ManifestOptions(Options):
    """Where the manifests are, and how they are read."""

    path: str = Field(description="the folder (or file) of manifests, relative to driftbot.yaml")
    include: tuple[str, ...] = Field(("*.yaml", "*.yml"), description="patterns of files to read, as in .gitignore")
    exclude: tuple[str, ...] = Field((), description="patterns of files and folders to leave out, as in .gitignore")
    namespace: str = Field("default", description="the namespace of objects that name none")
    labels: tuple[str, ...] = Field(
        (), description="more labels and annotations that subjects carry, e.g. example.org/zone"
    )


def keys(_options: ManifestOptions | None = None) -> tuple[Key, ...]:
    """Every key that manifests provide."""
    return tuple(sorted(replace(key, providers=(KIND,)) for noun in _NOUNS for key in noun.keys()))  # noqa: SIM118


def read(options: ManifestOptions, context: Context) -> Reading:
    """Read the folder: facts about every object, and for each kind of subject whether everything was seen."""
    bodies = context.files(options.path, options.include, options.exclude)
    folder = read_folder(bodies, context.source, options.namespace)
    statements = list(_statements(folder, context.environment, options.labels))
    facts = sorted(
        (fact for statement in statements for fact in statement.facts),
        key=lambda fact: (fact.subject, fact.key, fact.origin),
    )
    return Reading(
        facts=tuple(facts),
        coverage=tuple(_coverage(folder, statements, context)),
        notes=tuple(sorted({*folder.notes, *_double_names(folder.manifests)})),
    )


def _statements(folder: Folder, environment: str, extra: Iterable[str]) -> Iterator[Statement]:
    manifests = folder.manifests
    hidden = frozenset(kind for doubt in folder.doubts for kind in doubt.hidden)
    estate = survey(manifests, environment, extra, hidden)
    subjects = subjects_of(manifests, environment, extra)
    _protect(estate, subjects)
    for manifest, subject in subjects.items():
        if manifest.kind in JOBS:
            yield from job.state_job(manifest, subject, estate.limit_ranges_of(manifest.namespace))
        else:
            yield from workload.state_workload(manifest, subject, estate)
    for manifest in manifests:
        if manifest.kind == "Ingress":
            yield ingress.state_ingress(manifest, environment, described(manifest, extra))
        elif manifest.kind.endswith("WebhookConfiguration"):
            yield from webhook.state_webhooks(manifest, environment)
    yield from _surroundings(estate, subjects)


def _protect(estate: Estate, subjects: dict[Manifest, Subject]) -> None:
    for namespace, name, labels in _pods(subjects):
        for budget in estate.budgets_of(namespace, labels):
            budget.protected.add(name)


def _pods(subjects: dict[Manifest, Subject]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Of every workload its namespace, its name and the labels of its pods."""
    for manifest, subject in subjects.items():
        if manifest.kind in WORKLOADS:
            yield manifest.namespace, subject.name, workload.pod_of(manifest)[1]


def _surroundings(estate: Estate, subjects: dict[Manifest, Subject]) -> Iterator[Statement]:
    """Autoscalers, budgets and Services, with the workloads that they are about where all workloads could be read."""
    whole, pods = estate.hidden.isdisjoint(WORKLOADS), tuple(_pods(subjects))
    for statements in estate.autoscalers.values():
        yield from statements
    for budget in (budget for budgets in estate.budgets.values() for budget in budgets):
        if whole:
            budget.statement.names("workloads", budget.protected, budget.manifest.node)
        yield budget.statement
    for entry in (entry for entries in estate.services.values() for entry in entries):
        reached = {name for namespace, name, labels in pods if entry.reaches(namespace, labels)}
        if whole:
            entry.statement.names("workloads", reached, entry.manifest.node)
        yield entry.statement


def _coverage(folder: Folder, statements: Sequence[Statement], context: Context) -> Iterator[Coverage]:
    gaps: dict[str, set[Gap]] = {kind: set() for kind in SUBJECT_KINDS}
    for doubt in folder.doubts:
        for kind in doubt.kinds:
            gaps[kind].add(doubt.gap)
    for statement in statements:
        for kind in _RESTS_ON.get(statement.subject.kind, {statement.subject.kind}):
            gaps[kind].update(statement.gaps)
    settlement = settle(folder, statements, _GIVERS)
    for kind, found in sorted(gaps.items()):
        yield Coverage(
            context.source,
            context.environment,
            kind,
            gaps=tuple(sorted(found, key=_place)),
            settled=settlement.keys[kind] if found else frozenset(),
            doubted=settlement.doubted[kind] if found else frozenset(),
        )


def _place(gap: Gap) -> tuple[object, ...]:
    return gap.origin, gap.reason


def _double_names(manifests: Iterable[Manifest]) -> Iterator[str]:
    for kinds in (WORKLOADS, JOBS):
        found: dict[str, set[str]] = {}
        for manifest in manifests:
            if manifest.kind in kinds:
                found.setdefault(manifest.full_name, set()).add(manifest.kind)
        for name, same in found.items():
            if len(same) > 1:
                ordered = sorted(same, key=kinds.index)
                both = " and a ".join(ordered)
                yield f"{name} is a {both}: the {ordered[0]} keeps the name, the others add their kind"


collector = Collector(kind=KIND, options=ManifestOptions, keys=keys, read=read)
