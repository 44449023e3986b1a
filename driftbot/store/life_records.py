"""Questions about nights: the lives of findings, and how each rule fared, as they were known then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from driftbot.core.evaluation import Tally
from driftbot.core.finding import Finding
from driftbot.core.history import FindingLife
from driftbot.store import life_reader, summary
from driftbot.store.database import Database

Answer = TypeVar("Answer")


class LifeRecords:
    """The judgements in a database; every method may raise ``StoreError``, those of a time ``NightPruned``."""

    _database: Database

    def lives(self, as_of: datetime | None = None) -> tuple[FindingLife, ...]:
        """The findings that stood that night and those it resolved, in report order."""
        return self._asked(as_of, life_reader.lives_at, ())

    def latest_lives(self, as_of: datetime | None = None) -> tuple[FindingLife, ...]:
        """The last that was known then of every finding, resolved ones too, in report order."""
        with self._database.reading() as connection:
            return life_reader.latest_lives(connection, summary.nights_known(connection, as_of))

    def settled_since(self, since: datetime) -> tuple[FindingLife, ...]:
        """The findings that were drift, were resolved at or after ``since`` and did not come back, in report order."""
        with self._database.reading() as connection:
            return life_reader.settled_since(connection, since, summary.night_times(connection))

    def findings_before(self) -> tuple[Finding, ...]:
        """What was known before the last night of every standing finding of which it learned something else."""
        return self._asked(None, lambda at, night, _: life_reader.findings_before(at, night), ())

    def reopened(self) -> dict[str, datetime]:
        """Since which night a finding stands that came back after it was resolved, by fingerprint."""
        with self._database.reading() as connection:
            return life_reader.reopened(connection)

    def life(self, fingerprint_prefix: str) -> FindingLife | None:
        """The last that is known of one finding; None where there is none, StoreError where several start so."""
        with self._database.reading() as connection:
            return life_reader.life_of(connection, fingerprint_prefix, summary.night_times(connection))

    def tallies(self, as_of: datetime | None = None) -> tuple[Tally, ...]:
        """How each rule fared that night."""
        return self._asked(as_of, lambda at, night, _: summary.tallies_at(at, night), ())

    def rule_digests(self, as_of: datetime | None = None) -> dict[str, str] | None:
        """The digest of every rule that was enabled that night; None where no night is that old."""
        return self._asked(as_of, lambda at, night, _: summary.rule_digests_at(at, night), None)

    def _asked(
        self, as_of: datetime | None, question: Callable[[Connection, int, datetime], Answer], otherwise: Answer
    ) -> Answer:
        with self._database.reading() as connection:
            night = summary.night_at(connection, as_of)
            return otherwise if night is None else question(connection, *night)
