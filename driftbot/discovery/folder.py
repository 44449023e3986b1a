"""Discovery: what lies in folders that driftbot could watch, and who owns it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import commonpath

from driftbot.collectors.backstage import is_entity
from driftbot.collectors.rule_file import rules_of
from driftbot.core.fact import Origin
from driftbot.core.rule import Problem
from driftbot.documents.documents import Documents
from driftbot.documents.node import Node, Shape
from driftbot.documents.yaml import read_yaml
from driftbot.owners import Owners, find_owners
from driftbot.tape.folder import read_folder

PATTERNS = ("*.yaml", "*.yml", "*.rules")
UNWANTED = ("driftbot.yaml", "driftbot.approvals.yaml", "node_modules/", ".venv/")
OWNER_LABELS = ("team", "owner")

Progress = Callable[[str], None]


@dataclass(slots=True)
class Kind:
    """Files of one kind: their paths below the folder, and how many things they hold by name."""

    paths: list[str] = field(default_factory=list)
    things: Counter[str] = field(default_factory=Counter)

    def add(self, path: str, things: Counter[str]) -> None:
        """Count a file, if it holds anything."""
        if things:
            self.paths.append(path)
            self.things += things

    @property
    def root(self) -> str:
        """The deepest folder that holds all of them, below the folder looked at; ``.`` for the folder itself."""
        folders = [str(PurePosixPath(path).parent) for path in self.paths]
        return commonpath(folders) or "." if folders else "."


@dataclass(slots=True)
class Found:
    """What one folder holds. ``teams`` are owners named by labels, ``owners`` the CODEOWNERS file that speaks of it."""

    folder: Path
    files: int = 0
    alerts: Kind = field(default_factory=Kind)
    manifests: Kind = field(default_factory=Kind)
    catalog: Kind = field(default_factory=Kind)
    backstage: Kind = field(default_factory=Kind)
    teams: Counter[str] = field(default_factory=Counter)
    owners: Owners | None = None
    unread: list[Problem] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing in it could be watched."""
        return not (self.alerts.paths or self.manifests.paths or self.catalog.paths or self.backstage.paths)


def look_into(folder: Path, progress: Progress) -> Found:
    """Read every file of a folder that might be configuration; what cannot be read is kept with its place."""
    found = Found(folder, owners=find_owners(folder))
    for body in read_folder(folder, PATTERNS, UNWANTED):
        found.files += 1
        if found.files % 100 == 0:
            progress(f"{folder}: {found.files:,} files")
        if body.problem:
            found.unread.append(Problem(Origin("discovery", body.locator), body.problem))
            continue
        documents = read_yaml(body.content, "discovery", body.locator)
        if not documents.complete:
            found.unread += documents.problems[:1]
        _sort(body.locator, documents, found)
    return found


def _sort(path: str, documents: Documents, found: Found) -> None:
    rules = rules_of(documents).rules
    found.alerts.add(path, Counter("recording rule" if rule.recording else "alert" for rule in rules))
    objects = [node for document in documents.nodes for node in _objects(document)]
    found.backstage.add(path, Counter(_text(node, "kind") for node in objects if is_entity(node)))
    manifests = [node for node in objects if _is_manifest(node)]
    found.manifests.add(path, Counter(_text(node, "kind") for node in manifests))
    services = [name for document in documents.nodes for name in _services(document)]
    found.catalog.add(path, Counter({"service": len(services)} if services else {}))
    labelled = [rule.node.get("labels") for rule in rules] + [node.get("metadata", "labels") for node in manifests]
    found.teams.update(_teams(node for node in labelled if node is not None))


def _objects(document: Node) -> Iterator[Node]:
    if document.shape is not Shape.MAPPING:
        return
    items = document.get("items")
    if _text(document, "kind").endswith("List") and items is not None:
        yield from items.items
    else:
        yield document


def _text(node: Node, *path: str) -> str:
    found = node.get(*path)
    return found.text if found is not None and found.shape is Shape.SCALAR else ""


WATCHED = frozenset(
    {
        *("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Ingress"),
        *("HorizontalPodAutoscaler", "PodDisruptionBudget"),
    }
)
"""Kinds of Kubernetes objects that say something a rule is about."""


def _is_manifest(node: Node) -> bool:
    return bool(_text(node, "apiVersion")) and _text(node, "kind") in WATCHED and not is_entity(node)


def _services(document: Node) -> Iterator[str]:
    """The services of a catalog: a list under ``services`` whose entries have names (a Compose file has a mapping)."""
    services = document.get("services") if document.shape is Shape.MAPPING else None
    if services is not None and services.shape is Shape.SEQUENCE:
        yield from filter(None, (_text(entry, "name") for entry in services.items if entry.shape is Shape.MAPPING))


def _teams(labels: Iterable[Node]) -> Iterator[str]:
    for node in labels:
        named = (_text(node, label) for label in OWNER_LABELS) if node.shape is Shape.MAPPING else ()
        yield from filter(is_name, named)


def is_name(text: str) -> bool:
    """Whether a label's value names somebody: a template only says where a name will stand."""
    return bool(text) and "{{" not in text
