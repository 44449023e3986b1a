"""The page of ``driftbot.yaml``: every setting of the file and of every kind of source and channel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.render.markdown import code, page, table
from driftbot.config_file import config_model

Schema = Mapping[str, Any]


def render() -> str:
    """The page."""
    schema = config_model().model_json_schema()
    return page(
        "driftbot.yaml",
        "Every setting. Editors check the file by the JSON Schema `schemas/driftbot.schema.json`.",
        *(part for title, definition in _sections(schema) for part in section(title, definition)),
    )


def _sections(schema: Schema) -> Iterator[tuple[str, Schema]]:
    yield "The file", schema
    for name, definition in sorted(schema.get("$defs", {}).items()):
        kind = definition.get("properties", {}).get("kind", {}).get("const")
        what = "channel" if name.endswith("Channel") else "source"
        yield f"A {what} of kind `{kind}`" if kind else name, definition


def section(title: str, definition: Schema) -> tuple[str, ...]:
    """A heading, what the model is, and a table of its settings; nothing where it has none."""
    required = frozenset(definition.get("required", ()))
    rows = (
        (code(name), _type(about), _default(name, about, required), about.get("description", ""))
        for name, about in definition.get("properties", {}).items()
    )
    listed = table(("setting", "type", "default", "meaning"), rows)
    summary = " ".join(definition.get("description", "").partition("\n\n")[0].replace("``", "`").split())
    return (f"## {title}", summary, listed) if listed else ()


def _type(about: Schema) -> str:
    if "$ref" in about:
        return str(about["$ref"].rpartition("/")[2])
    if "enum" in about or "const" in about:
        return " or ".join(code(str(value)) for value in about.get("enum", [about.get("const")]))
    if choices := about.get("anyOf", about.get("oneOf")):
        return " or ".join(dict.fromkeys(_type(choice) for choice in choices))
    if about.get("type") == "array":
        return f"list of {_type(about['items'])}" if about.get("items") else "list"
    if isinstance(about.get("additionalProperties"), Mapping):
        return f"mapping to {_type(about['additionalProperties'])}"
    return str(about.get("format", about.get("type", "anything")))


def _default(name: str, about: Schema, required: frozenset[str]) -> str:
    if name in required:
        return "required"
    default = about.get("default")
    return "" if default in (None, [], {}) else code(json.dumps(default, sort_keys=True))
