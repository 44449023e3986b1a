"""The types of CEL's checked tree as the types of the rule language."""

from __future__ import annotations

from typing import Any

from driftbot.core.quantity import Unit
from driftbot.rules import expression as ex

_PRIMITIVES = {1: ex.FLAG, 2: ex.NUMBER, 4: ex.NUMBER, 5: ex.TEXT}


def read_type(proto: Any) -> ex.Type | None:
    """CEL's type as ours; None where it has no fixed type."""
    if proto is None or not proto.ByteSize():
        return None
    if proto.HasField("list"):
        item = read_type(proto.list.element)
        return ex.Type(ex.Sort.LIST, item=item) if item else None
    if proto.HasField("map"):
        return ex.Type(ex.Sort.LABELS)
    if proto.HasField("abstract"):
        return _read_abstract(proto.abstract)
    return _PRIMITIVES.get(proto.primitive)


def _read_abstract(proto: Any) -> ex.Type | None:
    if proto.name == "instant":
        return ex.INSTANT
    parameter = proto.parameters[0] if proto.parameters else None
    if parameter is None:
        return None
    # CEL takes the type name "bytes" for its own.
    name = parameter.abstract.name or ("bytes" if parameter.primitive else "")
    return ex.Type(ex.Sort(proto.name), Unit(name)) if name else None
