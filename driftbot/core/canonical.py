"""One text for one value: JSON with sorted keys and no spaces, which digests and idempotency keys are made of."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta


def canonical(value: object) -> str:
    """The value as canonical JSON: dataclasses as objects, enums as their values, times in UTC, spans in seconds.

    Raises:
        TypeError: the value holds something else.
        ValueError: a number is not finite.
    """
    return json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no canonical form")
