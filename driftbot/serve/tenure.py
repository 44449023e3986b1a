"""Tenure: one process begins the nights of a store; others stand by and take over when it ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from driftbot.serve.event_log import EventLog
from driftbot.store.errors import LeaseHeld, LeaseLost, StoreError, Work
from driftbot.store.lease import Lease
from driftbot.store.store import Store

TERM = timedelta(minutes=10)
"""How long a process on another machine that died keeps the others waiting (ours); one on this machine ends at once."""
_RENEWED_AFTER = timedelta(minutes=1)


class Tenure:
    """Whether it is this process that begins nights: the store's lease ``serve``, taken, renewed and lost.

    ``told`` says who holds it, in words. Not safe for use by several threads at once.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime], log: EventLog) -> None:
        self._store, self._clock, self._log = store, clock, log
        self._block: AbstractContextManager[Lease] | None = None
        self._lease: Lease | None = None
        self.told = "nobody was asked yet"

    @property
    def held(self) -> bool:
        """Whether it is this process, as far as it knows."""
        return self._lease is not None and self._clock() < self._lease.expires

    def look(self) -> bool:
        """Take it where it is free, renew it where it is ours; whether it is ours now."""
        try:
            self._renew() if self._lease is not None else self._take()
        except LeaseHeld as held:
            self._say(
                f"{held.holder} begins the nights, until {held.until:%H:%M:%SZ} at the latest; this one stands by"
            )
        except LeaseLost:
            self.end()
            self._say("somebody else took the nights over; this one stands by")
        except StoreError as error:
            if not self.held:
                self.end()
            self._say(f"whose the nights are cannot be told: {error.message}")
        return self.held

    def end(self) -> None:
        """Give it back, so that another one takes over at once."""
        block, self._block, self._lease = self._block, None, None
        if block is not None:
            try:
                block.__exit__(None, None, None)
            except StoreError as error:
                self._log.warning("nights.kept", f"the nights could not be given back: {error.message}")

    def _take(self) -> None:
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        block = self._store.lease(holder, self._clock(), TERM, Work.SERVE)
        self._lease = block.__enter__()
        self._block = block
        self._say(_OURS)

    def _renew(self) -> None:
        assert self._lease is not None
        left = self._lease.expires - self._clock()
        if not TERM - _RENEWED_AFTER <= left <= TERM:  # too long where the clock was put back
            self._lease = self._store.renew(self._lease, self._clock(), TERM)
        if self.told != _OURS:
            self._say(_OURS)

    def _say(self, told: str) -> None:
        if told != self.told:
            self.told = told
            self._log.info("nights.whose", told)


_OURS = "this process begins the nights"
