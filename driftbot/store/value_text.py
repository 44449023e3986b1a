"""Values as text: JSON that says its type, the same text for equal values."""

from __future__ import annotations

import json
from datetime import datetime

from driftbot.core.fact import Value
from driftbot.core.quantity import Quantity, Unit
from driftbot.store.columns import instant, microseconds

Document = str | float | bool | list[object] | dict[str, object]
"""JSON that stands for a value."""


def to_document(value: Value) -> Document:
    """The value as JSON: text and flags as they are, ``[number, unit]``, ``{"instant": µs}``, ``{"names": […]}``."""
    match value:
        case Quantity():
            # Adding zero makes -0.0, which equals 0.0, the same text.
            return [float(value.value) + 0.0, value.unit.value]
        case datetime():
            return {"instant": microseconds(value)}
        case tuple():
            return {"names": list(value)}
        case _:
            return value


def from_document(document: object) -> Value:
    """The value of ``to_document``."""
    match document:
        case [float() | int() as number, str() as unit]:
            return Quantity(float(number), Unit(unit))
        case {"instant": int() as count}:
            return instant(count)
        case {"names": list() as names}:
            return tuple(str(name) for name in names)
        case bool() | str():
            return document
        case _:
            raise ValueError(f"{document!r} is no stored value")


def compact(document: object) -> str:
    """JSON without blanks, in ASCII, so that every database can hold it."""
    return json.dumps(document, separators=(",", ":"))


def to_text(value: Value) -> str:
    """The value as one line."""
    return compact(to_document(value))


def from_text(text: str) -> Value:
    """The value of ``to_text``."""
    return from_document(json.loads(text))
