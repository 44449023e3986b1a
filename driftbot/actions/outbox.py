"""Where notices wait until a channel delivers them; the store has one."""

from __future__ import annotations

from typing import Protocol

from driftbot.core.outbox_notice import OutboxNotice


class Outbox(Protocol):
    """Notices by the drift that they tell of (``fingerprint``) and their kind: one of each."""

    def put_notice(self, notice: OutboxNotice) -> bool:
        """Put a notice in, in place of the one that tells of the same; False where the same words are there already."""
        ...

    def notice(self, fingerprint: str, kind: str) -> OutboxNotice | None:
        """The notice of that drift and kind, delivered or not."""
        ...

    def withdraw_notice(self, fingerprint: str, kind: str) -> bool:
        """Take a notice back that nobody delivered; False where there is none, or it was told already."""
        ...
