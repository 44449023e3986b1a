"""What a file was read as: its documents, and every problem found on the way."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.rule import Problem
from driftbot.documents.node import Node


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents that could be read, in the order of the file, and its problems, sorted by place.

    ``complete`` says that no document was lost: a problem then only names something doubtful (a duplicate key).
    Documents without content are left out.
    """

    nodes: tuple[Node, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True
