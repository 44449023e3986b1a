"""Traps of YAML in rule files: an expression that begins or goes on like something that YAML keeps for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.core.fact import Origin
from driftbot.core.rule import Problem

_LINE = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z_][\w.]*):(?P<gap> +)(?P<value>\S.*?)\s*$")
_SECTIONS = frozenset({"let", "recommend"})
_EXPRESSIONS = frozenset({"where", "expect"})
_KEPT = {
    "!": "a tag",
    "[": "a list",
    "{": "a mapping",
    "&": "an anchor",
    "*": "an alias",
    "%": "a directive",
    "@": "a reserved sign",
    "`": "a reserved sign",
}
_QUOTED_WHOLE = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:''|[^'])*')\s*(#.*)?""")


def traps(text: str, origin: Origin) -> Iterator[Problem]:
    """Expressions of a rule file that YAML reads as something else; ``origin`` names the file."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if line[:1].strip():
            section = line.partition(":")[0]
        match = _LINE.match(line)
        if match is None or not _is_expression(match, section):
            continue
        value = match["value"]
        reason = _reason(value)
        if reason:
            at = Origin(origin.source, origin.locator, number, match.start("value") + 1)
            yield Problem(at, f"YAML reads this as {reason}, not as an expression", f"quote it: {_quoted(value)}")


def _is_expression(match: re.Match[str], section: str) -> bool:
    return match["key"] in _EXPRESSIONS if not match["indent"] else section in _SECTIONS


def _reason(value: str) -> str:
    if value[0] in "\"'":
        return "" if _QUOTED_WHOLE.fullmatch(value) else "a quoted text with something behind it"
    if value[0] in _KEPT:
        return _KEPT[value[0]]
    return "a mapping" if ": " in value else ""


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
