"""Backstage entities: components and resources as services, their dependencies as calls.

The descriptor format: https://backstage.io/docs/features/software-catalog/descriptor-format. A component that consumes
an API calls the component that provides it. References are ``kind:namespace/name``; the kind and the namespace
``default`` may be left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftbot.collectors.call import state_call
from driftbot.collectors.kubernetes.manifest import mapping, text, texts
from driftbot.collectors.kubernetes.naming import describing, label_name
from driftbot.collectors.statement import PLACEHOLDER, Statement
from driftbot.core.coverage import Gap
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node

_SERVICES = ("Component", "Resource")
_ANNOTATIONS = (
    "backstage.io/kubernetes-id",
    "backstage.io/kubernetes-label-selector",
    "backstage.io/kubernetes-namespace",
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An entity as others name it."""

    kind: str
    namespace: str
    name: str

    @property
    def service(self) -> str:
        """The entity's name as a service: with its namespace unless that is the default one."""
        return self.name if self.namespace == "default" else f"{self.namespace}/{self.name}"


def is_entity(document: Node) -> bool:
    """Whether a document is an entity of Backstage."""
    return text(document, "apiVersion").startswith("backstage.io/")


def read_reference(written: str, kind: str, namespace: str) -> Reference:
    """Understand ``kind:namespace/name``; ``kind`` and ``namespace`` hold where they are left out."""
    before, colon, rest = written.rpartition(":")
    within, slash, name = rest.rpartition("/")
    return Reference((before if colon else kind).lower(), (within if slash else namespace).lower(), name)


def read_entities(entities: Sequence[Node], environment: str, statements: list[Statement], gaps: list[Gap]) -> None:
    """Add what the entities say: a service for every component and resource, a call for every dependency."""
    providers = _providers(entities)
    for node in entities:
        kind, name = text(node, "kind"), text(node, "metadata", "name")
        if kind not in _SERVICES:
            continue
        if not name or PLACEHOLDER.search(name):
            gaps.append(Gap(node.origin, f"a {kind} without a metadata.name"))
            continue
        statements.extend(_state(node, _own(node), environment, providers))


def _own(node: Node) -> Reference:
    namespace = text(node, "metadata", "namespace") or "default"
    return Reference(text(node, "kind").lower(), namespace.lower(), text(node, "metadata", "name"))


def _providers(entities: Iterable[Node]) -> Mapping[Reference, list[Reference]]:
    found: dict[Reference, list[Reference]] = defaultdict(list)
    for node in entities:
        if text(node, "kind") == "Component":
            for api, _ in _references(node, "providesApis", "api"):
                found[api].append(_own(node))
    return found


def _references(node: Node, field: str, kind: str) -> Iterator[tuple[Reference, Node]]:
    listed = node.get("spec", field)
    for item in listed.items if listed else ():
        yield read_reference(item.text, kind, _own(node).namespace), item


def _state(
    node: Node, own: Reference, environment: str, providers: Mapping[Reference, list[Reference]]
) -> Iterator[Statement]:
    callees = dict(_callees(node, own, providers))
    say = Statement(Subject("service", environment, own.service, labels_of(_labels(node, own))))
    spec = mapping(node, "spec")
    for key in ("owner", "system"):
        written = spec.get(key) if spec else None
        if written is not None and written.text:
            say.state(key, read_reference(written.text, key, own.namespace).service, written)
    if spec is not None:
        say.text("lifecycle", spec, "lifecycle")
    for key in ("team", "tier", "criticality"):
        if value := describing(_written(node)).get(key):
            say.state(key, value, mapping(node, "metadata") or node)
    say.names("calls", callees, spec or node, written=bool(callees))
    say.names("environments", (environment,), node, written=False)
    yield say
    for callee, at in sorted(callees.items()):
        yield state_call(at, own.service, callee, environment)


def _callees(node: Node, own: Reference, providers: Mapping[Reference, list[Reference]]) -> Iterator[tuple[str, Node]]:
    for api, at in _references(node, "consumesApis", "api"):
        yield from ((provider.service, at) for provider in providers.get(api, ()) if provider != own)
    for target, at in _references(node, "dependsOn", "component"):
        if target.kind in ("component", "resource") and target != own:
            yield target.service, at


def _written(node: Node) -> dict[str, str]:
    return {**texts(node.get("metadata", "annotations")), **texts(node.get("metadata", "labels"))}


def _labels(node: Node, own: Reference) -> dict[str, str]:
    written = _written(node)
    labels = {label_name(name): written[name] for name in _ANNOTATIONS if name in written}
    labels |= {label_name(name): value for name, value in texts(node.get("metadata", "labels")).items()}
    labels |= describing(written)
    labels |= {f"{own.kind}_type": text(node, "spec", "type"), "lifecycle": text(node, "spec", "lifecycle")}
    for key in ("owner", "system"):
        if value := text(node, "spec", key):
            labels[key] = read_reference(value, key, own.namespace).service
    return {name: value for name, value in labels.items() if value}
