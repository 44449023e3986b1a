"""Settlement: what is settled about the objects that were read, beside files that were not.

A file that could not be read hides objects, and what those would say about others (an autoscaler about its workload).
It does not change what an object's own manifest says, its labels among it, unless a kustomize build may apply it to
that object.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from driftbot.collectors.doubt import doubted, files_in_doubt
from driftbot.collectors.kubernetes.folder import Folder
from driftbot.collectors.kubernetes.manifest import AUTOSCALERS
from driftbot.collectors.kubernetes.naming import WORKLOADS
from driftbot.collectors.statement import Statement
from driftbot.core.coverage import LABELS

Givers = Mapping[tuple[str, str], frozenset[str]]
"""By kind of subject and key, the kinds of object beside the subject's own that may give the key."""

_TEMPLATE = re.compile(r"\{\{|\$\{\{|<%")
_OBJECTS = {
    "autoscaler": AUTOSCALERS,
    "disruption_budget": frozenset({"PodDisruptionBudget"}),
    "kubernetes_service": frozenset({"Service"}),
    "workload": frozenset(WORKLOADS),
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """For each kind of subject, the keys that are settled, and the subjects whose keys are not."""

    keys: Mapping[str, frozenset[str]]
    doubted: Mapping[str, frozenset[str]]


def settle(folder: Folder, statements: Sequence[Statement], givers: Givers) -> Settlement:
    """What is settled: nothing where something unread may change any object."""
    kinds = sorted({kind for kind, _ in givers})
    if any(doubt.touched is None for doubt in folder.doubts):
        return Settlement(dict.fromkeys(kinds, frozenset()), dict.fromkeys(kinds, frozenset()))
    hidden = _hidden(folder, statements)
    keys = {
        kind: frozenset(key for of, key in givers if of == kind and not givers[of, key] & hidden) | {LABELS}
        for kind in kinds
    }
    files = _files(folder, statements)
    patched = _patched(statements)
    return Settlement(keys, {kind: doubted(statements, kind, files) | patched.get(kind, frozenset()) for kind in kinds})


def _hidden(folder: Folder, statements: Iterable[Statement]) -> frozenset[str]:
    """The kinds of object of which one could not be read, or not whole."""
    unread = {kind for doubt in folder.doubts for kind in doubt.hidden}
    templated = {manifest.kind for manifest in folder.manifests if _TEMPLATE.search(manifest.node.raw)}
    partly = {kind for part in statements if part.gaps for kind in _OBJECTS.get(part.subject.kind, ())}
    return frozenset(unread | templated | partly)


def _files(folder: Folder, statements: Iterable[Statement]) -> Collection[str]:
    """The files whose objects may not be what they say."""
    gaps = [*(doubt.gap for doubt in folder.doubts), *(gap for part in statements for gap in part.gaps)]
    touched = {path for doubt in folder.doubts for path in doubt.touched or ()}
    templated = {manifest.node.origin.locator for manifest in folder.manifests if _TEMPLATE.search(manifest.node.raw)}
    return files_in_doubt(gaps) | touched | templated


def _patched(statements: Iterable[Statement]) -> Mapping[str, frozenset[str]]:
    """The subjects of the same name as a manifest that is only a part of one: it may be a patch of them."""
    found = list(statements)
    parts = {part.subject.label("workload") for part in found if part.gaps and not part.facts} - {None}
    patched: dict[str, set[str]] = {}
    for statement in found:
        if statement.subject.label("workload") in parts:
            patched.setdefault(statement.subject.kind, set()).add(statement.subject.name)
    return {kind: frozenset(names) for kind, names in patched.items()}
