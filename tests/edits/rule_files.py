"""Rule files as people write them: one expression in every style that YAML has for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

import yaml

INDENT = " " * 10


def _plain(text: str) -> str:
    return text.strip()


def _plain_over_lines(text: str) -> str:
    return re.sub(r" (?=and |or |unless |[<>=!])", f"\n{INDENT}", text.strip())


def _single(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", f"\n\n{INDENT}") + "'"


def _double(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _double_over_lines(text: str) -> str:
    return re.sub(r" (?=and |or |[<>])", rf" \\\n{INDENT}", json.dumps(text))


def _block(header: str) -> Callable[[str], str]:
    def written(text: str) -> str:
        lines = "".join(f"{INDENT}{line}\n" if line.strip() else "\n" for line in text.split("\n"))
        return f"{header}\n{lines}".removesuffix("\n")

    return written


def _folded(header: str) -> Callable[[str], str]:
    def written(text: str) -> str:
        return _block(header)(re.sub(r" (?=and |or |[<>=!])", "\n", text))

    return written


STYLES: Mapping[str, Callable[[str], str]] = {
    "plain": _plain,
    "plain over lines": _plain_over_lines,
    "single": _single,
    "double": _double,
    "double over lines": _double_over_lines,
    "literal": _block("|"),
    "literal stripped": _block("|-  # the condition > 5"),
    "literal kept": _block("|+"),
    "literal indented by 2": _block("|2-"),
    "folded": _folded(">"),
    "folded stripped": _folded(">-"),
    "folded kept": _folded(">+"),
}


def rule_file(rules: Sequence[Mapping[str, object]], styles: Sequence[str]) -> str:
    """A rule file in which each rule's expression has its style; the rest is as PyYAML writes it."""
    told = ["# 5 > 3 is no expression", "groups:", "  - name: g", "    rules:"]
    for rule, style in zip(rules, styles, strict=True):
        head, *rest = yaml.safe_dump(
            {key: value for key, value in rule.items() if key != "expr"}, width=1000
        ).splitlines()
        told += [f"      - {head}", f"        expr: {STYLES[style](str(rule['expr']))}"]
        told += [f"        {line}" for line in rest]
    return "\n".join(told) + "\n"
