"""One night on its way into the store: everything in one transaction, visible as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from driftbot.core.coverage import Coverage
from driftbot.core.evaluation import Tally
from driftbot.core.fact import Fact
from driftbot.core.history import FindingLife
from driftbot.core.marker import Marker, MarkerSpan
from driftbot.core.series import Series
from driftbot.core.span import Span
from driftbot.store import tables
from driftbot.store.coverage_book import CoverageBook
from driftbot.store.documents import of_coverage
from driftbot.store.errors import NightOrder
from driftbot.store.fact_writer import FactWriter
from driftbot.store.life_writer import LifeWriter
from driftbot.store.marker_writer import MarkerWriter
from driftbot.store.series_writer import SeriesWriter
from driftbot.store.span_book import Place, write_span
from driftbot.store.summary import add_rule_digests, add_tallies
from driftbot.store.upsert import upsert
from driftbot.store.value_text import compact
from driftbot.store.vocabulary import Vocabulary

_NIGHT = tables.night


class Night:
    """What one scan learned. Every method may be called as often as wanted but ``add_evaluation``, which is for once.

    A night counts as evaluated when ``add_evaluation`` was called; findings, rule digests and the exit code are else
    what they were.
    """

    def __init__(self, connection: Connection, number: int, as_of: datetime) -> None:
        self.number, self.as_of = number, as_of
        self._connection = connection
        self._coverage = CoverageBook()
        self._vocabulary = Vocabulary(connection)
        self._facts: FactWriter | None = None
        self._series: SeriesWriter | None = None
        self._lives = LifeWriter(connection, number, as_of)
        self._evaluated = False

    def add_facts(self, facts: Iterable[Fact], coverage: Iterable[Coverage]) -> None:
        """Facts and what was looked at. What was not said again is closed at the night's end, by all coverage told.

        An interval closes where its place says something else now, or where its source completely looked for the key
        in the environment and kind (law 2). Elsewhere it stays open and its ``last_seen`` stays behind.
        """
        self._coverage.add(coverage)
        self._fact_writer().add(facts)

    def add_series(self, series: Iterable[Series]) -> None:
        """Samples, laid over what is stored: equal times replace, NaN and infinity are left out.

        Raises:
            ValueError: the times of a series do not rise strictly.
        """
        if self._series is None:
            self._series = SeriesWriter(self._connection, self._vocabulary)
        self._series.add(series)

    def add_markers(self, markers: Iterable[Marker], told: Iterable[MarkerSpan] = ()) -> None:
        """Markers, each once, however often it is told; ``told`` says of which times a source told all of its own."""
        MarkerWriter(self._connection, self._vocabulary, self.number).add(markers, told)

    def measured(self, environment: str, kind: str, key: str, source: str, span: Span) -> None:
        """Note what is held of the key from the source; to be told before its series.

        Where its signals are not those that the store knows, the samples of the old ones are retired.

        Raises:
            ValueError: series were already added.
        """
        if self._series is not None:
            raise ValueError("what was measured is told before the series: they may replace what is stored")
        write_span(self._connection, self.number, Place(environment, kind, key, source), span)

    def add_evaluation(
        self, lives: Sequence[FindingLife], tallies: Sequence[Tally], exit_code: int, rule_digests: Mapping[str, str]
    ) -> None:
        """The night's judgement: lives (standing and resolved tonight), tallies, and each enabled rule's digest.

        A standing life that is not among them is carried on as it was last seen. ``rule_digests`` are all enabled
        rules', also on a night that judged only some.
        """
        self._lives.add(lives)
        add_tallies(self._connection, self.number, tallies)
        add_rule_digests(self._connection, self.number, dict(rule_digests))
        self._change({"exit_code": int(exit_code)})
        self._evaluated = True

    def set_note(self, key: str, text: str) -> None:
        """Keep a text for the nights to come, under a name of the caller's."""
        upsert(self._connection, tables.note, {"key": key}, {"body": text})

    def end(self, at: datetime) -> None:
        """Note when the scan ended, by the clock."""
        self._change({"ended": at})

    def finish(self) -> None:
        """Close what is gone; the store calls it when the night's block ends well."""
        self._fact_writer().finish(self._coverage)
        bodies = [compact(of_coverage(entry)) for entry in self._coverage.entries]
        entries = self._vocabulary.contents.numbers(bodies)
        rows = [{"night": self.number, "number": place, "entry": entry} for place, entry in enumerate(entries)]
        if rows:
            self._connection.execute(insert(tables.coverage), rows)
        if not self._evaluated:
            self._lives.add(())

    def _fact_writer(self) -> FactWriter:
        if self._facts is None:
            self._facts = FactWriter(self._connection, self._vocabulary, self.number)
        return self._facts

    def _change(self, values: dict[str, object]) -> None:
        self._connection.execute(update(_NIGHT).where(_NIGHT.c.id == self.number).values(values))


def open_night(connection: Connection, token: int, as_of: datetime, started: datetime | None) -> Night:
    """Begin the night after the last one.

    Raises:
        NightOrder: ``as_of`` lies before the last night: what was known then is not rewritten.
    """
    number, newest = connection.execute(select(func.max(_NIGHT.c.id), func.max(_NIGHT.c.as_of))).one()
    if newest is not None and as_of < newest:
        raise NightOrder(
            f"a night of {as_of.isoformat(timespec='seconds')} would be written behind the one of"
            f" {newest.isoformat(timespec='seconds')}, which the store already knows",
            "scan as of a later time, or keep past nights in a store of their own (--store)",
        )
    number = (number or 0) + 1
    row = {"id": number, "as_of": as_of, "started": started, "token": token, "pruned": 0}
    connection.execute(insert(_NIGHT).values(row))
    return Night(connection, number, as_of)
