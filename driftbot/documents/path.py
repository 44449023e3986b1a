"""Path expressions over documents: JSONPath (RFC 9535), answered with the nodes and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathQuery

from driftbot.documents.node import DEEPEST, Node

_PIECE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?P<dots>\.{1,2})(?P<name>[A-Za-z_]\w*(?:-+\w+)+)""")


class BadPath(ValueError):
    """The text is no path expression; the message says where it stops being one."""


class _Environment(JSONPathEnvironment):
    max_recursion_depth = DEEPEST + 10


_ENVIRONMENT = _Environment()


@dataclass(frozen=True, slots=True)
class Found:
    """A node that a path leads to, and the keys and positions on the way to it."""

    location: tuple[str | int, ...]
    node: Node


class Path:
    """A compiled path: ``$.clients[*].timeout``, ``$..containers[?@.name == 'web'].image``, ``$['a.b'].max-size``.

    That is RFC 9535, with one liberty: a name after a dot may hold hyphens.
    """

    def __init__(self, text: str) -> None:
        """Compile a path.

        Raises:
            BadPath: the text is no path expression.
        """
        self.text = text
        try:
            self._query: JSONPathQuery = _ENVIRONMENT.compile(_PIECE.sub(_bracketed, text))
        except JSONPathError as error:
            hint = "" if text.startswith("$") else "; a path begins with $"
            raise BadPath(f"{text!r} is no JSONPath: {error.args[0]}{hint}") from None

    def find(self, node: Node) -> Iterator[Found]:
        """Every node below ``node`` (or itself) that the path leads to, in the order of the path."""
        for match in self._query.finditer(node.plain()):
            found = node.get(*match.location)
            if found is not None:
                yield Found(tuple(match.location), found)


def _bracketed(match: re.Match[str]) -> str:
    if match["name"] is None:
        return match[0]
    return f"{'..' if match['dots'] == '..' else ''}['{match['name']}']"
