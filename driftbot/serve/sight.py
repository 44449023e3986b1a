"""What the store says that errands depend on, read in one go."""

from __future__ import annotations

from datetime import datetime

from driftbot.core.run import RunState
from driftbot.serve.agenda import Sighted
from driftbot.store.store import Store

_WAITING = (RunState.WAITING, RunState.VERIFYING)


def sighted(store: Store, now: datetime) -> Sighted:
    """Look into the store.

    Raises:
        StoreError: it cannot be read.
    """
    last = store.counts(now).last
    due = [run.due for run in store.runs(_WAITING) if run.due is not None]
    return Sighted(
        at=now,
        last_night=last.as_of if last else None,
        kept=(last.ended or last.as_of) if last else None,
        run_due=min(due, default=None),
        snoozes=tuple(snooze.until for snooze in store.snoozes()),
        channels=store.channel_health(),
    )
