"""The journal as a runner writes it: each write is on disk before the next thing is done, with a boundary around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from driftbot.core.remedy import Remedy
from driftbot.core.run import Check, PlanApproval, Run, RunState, StepRecord, StepState
from driftbot.store.lease import Lease
from driftbot.store.store import Store

TERM = timedelta(minutes=30)
"""How long somebody who acts is not followed without a word from it (ours: no step may take as long)."""


class Journal:
    """Writes runs down. Every method gives the run as it stands then and may raise ``StoreError``.

    The boundaries are ``journal.<what>.before`` and ``journal.<what>.after`` with ``begin``, ``intend``, ``conclude``,
    ``change``, ``check`` and ``renew``.

    Raises:
        LeaseLost: somebody else acts since; nothing was written.
    """

    def __init__(
        self, store: Store, lease: Lease, clock: Callable[[], datetime], boundary: Callable[[str], None]
    ) -> None:
        self._store, self._lease, self._clock, self._boundary = store, lease, clock, boundary
        self._renewed = lease.expires - TERM

    def begin(self, plan: str, remedy: Remedy, by: str, approvals: Iterable[PlanApproval]) -> Run:
        """A new run of the remedy, every step planned."""
        with self._at_boundaries("begin"):
            return self._store.begin_run(self._lease, plan, remedy, self._clock(), by, approvals)

    def intend(self, run: Run, step: StepRecord, state: StepState = StepState.INTENDED) -> Run:
        """That a step is about to be performed, or undone."""
        now = self._clock()
        with self._at_boundaries("intend"):
            self._store.intend(self._lease, run.number, step.number, now, state)
        return _with(run, replace(step, state=state, intended=now, concluded=None))

    def conclude(self, run: Run, step: StepRecord, state: StepState, detail: str, effect: str | None = None) -> Run:
        """What came of a step; ``effect`` None keeps what is known of it."""
        now = self._clock()
        with self._at_boundaries("conclude"):
            self._store.conclude(self._lease, run.number, step.number, state, now, effect, detail)
        known = step.effect if effect is None else effect
        intended = None if state is StepState.PLANNED else step.intended
        return _with(run, replace(step, state=state, intended=intended, concluded=now, detail=detail, effect=known))

    def change(
        self, run: Run, state: RunState, told: str, due: datetime | None = None, undone_by: str | None = None
    ) -> Run:
        """Where the run stands; nothing is written where that is known. ``undone_by`` None keeps what it was."""
        ended = (run.ended or self._clock()) if state.ended else None
        decided = run.undone_by if undone_by is None else undone_by
        changed = replace(run, state=state, told=told, due=due, ended=ended, undone_by=decided)
        if changed != run:
            with self._at_boundaries("change"):
                self._store.change_run(self._lease, run.number, state, told, due, ended, decided)
        return changed

    def end_unreadable(self, number: int, told: str) -> None:
        """That a person looked at what a run did whose record is damaged; nothing more is done about it."""
        with self._at_boundaries("change"):
            self._store.change_run(self._lease, number, RunState.STOPPED, told, None, self._clock())

    def check(self, run: Run, check: Check) -> Run:
        """What was judged after the fix."""
        with self._at_boundaries("check"):
            self._store.add_check(self._lease, run.number, check)
        return replace(run, checks=(*run.checks, check))

    def renew(self) -> None:
        """Keep the lease, once a third of it is over, or the clock was put back."""
        now = self._clock()
        if not timedelta() <= now - self._renewed < TERM / 3:
            with self._at_boundaries("renew"):
                self._lease = self._store.renew(self._lease, now, TERM)
            self._renewed = now

    @contextmanager
    def _at_boundaries(self, what: str) -> Iterator[None]:
        self._boundary(f"journal.{what}.before")
        yield
        self._boundary(f"journal.{what}.after")


def _with(run: Run, step: StepRecord) -> Run:
    return replace(run, steps=tuple(step if one.number == step.number else one for one in run.steps))
