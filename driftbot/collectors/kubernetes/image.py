"""Images: which one a container runs, and whether tomorrow's pull may bring another one.

Default tag and pull policy: https://kubernetes.io/docs/concepts/containers/images/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import nobody_else
from driftbot.collectors.statement import PLACEHOLDER, Statement, part
from driftbot.core.fact import Provenance
from driftbot.core.key import Key, ValueType
from driftbot.documents.node import Node, Shape

_REFERENCE = re.compile(
    r"(?P<repository>[^\s@]+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-fA-F]{32,}))?"
)


givers = nobody_else


def keys() -> Iterator[Key]:
    """What containers say about their image."""
    for name, type, meaning in (
        ("image.repository", ValueType.TEXT, "the image without tag and digest, as written"),
        ("image.tag", ValueType.TEXT, "the image's tag; latest where there is neither tag nor digest"),
        ("image.digest", ValueType.TEXT, "the digest that pins the image"),
        ("image.floating", ValueType.FLAG, "whether the reference may name another image tomorrow: no digest, and a tag"
         " without a digit in it (latest, stable, main) or no tag at all"),
        ("image.pull_policy", ValueType.TEXT, "when the image is pulled: Always, IfNotPresent or Never; by default"
         " Always for the tag latest and IfNotPresent for any other"),
    ):  # fmt: skip
        yield Key("container", name, type, meaning)


def state_image(container: Node, say: Statement) -> None:
    """The image's parts, each with the bytes it stands in where the image is written as plain text."""
    node = container.get("image")
    if node is None or node.is_null:
        return
    match = _REFERENCE.fullmatch(node.text) if node.shape is Shape.SCALAR else None
    if match is None or PLACEHOLDER.search(node.text):
        say.doubt(node, f"image {node.raw[:80]!r} is no image reference")
        return
    tag, digest = match["tag"], match["digest"]
    say.state("image.repository", match["repository"], part(node, *match.span("repository")))
    if digest:
        say.state("image.digest", digest, part(node, *match.span("digest")))
    if tag:
        say.state("image.tag", tag, part(node, *match.span("tag")))
    elif not digest:
        say.state("image.tag", "latest", node, Provenance.DEFAULT)
    say.state("image.floating", not digest and not re.search(r"\d", tag or ""), node)
    latest = not digest and (tag or "latest") == "latest"
    say.text("image.pull_policy", container, "imagePullPolicy", default="Always" if latest else "IfNotPresent")
