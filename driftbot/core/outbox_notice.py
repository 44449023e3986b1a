"""Notices on their way to people: kept until a channel has delivered them, one for a drift and kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NOTICE = "notice:"
"""How the keys of messages begin that tell a notice each."""


@dataclass(frozen=True, slots=True)
class OutboxNotice:
    """What waits to be told: ``kind`` says why (``notice``, ``escalated``); ``delivered`` is None while it waits."""

    fingerprint: str
    kind: str
    title: str
    body: str
    at: datetime
    delivered: datetime | None = None

    @property
    def message_key(self) -> str:
        """The key of the message that tells it in a channel; who delivers knows by it that the channel has it."""
        return f"{NOTICE}{self.fingerprint}:{self.kind}"
