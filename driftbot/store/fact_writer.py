"""Tonight's facts against the standing intervals: what is new, what moved, what is gone, what only was not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, select

from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.subject import Subject
from driftbot.store import tables
from driftbot.store.bulk import Plain, insert_rows, update_rows
from driftbot.store.coverage_book import CoverageBook, Scope
from driftbot.store.dictionary import batches, next_id
from driftbot.store.label_writer import LabelWriter
from driftbot.store.value_text import to_text
from driftbot.store.vocabulary import Vocabulary

VIEWS = {view: number for number, view in enumerate(View)}
PROVENANCES = {provenance: number for number, provenance in enumerate(Provenance)}
_APPROVED = VIEWS[View.APPROVED]
_AT_ONCE = 20_000

Statement = tuple[int, int, int, int, int, int]
"""Subject, key, view and place (who says it about what), then provenance and value (what is said)."""
Position = tuple[int, int, int, int, int | None]
"""Line, column, first and last byte, query: it may move without anything being said anew."""

_STATEMENT = ("subject", "key", "view", "place", "provenance", "value")
_POSITION = ("line", "column_number", "start_byte", "end_byte", "query")
_Saying = tuple[int, int, int, int]


class FactWriter:
    """Writes one night's facts. Feed it with ``add`` as often as wanted, then call ``finish`` once."""

    def __init__(self, connection: Connection, vocabulary: Vocabulary, night: int) -> None:
        self._connection, self._vocabulary, self._night = connection, vocabulary, night
        self._unseen = self._standing()
        self._seen: set[Statement] = set()
        self._values: dict[Value, int] = {}
        self._fresh: Counter[_Saying] = Counter()
        self._heard: set[int] = set()
        # Most facts are about the subject of the fact before, and to look it up takes longer than anything else.
        self._last: Subject | None = None
        self._source, self._number_of_last = "", 0
        self._lapses = self._open_lapses()
        self._resumed: list[int] = []
        self._labels = LabelWriter(connection, vocabulary, night)
        self._next = next_id(connection, tables.fact)

    def add(self, facts: Iterable[Fact]) -> None:
        """Compare facts with what stands; a fact said twice counts once."""
        for batch in batches(facts, _AT_ONCE):
            self._learn_values(batch)
            self._write(batch)

    def finish(self, coverage: CoverageBook) -> None:
        """Close what is gone, where somebody completely looked; note what was only not seen."""
        closed, lingering = self._judge_unseen(coverage)
        self._close(closed)
        self._note_lapses(lingering.values())
        self._end_lapses()
        self._labels.finish({(statement[0], scope) for statement, (_, scope) in lingering.items()})
        self._vocabulary.flush()
        heard = [(self._night, scope) for scope in sorted(self._heard)]
        insert_rows(self._connection, tables.heard, ("night", "scope"), heard)

    def _standing(self) -> dict[Statement, tuple[int, Position]]:
        fact = tables.fact
        columns = (fact.c[name] for name in ("id", *_STATEMENT, *_POSITION))
        open_ones = select(*columns).where(fact.c.closed.is_(None)).execution_options(yield_per=_AT_ONCE)
        rows = self._connection.execute(open_ones)
        # What servers say has no place in a file: one position, a hundred thousand times.
        once: dict[Position, Position] = {}
        standing = {
            (subject, key, view, place, provenance, value): (
                number,
                once.setdefault((line, column, start, end, query), (line, column, start, end, query)),
            )
            for number, subject, key, view, place, provenance, value, line, column, start, end, query in rows
        }
        content = tables.content
        values = select(fact.c.value).where(fact.c.closed.is_(None))
        held = select(content.c.digest, content.c.id).where(content.c.id.in_(values))
        known = self._connection.execute(held.execution_options(yield_per=_AT_ONCE))
        self._vocabulary.contents.remember((bytes(key), number) for key, number in known)
        return standing

    def _open_lapses(self) -> dict[int, int]:
        lapse = tables.lapse
        rows = self._connection.execute(select(lapse.c.fact, lapse.c.since).where(lapse.c.until.is_(None)))
        return {row.fact: row.since for row in rows}

    def _learn_values(self, batch: Iterable[Fact]) -> None:
        values = [value for value in {fact.value for fact in batch} if value not in self._values]
        numbers = self._vocabulary.contents.numbers([to_text(value) for value in values])
        self._values.update(zip(values, numbers, strict=True))

    def _write(self, batch: Iterable[Fact]) -> None:
        fresh: list[Plain] = []
        moved: list[Plain] = []
        for fact in batch:
            statement = self._statement(fact)
            if statement in self._seen:
                continue
            self._seen.add(statement)
            position = self._position(fact.origin)
            standing = self._unseen.pop(statement, None)
            if standing is None:
                self._fresh[statement[:4]] += 1
                fresh.append((self._number(), *statement, *position, self._night))
                continue
            if standing[0] in self._lapses:
                self._resumed.append(standing[0])
            if standing[1] != position:
                moved.append((*position, standing[0]))
        self._vocabulary.flush()
        insert_rows(self._connection, tables.fact, ("id", *_STATEMENT, *_POSITION, "opened"), fresh)
        update_rows(self._connection, tables.fact, _POSITION, ("id",), moved)

    def _statement(self, fact: Fact) -> Statement:
        words, source = self._vocabulary, fact.origin.source
        if self._last is not fact.subject or self._source != source:
            self._last, self._source, self._number_of_last = fact.subject, source, self._hear(fact.subject, source)
        return (
            self._number_of_last,
            words.keys[fact.key,],
            VIEWS[fact.view],
            words.places[source, fact.origin.locator],
            PROVENANCES[fact.provenance],
            self._values[fact.value],
        )

    def _hear(self, subject: Subject, source: str) -> int:
        """The subject's number; that the source speaks of it, and with which labels, is noted."""
        words = self._vocabulary
        number = words.subjects[subject.kind, subject.environment, subject.name]
        scope = words.scopes[source, subject.environment, subject.kind]
        self._heard.add(scope)
        self._labels.note((number, scope), subject)
        return number

    def _position(self, origin: Origin) -> Position:
        query = self._vocabulary.text(origin.query) if origin.query else None
        return origin.line, origin.column, origin.start, origin.end, query

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _judge_unseen(self, coverage: CoverageBook) -> tuple[list[int], dict[Statement, tuple[int, int]]]:
        """The intervals that end tonight; those that stay because nobody can say, with their scopes."""
        closed: list[int] = []
        lingering: dict[Statement, tuple[int, int]] = {}
        unseen = Counter(statement[:4] for statement in self._unseen)
        scopes = self._scopes_of_unseen()
        gone: dict[tuple[Scope, str], bool] = {}
        for statement, (number, _) in self._unseen.items():
            saying, asked = statement[:4], scopes[statement]
            if asked not in gone:
                gone[asked] = coverage.looked_for(*asked)
            if statement[2] == _APPROVED:
                # No source looks for approvals: they are driftbot's own record, and every night holds all of them.
                closed.append(number)
            # The same place says as many new values as are missing: it changed, whatever else could not be read.
            elif gone[asked] or unseen[saying] <= self._fresh[saying]:
                closed.append(number)
            else:
                lingering[statement] = number, self._vocabulary.scopes[asked[0]]
        return closed, lingering

    def _scopes_of_unseen(self) -> dict[Statement, tuple[Scope, str]]:
        """Of each interval that was not seen: who would have said it, and the key."""
        words = self._vocabulary
        subjects, keys, places = (
            {number: name for name, number in names.items()} if self._unseen else {}
            for names in (words.subjects, words.keys, words.places)
        )
        scopes = {}
        for statement in self._unseen:
            kind, environment, _ = subjects[statement[0]]
            scopes[statement] = (places[statement[3]][0], environment, kind), keys[statement[1]][0]
        return scopes

    def _close(self, facts: list[int]) -> None:
        update_rows(self._connection, tables.fact, ("closed",), ("id",), [(self._night, fact) for fact in facts])
        self._resumed += [number for number in facts if number in self._lapses]

    def _end_lapses(self) -> None:
        """End the stretches of nights in which facts were not seen."""
        ended = [(self._night, fact, self._lapses[fact]) for fact in self._resumed]
        update_rows(self._connection, tables.lapse, ("until",), ("fact", "since"), ended)

    def _note_lapses(self, lingering: Iterable[tuple[int, int]]) -> None:
        """Where a source said nothing at all, its silence is enough; else each fact that it left out is noted."""
        lapsed = [fact for fact, scope in lingering if scope in self._heard and fact not in self._lapses]
        insert_rows(self._connection, tables.lapse, ("fact", "since"), [(fact, self._night) for fact in lapsed])
