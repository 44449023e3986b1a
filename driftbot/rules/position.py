"""From a character of an expression back to the line and column of the file it is written in."""

from __future__ import annotations

import re
from dataclasses import replace

from driftbot.core.fact import Origin
from driftbot.documents.node import Node

_BLOCK_HEADER = re.compile(r"[|>][+\-0-9]*[^\n]*\n?")


def place(node: Node, offset: int) -> Origin:
    """Where the character at ``offset`` of the node's text stands.

    YAML folds lines, strips indentation and undoes quotes, but keeps the order of everything that is not white space;
    so the n-th such character of the text is the n-th of what is written. Escapes inside double quotes may move the
    column by their length.
    """
    raw = node.raw
    header = _BLOCK_HEADER.match(raw)
    begin = header.end() if header else int(raw[:1] in {'"', "'"})
    ahead = sum(not character.isspace() for character in node.text[:offset])
    at = begin
    for at in range(begin, len(raw)):
        if raw[at].isspace():
            continue
        if ahead == 0:
            break
        ahead -= 1
    before = raw[:at]
    line = node.line + before.count("\n")
    column = len(before) - before.rfind("\n") if "\n" in before else node.column + len(before)
    start = node.start + len(before.encode())
    return replace(node.origin, line=line, column=column, start=start, end=max(start, node.end))
