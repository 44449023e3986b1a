"""What every reader says of a key that stands twice."""

from __future__ import annotations

from driftbot.core.rule import Problem
from driftbot.documents.node import Node


def twice(name: str, key: Node, earlier: Node) -> Problem:
    """The problem of a key that stands twice in one mapping: the last one counts, as in most parsers."""
    return Problem(
        key.origin, f"key {name!r} stands twice, first on line {earlier.line}", "keep one; the last one counts"
    )
