"""Kustomizations: which files are patches and not objects, and what a build would still change.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/. driftbot does not build: a patch never becomes a
subject, and whatever a build would change is a gap, because the files alone do not say what runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath

from driftbot.collectors.kubernetes.manifest import text
from driftbot.core.coverage import Gap
from driftbot.documents.node import Node, Shape

FILE_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_KINDS = frozenset({"Kustomization", "Component"})
_BUILT = ("resources", "bases", "components")
_HINT = "read the rendered output (kustomize build), or accept the gap"
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_CHANGES = (
    "namespace", "namePrefix", "nameSuffix", "replicas", "images", "commonLabels", "labels", "commonAnnotations",
    "replacements", "vars", "helmCharts", "transformers", "generators", "components", *_PATCHES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kustomization:
    """One kustomization file: the paths of its patches and of what it builds (files, and folders with kustomizations
    of their own), and the gap that it is where a build would change objects.
    """

    patches: frozenset[str]
    builds: frozenset[str]
    gaps: tuple[Gap, ...]


def read_kustomization(document: Node, locator: str) -> Kustomization:
    """What a kustomization says about the files around it."""
    changes = [name for name in _CHANGES if _is_given(document, name)]
    gaps = [
        Gap(document.members[name].key.origin, f"a kustomize build still applies {', '.join(changes)}; {_HINT}")
        for name in changes[:1]
    ]
    folder = dirname(locator)
    patches, builds = (
        frozenset(normpath(join(folder, path)) for path in paths)
        for paths in (_patch_files(document), _built(document))
    )
    return Kustomization(patches, builds, tuple(gaps))


def built_by(locator: str, found: Mapping[str, Kustomization]) -> frozenset[str]:
    """The files that a kustomization builds, its own bases' among them: whose objects it may change."""
    of_folder = {dirname(path): path for path in found}
    files: set[str] = set()
    waiting = [locator]
    while waiting:
        path = waiting.pop()
        if path not in files:
            files.add(path)
            waiting += found[path].builds if path in found else filter(None, [of_folder.get(path)])
    return frozenset(files)


def may_be_kustomization(locator: str, kinds: Iterable[str] = ()) -> bool:
    """Whether a file that could not be read may change what others say: by its name, or by a kind that it names."""
    name = basename(locator)
    return name in FILE_NAMES or not name.endswith((".yaml", ".yml", ".json")) or not _KINDS.isdisjoint(kinds)


def patch_gap(document: Node, kustomization: str) -> Gap:
    """The gap that a patch file is."""
    kind = text(document, "kind") or "object"
    return Gap(document.origin, f"a patch of a {kind} that {kustomization} applies; {_HINT}")


def patches_of(found: Mapping[str, Kustomization]) -> dict[str, str]:
    """The path of every patch with the kustomization that applies it."""
    return {path: locator for locator, entry in sorted(found.items()) for path in entry.patches}


def _is_given(document: Node, name: str) -> bool:
    node = document.get(name)
    return node is not None and not node.is_null and bool(node.children or node.text)


def _built(document: Node) -> Iterator[str]:
    for name in _BUILT:
        listed = document.get(name)
        yield from (item.text for item in listed.items if item.text) if listed else ()


def _patch_files(document: Node) -> Iterator[str]:
    for name in _PATCHES:
        listed = document.get(name)
        for item in listed.items if listed else ():
            path = text(item, "path") if item.shape is Shape.MAPPING else item.text
            if path and "\n" not in path:
                yield path
