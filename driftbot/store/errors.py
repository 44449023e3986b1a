"""What can go wrong with a store, as sentences that name the thing and the next step."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from driftbot.core.failure import Failure


class StoreError(Failure):
    """The store cannot do what was asked; nothing already known is lost."""


class StoreBusy(StoreError):
    """Somebody else is writing into the store for longer than we are willing to wait."""


class NotAStore(StoreError):
    """The database exists, but it is no driftbot store or a newer one."""


class Work(StrEnum):
    """What is done by one process at a time: scanning the estate, and acting on it."""

    SCAN = "scan"
    ACT = "act"
    SERVE = "serve"
    DELIVER = "deliver"


_HELD = {
    Work.SCAN: (
        "another scan works on the store",
        "wait for it to end; the lease of a dead scan expires by itself",
    ),
    Work.ACT: (
        "another driftbot is acting",
        "wait for it to end; that of a process that died on this machine is taken over at once, elsewhere when it ends",
    ),
    Work.SERVE: (
        "another `driftbot serve` begins the nights of this store",
        "this one takes over when that one ends; stop one of them",
    ),
    Work.DELIVER: (
        "another driftbot is telling the channels",
        "what it does not tell, the next delivery does; `driftbot deliver` begins one",
    ),
}
_LOST = {
    Work.SCAN: "start the scan again; nothing of this one was written",
    Work.ACT: "run it again: what was under way is looked at and concluded first (`driftbot runs` shows it)",
    Work.SERVE: "nothing more is begun by it; what it began is kept apart by leases of its own",
    Work.DELIVER: "`driftbot deliver` tells what is left; what was told already is not told again",
}


class LeaseHeld(StoreError):
    """Somebody else does this work; ``holder`` until ``until``."""

    def __init__(self, holder: str, until: datetime, work: Work = Work.SCAN) -> None:
        self.holder, self.until, self.work = holder, until, work
        told, next_step = _HELD[work]
        super().__init__(f"{told}: {holder}, until {until.isoformat(timespec='seconds')} at the latest", next_step)


class LeaseLost(StoreError):
    """Somebody took the work over since this lease was given: its holder may no longer write."""

    def __init__(self, holder: str, token: int, work: Work = Work.SCAN) -> None:
        super().__init__(f"{holder} may no longer write: its lease {token} was ended or taken over", _LOST[work])


class NightOrder(StoreError):
    """A night earlier than one the store knows: nothing is ever back-dated."""


class NightPruned(StoreError):
    """The night asked for is older than what retention kept."""
