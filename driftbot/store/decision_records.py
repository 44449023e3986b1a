"""What people decided, written down and asked for: waivers and approvals, each with its ending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from driftbot.core.excuse import Approval, Waiver
from driftbot.core.subject import SubjectId
from driftbot.store import excuses, lease
from driftbot.store.database import Database
from driftbot.store.excuses import ApprovalRecord, Ending, WaiverRecord


class DecisionRecords:
    """The decisions in a database; every method may raise ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waivers(self, as_of: datetime | None = None) -> tuple[Waiver, ...]:
        """The waivers that nobody ended (by ``as_of``), expired ones too, by creation."""
        with self._database.reading() as connection:
            return tuple(record.waiver for record in excuses.waiver_records(connection, as_of, standing_only=True))

    def waiver_records(self) -> tuple[WaiverRecord, ...]:
        """Every waiver ever, with its ending."""
        with self._database.reading() as connection:
            return excuses.waiver_records(connection, None, standing_only=False)

    def add_waivers(self, waivers: Iterable[Waiver]) -> None:
        """Write waivers down, all or none; a newer one for the same finding ends the older."""
        with self._database.writing() as connection:
            lease.shut_out(connection)
            excuses.add_waivers(connection, waivers)

    def end_waiver(self, fingerprint: str, at: datetime, by: str, because: str) -> bool:
        """End the standing waiver of a finding; False where none stands."""
        with self._database.writing() as connection:
            return excuses.end_waiver(connection, fingerprint, Ending(at, by, because)) > 0

    def approvals(self, as_of: datetime | None = None) -> tuple[Approval, ...]:
        """The approvals that stand (stood at ``as_of``): one a key of a subject, by time."""
        with self._database.reading() as connection:
            return tuple(record.approval for record in excuses.approval_records(connection, as_of, standing_only=True))

    def approval_records(self) -> tuple[ApprovalRecord, ...]:
        """Every approval ever, with its ending."""
        with self._database.reading() as connection:
            return excuses.approval_records(connection, None, standing_only=False)

    def add_approvals(self, approvals: Iterable[Approval]) -> None:
        """Write approvals down, all or none; a newer one for the same key of the same subject ends the older."""
        with self._database.writing() as connection:
            lease.shut_out(connection)
            excuses.add_approvals(connection, approvals)

    def end_approval(self, subject: SubjectId, key: str, at: datetime, by: str, because: str) -> bool:
        """End the standing approval of a value; False where none stands."""
        with self._database.writing() as connection:
            return excuses.end_approval(connection, subject, key, Ending(at, by, because)) > 0
