"""Why a call was refused, in Slack's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """The answer is ``ok: false`` with this error (https://docs.slack.dev/apis/web-api/#evaluating-responses).

    ``details`` are further fields of the answer, ``messages`` those of its ``response_metadata``.
    """

    def __init__(self, error: str, messages: tuple[str, ...] = (), **details: Any) -> None:
        super().__init__(error)
        self.error, self.messages = error, messages
        self.details: Mapping[str, Any] = details
