"""The settings that a JSON Schema of pydantic allows at a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_Schema = Mapping[str, Any]


def settings_at(schema: _Schema, place: Sequence[str | int]) -> tuple[str, ...]:
    """The names of settings that a mapping may have at the place, sorted; none where the schema does not reach it.

    Names, numbers of entries and tags of discriminated unions lead to the place, as in the location of pydantic's
    complaints.
    """
    reached = [schema]
    for part in place:
        reached = [below for one in reached for below in _below(_plain(one, schema), part, schema)]
    return tuple(sorted({name for one in reached for full in _members(one, schema) for name in full["properties"]}))


def _below(one: _Schema, part: str | int, root: _Schema) -> Iterator[_Schema]:
    tags: Mapping[str, str] = one.get("discriminator", {}).get("mapping", {})
    if part in tags:
        yield {"$ref": tags[str(part)]}
        return
    for full in _members(one, root):
        named = full.get("properties", {})
        more = (*full.get("patternProperties", {}).values(), full.get("additionalProperties"))
        below = (full.get("items"),) if isinstance(part, int) else (named[part],) if part in named else more
        yield from (schema for schema in below if isinstance(schema, Mapping))


def _members(one: _Schema, root: _Schema) -> Iterator[_Schema]:
    """What the schema stands for: behind references, and each member of a union."""
    plain = _plain(one, root)
    members = [member for name in ("anyOf", "oneOf", "allOf") for member in plain.get(name, ())]
    for member in members:
        yield from _members(member, root)
    if not members:
        yield {"properties": {}, **plain}


def _plain(one: _Schema, root: _Schema) -> _Schema:
    while "$ref" in one:
        one = root["$defs"][str(one["$ref"]).rpartition("/")[2]]
    return one
