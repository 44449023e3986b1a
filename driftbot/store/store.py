"""The store: what driftbot learned night by night, asked for as it was known at any time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import select

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact
from driftbot.core.history import Held, Interval
from driftbot.core.marker import Marker
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.span import Span
from driftbot.core.subject import Subject, SubjectId
from driftbot.store import (
    counts,
    fact_counts,
    fact_reader,
    history_reader,
    lease,
    marker_reader,
    summary,
    tables,
)
from driftbot.store.access import Access
from driftbot.store.backup import backup
from driftbot.store.chat_records import ChatRecords
from driftbot.store.counts import Counts, FindingCount
from driftbot.store.database import NO_NIGHT, Database, read_url
from driftbot.store.decision_records import DecisionRecords
from driftbot.store.errors import StoreError, Work
from driftbot.store.export import export
from driftbot.store.lease import Lease
from driftbot.store.life_records import LifeRecords
from driftbot.store.migrations import migrate, newest, version_of
from driftbot.store.night import Night, open_night
from driftbot.store.prune import Pruned, prune
from driftbot.store.run_records import RunRecords
from driftbot.store.series_reader import read_series
from driftbot.store.size import StoreSize, size_of
from driftbot.store.span_book import Place, held_span
from driftbot.store.summary import NightSummary

Answer = TypeVar("Answer")


class Store(LifeRecords, DecisionRecords, RunRecords, ChatRecords):
    """A store, open. Every question is answered from one consistent view of it.

    ``as_of`` asks for what was known then: on the last night not after it; None asks for the last night. Nights that
    retention let go of raise ``NightPruned``. Every method may raise ``StoreError``.
    """

    @classmethod
    def open(cls, url: str, access: Access = Access.MAKE) -> Store:
        """Open the store at ``sqlite:///path`` or ``postgresql+psycopg://…``; migrated where needed.

        Only a store of an older driftbot asks for the right to write of those who want to read.

        Raises:
            StoreError: no such place, no driftbot store, one of a newer driftbot, or not readable; there is none, and
                none is to be made.
        """
        place = read_url(url, access)
        database = Database(place, access)
        store = cls(database)
        try:
            version = store._version()
            if version == 0 and access is not Access.MAKE:
                raise StoreError(f"the store {database.name} is empty", NO_NIGHT)
            if version != newest() and access is Access.READ:
                database.close()
                return cls.open(url, Access.WRITE)
            store.migrate()
        except BaseException:
            database.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def migrate(self) -> tuple[int, int]:
        """Bring the store to this driftbot's version; the versions before and after."""
        version = self._version()
        if version == newest():
            return version, version
        with self._database.writing() as connection:
            return migrate(connection, self._database.name)

    def _version(self) -> int:
        with self._database.reading() as connection:
            return version_of(connection, self._database.name)

    @contextmanager
    def lease(self, holder: str, now: datetime, ttl: timedelta, work: Work = Work.SCAN) -> Iterator[Lease]:
        """The right to do this work (unless said, to write nights), until the block ends or ``ttl`` is over and
        somebody else takes it.

        Raises:
            LeaseHeld: somebody else holds it.
        """
        with self._database.writing() as connection:
            held = lease.take(connection, holder, now, ttl, work)
        try:
            yield held
        finally:
            with self._database.writing() as connection:
                lease.give_back(connection, held)

    def renew(self, held: Lease, now: datetime, ttl: timedelta) -> Lease:
        """The same lease for longer.

        Raises:
            LeaseLost: somebody took it over.
        """
        with self._database.writing() as connection:
            return lease.renew(connection, held, now, ttl)

    @contextmanager
    def begin_night(self, held: Lease, as_of: datetime, started: datetime | None = None) -> Iterator[Night]:
        """A night in one transaction: stored whole when the block ends well, not at all otherwise.
        No other writer comes in between until then, so measure first and begin the night afterwards.

        Raises:
            LeaseLost: the lease is not the newest one.
            NightOrder: ``as_of`` lies before the last night.
        """
        with self._database.writing() as connection:
            lease.check(connection, held)
            night = open_night(connection, held.token, as_of, started)
            yield night
            night.finish()

    def nights(self) -> tuple[NightSummary, ...]:
        """Every night that is kept, the oldest first."""
        with self._database.reading() as connection:
            return summary.summaries(connection)

    def facts(
        self,
        as_of: datetime | None = None,
        environment: str | None = None,
        subject: SubjectId | Subject | None = None,
        kinds: Collection[str] | None = None,
    ) -> tuple[Fact, ...]:
        """The facts known then, sorted; also those that a gap hid from that night (see ``snapshot``)."""
        return self._asked(as_of, lambda at, night, _: fact_reader.facts_at(at, night, environment, subject, kinds), ())

    def stated(self, environment: str, kind: str, keys: Collection[str]) -> tuple[Fact, ...]:
        """What each source stated of these keys when it was last heard, sorted; the subjects are unlabelled."""
        return self._asked(None, lambda at, *_: fact_reader.facts_stated(at, environment, kind, keys), ())

    def fact_counts(self, nights: int) -> dict[datetime, dict[str, int]]:
        """How many facts each source told in each of the last nights, approvals aside; the oldest night first."""
        with self._database.reading() as connection:
            return fact_counts.fact_counts(connection, nights)

    def subjects_last_seen(self, as_of: datetime | None = None) -> tuple[Subject, ...]:
        """Every subject known then by a fact other than an approval, with all its labels, sorted."""
        return self._asked(as_of, lambda at, night, _: fact_reader.subjects_at(at, night), ())

    def subjects_gone(self, as_of: datetime | None = None) -> tuple[Subject, ...]:
        """Every subject known before then and no more, with the labels it had last, sorted."""
        return self._asked(as_of, lambda at, night, _: fact_reader.subjects_gone_at(at, night), ())

    def coverage(self, as_of: datetime | None = None) -> tuple[Coverage, ...]:
        """What that night looked at, in the order it was told."""
        return self._asked(as_of, lambda at, night, _: fact_reader.coverage_at(at, night), ())

    def snapshot(self, as_of: datetime | None = None) -> Snapshot | None:
        """That night as it was judged, but for its series; None where no night is that old."""
        return self._asked(as_of, fact_reader.snapshot_at, None)

    def history(
        self, subject: SubjectId | Subject, key: str | None = None, as_of: datetime | None = None
    ) -> tuple[Interval, ...]:
        """The whole life of a subject's values, or of one key's, by key and time, as it was known then."""
        with self._database.reading() as connection:
            return history_reader.history_of(connection, subject, key, summary.nights_known(connection, as_of))

    def changed(self, kind: str, keys: Collection[str]) -> tuple[Held, ...]:
        """All values of these keys of those subjects of a kind of which one ended, by subject, key and time."""
        return self._asked(None, lambda at, *_: history_reader.changed_of(at, kind, keys, summary.night_times(at)), ())

    def series(
        self,
        kind: str | None = None,
        key: str | None = None,
        environment: str | None = None,
        start: float | None = None,
        end: float | None = None,
        subject: SubjectId | Subject | None = None,
    ) -> Iterator[Series]:
        """Series with samples in ``start <= time <= end`` (Unix seconds), sorted, in bounded memory.

        Samples of signals that were since replaced are not among them; ``export`` gives them.
        """
        with self._database.reading() as connection:
            yield from read_series(connection, kind, key, environment, start, end, subject)

    def markers(
        self, start: float | None = None, end: float | None = None, as_of: datetime | None = None
    ) -> tuple[Marker, ...]:
        """The markers known then with ``start <= at <= end`` (Unix seconds), the oldest first."""
        return self._asked(as_of, lambda at, night, _: marker_reader.markers_at(at, night, start, end), ())

    def held(self, environment: str, kind: str, key: str, source: str) -> Span | None:
        """What is held of the key from the source; None where it was never fetched."""
        with self._database.reading() as connection:
            return held_span(connection, Place(environment, kind, key, source))

    def note(self, key: str) -> str | None:
        """The text that a night kept under this name."""
        with self._database.reading() as connection:
            return connection.execute(select(tables.note.c.body).where(tables.note.c.key == key)).scalar_one_or_none()

    def counts(self, now: datetime) -> Counts:
        """What it holds at this moment, counted without reading it whole."""
        with self._database.reading() as connection:
            return counts.counts(connection, now)

    def finding_counts(self) -> Mapping[FindingCount, int]:
        """The findings that stand since the last night, and those that it resolved, counted in bounded memory."""
        with self._database.reading() as connection:
            return counts.finding_counts(connection)

    def standing(self, fingerprints: Collection[str]) -> frozenset[str]:
        """Those of these findings that the last night did not find resolved, or gone."""
        with self._database.reading() as connection:
            return counts.standing(connection, fingerprints)

    def prune(self, before: datetime, runs_before: datetime | None = None) -> Pruned:
        """Let go of the nights and samples before ``before``, but never of the last night; frees the space.

        Runs go that ended before ``before`` and ``runs_before``: as long as they count for a cooldown they stay. Who
        does not know for how long that is (None) lets go of none of the ``RUNS_KEPT`` before the last night.
        """
        with self._database.writing() as connection:
            pruned = prune(connection, before, runs_before)
        self._database.shrink()
        return pruned

    def export(self, path: Path) -> int:
        """Write everything as JSON Lines into a new file; how many lines."""
        with self._database.reading() as connection:
            return export(connection, path)

    def backup(self, path: Path) -> None:
        """Copy the store, in use or not, into a new SQLite file that opens as a store."""
        backup(self._database, path)

    def size(self) -> StoreSize:
        """How large the store is, and what makes it so."""
        with self._database.reading() as connection:
            return size_of(connection)
