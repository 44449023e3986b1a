"""Placeholders of template languages (Helm, Jinja, ERB) that keep a file from being what its suffix says."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<%.*?%>|\{\{.*|\{%.*|<%.*")
_STATEMENT = re.compile(r"\s*(?:-\s+)?(?:\{\{|\{%|\{#|<%)")
_FARTHEST = 65_536

HINT = "it is a template: read its rendered output (helm template, kustomize build, erb), or accept the gap"


def placeholder_near(text: str, start: int, error: int) -> re.Match[str] | None:
    """The placeholder that explains why a parser stopped at ``error`` in the document that begins at ``start``.

    That is an unquoted one on the line of the error, else the last line before it that begins with one.
    """
    line_start = text.rfind("\n", start, error) + 1 or start
    line_end = text.find("\n", error)
    here = _unquoted(text, max(line_start, start), len(text) if line_end < 0 else line_end)
    if here:
        return here
    before, start = line_start, max(start, line_start - _FARTHEST)
    while before > start:
        end, before = before - 1, max(text.rfind("\n", start, before - 1) + 1, start)
        if _STATEMENT.match(text, before, end):
            return _PLACEHOLDER.search(text, before, end)
    return None


def _unquoted(text: str, start: int, end: int) -> re.Match[str] | None:
    for match in _PLACEHOLDER.finditer(text, start, end):
        before = text[start : match.start()]
        if before.count('"') % 2 == 0 and before.count("'") % 2 == 0 and "#" not in before:
            return match
    return None
