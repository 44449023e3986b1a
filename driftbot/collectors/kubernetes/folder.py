"""A folder of manifests: its objects, what in it could not be read, and what that leaves in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import basename

from driftbot.collectors.collector import Body
from driftbot.collectors.kubernetes.kustomization import (
    FILE_NAMES,
    Kustomization,
    built_by,
    may_be_kustomization,
    patch_gap,
    patches_of,
    read_kustomization,
)
from driftbot.collectors.kubernetes.manifest import AUTOSCALERS, GROUPS, Manifest, manifests, text
from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin
from driftbot.core.rule import Problem
from driftbot.documents.documents import Documents
from driftbot.documents.node import Node
from driftbot.documents.yaml import read_yaml

SUBJECT_KINDS = frozenset(
    {"workload", "container", "job", "autoscaler", "disruption_budget", "kubernetes_service", "ingress", "webhook"}
)
_AFFECTED = {
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"),
        # Budgets and Services name the workloads that they are about.
        frozenset({"workload", "container", "disruption_budget", "kubernetes_service"}),
    ),
    **dict.fromkeys(("Job", "CronJob"), frozenset({"job", "container"})),
    **dict.fromkeys(AUTOSCALERS, frozenset({"autoscaler", "workload"})),
    "PodDisruptionBudget": frozenset({"disruption_budget", "workload"}),
    "Service": frozenset({"kubernetes_service", "workload"}),
    "Ingress": frozenset({"ingress"}),
    "LimitRange": frozenset({"container", "workload", "job"}),
    "ValidatingWebhookConfiguration": frozenset({"webhook"}),
    "MutatingWebhookConfiguration": frozenset({"webhook"}),
}
_KIND_LINE = re.compile(rb"^[ \t]*(?:-[ \t]+)?[\"']?kind[\"']?[ \t]*:[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_INCLUDED = re.compile(rb"^\{\{-?\s*(?:include|template|tpl)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A gap and the kinds of object that may hide in it.

    ``touched`` are the files whose objects it may change; None: those of every file.
    """

    gap: Gap
    hidden: frozenset[str] = frozenset(_AFFECTED)
    touched: frozenset[str] | None = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of subject that those objects would say something about."""
        return frozenset().union(*(_AFFECTED[kind] for kind in self.hidden))


@dataclass(slots=True)
class Folder:
    """What the files of one source hold."""

    manifests: list[Manifest] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_folder(bodies: Iterable[Body], source: str, default_namespace: str) -> Folder:
    """Read every file; patches of kustomizations are gaps and no objects, templates are gaps with their line."""
    folder = Folder()
    documents: list[tuple[str, Node]] = []
    kustomizations: dict[str, Kustomization] = {}
    for body in bodies:
        for node in _read(body, source, folder):
            if basename(body.locator) in FILE_NAMES or text(node, "kind") == "Kustomization":
                kustomizations[body.locator] = read_kustomization(node, body.locator)
            else:
                documents.append((body.locator, node))
    for locator, entry in kustomizations.items():
        built = built_by(locator, kustomizations)
        folder.doubts.extend(Doubt(gap, touched=built) for gap in entry.gaps)
    patches = patches_of(kustomizations)
    for locator, node in documents:
        if locator in patches:
            folder.doubts.append(Doubt(patch_gap(node, patches[locator]), objects_among([text(node, "kind")])))
        else:
            _take(node, default_namespace, folder)
    return folder


def objects_among(kinds: Iterable[str]) -> frozenset[str]:
    """Those of the kinds that are read; all that are where a kind is a placeholder or none is named."""
    named = set(kinds)
    if not named or not all(kind.isalnum() for kind in named):
        return frozenset(_AFFECTED)
    return frozenset(named & set(_AFFECTED))


def _take(node: Node, default_namespace: str, folder: Folder) -> None:
    for found in manifests(node, default_namespace):
        if isinstance(found, Manifest):
            folder.manifests.append(found)
        else:
            kinds = [kind for kind in GROUPS if found.reason.startswith(f"{kind} ")]
            touched = None if found.reason.endswith("(a patch?)") else frozenset[str]()
            folder.doubts.append(Doubt(found, objects_among(kinds), touched))


def _read(body: Body, source: str, folder: Folder) -> Iterator[Node]:
    if body.problem:
        touched = None if may_be_kustomization(body.locator) else frozenset[str]()
        folder.doubts.append(Doubt(Gap(Origin(source, body.locator), body.problem), touched=touched))
        return
    documents = read_yaml(body.content, source, body.locator)
    yield from documents.nodes
    if documents.complete:
        folder.notes.extend(str(problem) for problem in documents.problems)
    else:
        _doubt(documents, body, folder)


def _doubt(documents: Documents, body: Body, folder: Folder) -> None:
    kinds = [match[1].decode(errors="replace").strip("\"'") for match in _KIND_LINE.finditer(body.content)]
    builds = may_be_kustomization(body.locator, kinds)
    hidden = objects_among(() if builds or _INCLUDED.search(body.content) else kinds)
    touched = None if builds else frozenset[str]()
    if hidden:
        folder.doubts.extend(
            Doubt(Gap(problem.origin, _reason(problem)), hidden, touched) for problem in documents.problems
        )
    else:
        holds = ", ".join(sorted(set(kinds)))
        folder.notes.extend(
            f"{problem} in a file of kinds that are not read ({holds})" for problem in documents.problems
        )


def _reason(problem: Problem) -> str:
    return problem.message + (f"; {problem.hint}" if problem.hint else "")
