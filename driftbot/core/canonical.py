"""One text for one value: JSON with sorted keys and no spaces, which digests and idempotency keys are made of."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any


def canonical(value: object) -> str:
    """The value as canonical JSON: dataclasses as objects, enums as their values, times in UTC, spans in seconds.

    Raises:
        TypeError: the value holds something else.
        ValueError: a number is not finite.
    """
    return json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


@cache
def _names(kind: Any) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for what is none."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def _plain(value: object) -> object:
    kind: Any = type(value)
    names = _names(kind)
    if names is not None:
        return {name: getattr(value, name) for name in names}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no canonical form")
