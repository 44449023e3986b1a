"""The log: what was called, with what, and how it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API. ``answer`` is ``ok``, an error's code, or the name of a fault made on purpose."""

    at: datetime
    method: str
    arguments: Mapping[str, Any]
    answer: str
