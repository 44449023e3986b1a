"""The page of actions: what each does, what it reads back, how it is undone, and its settings in a playbook."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from docs.render.markdown import page
from docs.render.settings import Schema, section
from driftbot.actions.action import Action
from driftbot.plugins import actions


def render() -> str:
    """The page."""
    return page(
        "Actions",
        "What a step of a playbook can do. What each may reach stands in `acting.reach` of"
        " [driftbot.yaml](configuration.md); [actions](../actions.md) says how they behave in common.",
        *(part for name, action in actions().items() for part in _parts(name, action)),
    )


def _parts(name: str, action: Action) -> Iterator[str]:
    schema = action.settings.model_json_schema()
    yield f"## {name}"
    yield _told(sys.modules[type(action).__module__].__doc__ or "")
    yield from _below("Settings", schema)
    for nested, definition in sorted(schema.get("$defs", {}).items()):
        yield from _below(nested, definition)


def _below(title: str, definition: Schema) -> Iterator[str]:
    """A table of settings below the action's own heading."""
    for part in section(title, definition):
        yield f"#{part}" if part.startswith("## ") else part


_TERM = re.compile(r"^(\w+)\n((?: {4}.+\n?)+)", re.MULTILINE)


def _told(docstring: str) -> str:
    """A docstring without the name that the heading has, in Markdown; indented text below a word is a list's item."""
    text = docstring.partition(": ")[2].strip().replace("``", "`")
    return _TERM.sub(_item, text[:1].upper() + text[1:])


def _item(found: re.Match[str]) -> str:
    lines = [line.strip() for line in found[2].splitlines()]
    return "\n  ".join((f"- **{found[1]}**: {lines[0]}", *lines[1:])) + "\n"
