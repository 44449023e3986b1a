"""What was planned, approved and done: every write of the journal is a transaction of its own, under a token."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.plan import Plan
from driftbot.core.remedy import Remedy
from driftbot.core.run import Check, PlanApproval, Run, RunState, StepState, UnreadableRun
from driftbot.store import journal, lease, outbox, plans
from driftbot.store.database import Database
from driftbot.store.errors import StoreError, Work
from driftbot.store.lease import Lease
from driftbot.store.plans import PlanChoice


class RunRecords:
    """Plans, approvals, the journal and the outbox of a database; every method may raise ``StoreError``.

    What takes a lease raises ``LeaseLost`` where somebody else acts since, and writes nothing then. What a method wrote
    is on disk when it returns.
    """

    _database: Database

    def keep_plan(self, plan: Plan) -> None:
        """Write a plan down; one of the same digest gives way to it."""
        with self._database.writing() as connection:
            plans.keep_plan(connection, plan)

    def plan(self, prefix: str) -> PlanChoice | None:
        """What a digest that starts so names, a plan or a remedy; None where no plan holds it.

        Raises:
            StoreError: the prefix has less than eight digits, or several plans and remedies start so.
        """
        with self._database.reading() as connection:
            return plans.plan_of(connection, prefix)

    def plans_of(self, night: datetime) -> tuple[Plan, ...]:
        """The plans that were made for the findings of that night, the newest first."""
        with self._database.reading() as connection:
            return plans.plans_of(connection, night)

    def approve_plan(self, approval: PlanApproval) -> bool:
        """Write an approval of a plan's or remedy's digest down; False where that person had done so before."""
        with self._database.writing() as connection:
            return plans.approve(connection, approval)

    def plan_approvals(self, *digests: str) -> tuple[PlanApproval, ...]:
        """Who approved one of these digests (none: any digest), by time."""
        with self._database.reading() as connection:
            return plans.approvals_of(connection, digests)

    @contextmanager
    def acting(self, holder: str, now: datetime, ttl: timedelta) -> Iterator[Lease]:
        """The right to act and to write the journal, until the block ends or ``ttl`` is over and another one takes it.

        Raises:
            LeaseHeld: somebody else acts.
        """
        with self._database.writing() as connection:
            held = lease.take(connection, holder, now, ttl, Work.ACT)
        try:
            yield held
        finally:
            with self._database.writing() as connection:
                lease.give_back(connection, held)

    def still_acting(self, held: Lease) -> None:
        """Look whether nobody else acts since; nothing is written.

        Raises:
            LeaseLost: somebody does.
        """
        with self._database.reading() as connection:
            lease.look(connection, held)

    def begin_run(
        self, held: Lease, plan: str, remedy: Remedy, at: datetime, by: str, approvals: Iterable[PlanApproval] = ()
    ) -> Run:
        """Write a new run down, every step planned; ``plan`` is the digest of the plan that it is part of."""
        with self._fenced(held) as connection:
            number = journal.begin_run(connection, held, plan, remedy, approvals, at, by)
            return _there(journal.run(connection, number), number)

    def intend(self, held: Lease, run: int, step: int, at: datetime, state: StepState = StepState.INTENDED) -> None:
        """Write down that a step is about to be performed (``UNDOING``: to be undone); before the effect."""
        with self._fenced(held) as connection:
            journal.change_step(connection, held, run, step, state=state.value, intended=at, concluded=None)

    def conclude(
        self, held: Lease, run: int, step: int, state: StepState, at: datetime, effect: str | None = None,
        detail: str = "",
    ) -> None:  # fmt: skip
        """Write down what came of a step; ``effect`` None keeps what is known. What is planned again was not."""
        told: dict[str, object] = {"state": state.value, "concluded": at, "detail": detail}
        if effect is not None:
            told["effect"] = effect
        if state is StepState.PLANNED:
            told["intended"] = None
        with self._fenced(held) as connection:
            journal.change_step(connection, held, run, step, **told)

    def change_run(
        self, held: Lease, run: int, state: RunState, told: str, due: datetime | None = None,
        ended: datetime | None = None, undone_by: str = "",
    ) -> None:  # fmt: skip
        """Write down where a run stands, until when it waits, when it ended, and who decided against it."""
        stands = {"state": state.value, "told": told, "due": due, "ended": ended, "undone_by": undone_by}
        with self._fenced(held) as connection:
            journal.change_run(connection, held, run, **stands)

    def add_check(self, held: Lease, run: int, check: Check) -> None:
        """Write down what was judged after a fix."""
        with self._fenced(held) as connection:
            journal.add_check(connection, run, check)

    def runs(self, states: Collection[RunState] | None = None) -> tuple[Run, ...]:
        """The runs in these states (None: all that are kept) whose records can be read, by number."""
        with self._database.reading() as connection:
            return journal.runs(connection, states)

    def unreadable_runs(self) -> tuple[UnreadableRun, ...]:
        """The runs whose records are damaged, by number: nobody can tell what they are about."""
        with self._database.reading() as connection:
            return journal.unreadable_runs(connection)

    def run(self, number: int) -> Run | None:
        """The run of that number; None where there is none.

        Raises:
            StoreError: its record is damaged.
        """
        with self._database.reading() as connection:
            return journal.run(connection, number)

    def put_notice(self, notice: OutboxNotice) -> bool:
        """Put a notice into the outbox; False where the same words about this drift are there already."""
        with self._database.writing() as connection:
            return outbox.put(connection, notice)

    def notice(self, fingerprint: str, kind: str) -> OutboxNotice | None:
        """The notice of that drift and kind, delivered or not."""
        with self._database.reading() as connection:
            return outbox.notice(connection, fingerprint, kind)

    def withdraw_notice(self, fingerprint: str, kind: str) -> bool:
        """Take a notice back that nobody delivered; False where there is none, or it was told already."""
        with self._database.writing() as connection:
            return outbox.withdraw(connection, fingerprint, kind)

    def notices_waiting(self) -> tuple[OutboxNotice, ...]:
        """What people are still to be told, the oldest first."""
        with self._database.reading() as connection:
            return outbox.waiting(connection)

    def notice_delivered(self, told: OutboxNotice, at: datetime) -> bool:
        """Note that a notice reached its channels; False where it says something else by now, which waits on."""
        with self._database.writing() as connection:
            return outbox.delivered(connection, told, at)

    @contextmanager
    def _fenced(self, held: Lease) -> Iterator[Connection]:
        with self._database.writing() as connection:
            lease.check(connection, held)
            yield connection


def _there(run: Run | None, number: int) -> Run:
    if run is None:
        raise StoreError(f"there is no run {number}", "`driftbot runs` lists them")
    return run
