"""What can go wrong with a store, as sentences that name the thing and the next step."""

from __future__ import annotations

from datetime import datetime

from driftbot.core.failure import Failure


class StoreError(Failure):
    """The store cannot do what was asked; nothing already known is lost."""


class StoreBusy(StoreError):
    """Somebody else is writing into the store for longer than we are willing to wait."""


class NotAStore(StoreError):
    """The database exists, but it is no driftbot store or a newer one."""


class LeaseHeld(StoreError):
    """Another scan works on the store; ``holder`` until ``until``."""

    def __init__(self, holder: str, until: datetime) -> None:
        self.holder, self.until = holder, until
        super().__init__(
            f"another scan works on the store: {holder}, until {until.isoformat(timespec='seconds')} at the latest",
            "wait for it to end; the lease of a dead scan expires by itself",
        )


class LeaseLost(StoreError):
    """Somebody took the store over since this lease was given: its holder may no longer write."""

    def __init__(self, holder: str, token: int) -> None:
        super().__init__(
            f"{holder} may no longer write: its lease {token} was ended or taken over",
            "start the scan again; nothing of this one was written",
        )


class NightOrder(StoreError):
    """A night earlier than one the store knows: nothing is ever back-dated."""


class NightPruned(StoreError):
    """The night asked for is older than what retention kept."""
