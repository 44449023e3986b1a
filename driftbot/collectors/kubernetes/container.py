"""Containers: the regular ones of a pod, its init containers, and the sidecars among those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from driftbot.collectors.kubernetes.image import state_image
from driftbot.collectors.kubernetes.lifecycle import state_pre_stop
from driftbot.collectors.kubernetes.manifest import Manifest, items, nobody_else, text
from driftbot.collectors.kubernetes.probe import state_probes
from driftbot.collectors.kubernetes.resource import state_resources
from driftbot.collectors.statement import Statement
from driftbot.core.key import Key, ValueType
from driftbot.core.subject import Subject
from driftbot.documents.node import Node

KIND = "container"


class Role(StrEnum):
    """What a container is in its pod; a sidecar is an init container that is always restarted."""

    REGULAR = "regular"
    SIDECAR = "sidecar"
    INIT = "init"


@dataclass(frozen=True, slots=True)
class Container:
    """A container's node, its name and its role."""

    name: str
    role: Role
    node: Node


givers = nobody_else


def keys() -> Iterator[Key]:
    """What containers say about themselves beside image, probes, resources and their end."""
    yield Key(KIND, "ports", ValueType.NAMES, "the port numbers that the container says it listens on")


def containers_of(pod: Node) -> Iterator[Container]:
    """The containers of a pod's specification, in the order of the file."""
    for node in items(pod, "containers"):
        yield Container(text(node, "name"), Role.REGULAR, node)
    for node in items(pod, "initContainers"):
        role = Role.SIDECAR if text(node, "restartPolicy") == "Always" else Role.INIT
        yield Container(text(node, "name"), role, node)


def state_container(container: Container, owner: Subject, limit_ranges: Sequence[Manifest]) -> Statement:
    """All that one container of a workload or a job says; it carries its owner's labels."""
    own = {"container": container.name, "container_role": str(container.role)}
    name = f"{owner.name}/{container.name}"
    say = Statement(Subject(KIND, owner.environment, name, owner.labels).with_labels(own))
    state_image(container.node, say)
    state_probes(container.node, say)
    state_resources(container.node, limit_ranges, say)
    state_pre_stop(container.node, say)
    ports = [text(port, "containerPort") for port in items(container.node, "ports")]
    if any(ports):
        say.names("ports", filter(None, ports), container.node.members["ports"].value)
    return say
