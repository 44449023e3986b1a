"""Series on their way into the store: cut into chunks, laid over what is there, compressed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from sqlalchemy import Connection, bindparam, insert, select, update

from driftbot.core.series import FloatArray, Series
from driftbot.store import samples, tables
from driftbot.store.dictionary import Row, batches, next_id
from driftbot.store.samples import Samples
from driftbot.store.vocabulary import Vocabulary

CHUNK_SECONDS = 7 * 86400
"""What one chunk spans; a night's new samples rewrite at most the newest chunk and compress well (measured)."""
_SAMPLES_AT_ONCE = 500_000
_SERIES_AT_ONCE = 400

Place = tuple[int, int]
"""The numbers of a series and of its chunk."""


class SeriesWriter:
    """Writes series in bounded memory, however many there are."""

    def __init__(self, connection: Connection, vocabulary: Vocabulary) -> None:
        self._connection, self._vocabulary = connection, vocabulary
        self._next = next_id(connection, tables.series)
        series, place = tables.series.c, tables.place.c
        rows = connection.execute(
            select(series.subject, series.key, place.source, series.id, series.place, series.query, series.labels)
            .join_from(tables.series, tables.place)
            .where(series.retired.is_(None))
        )
        self._known = {(row[0], row[1], row[2]): (row[3], tuple(row[4:])) for row in rows}

    def add(self, series: Iterable[Series]) -> None:
        """Lay samples over what is stored: a sample of the same time replaces, others are added.

        Raises:
            ValueError: the times of a series do not rise strictly.
        """
        for batch in _bounded(series):
            chunks: dict[Place, Samples] = {}
            numbers = self._numbers(batch)
            for number, one in zip(numbers, batch, strict=True):
                for place, part in _cut(number, *_clean(one)):
                    chunks[place] = part if place not in chunks else overlay(chunks[place], part)
            self._write(chunks)

    def _numbers(self, batch: list[Series]) -> list[int]:
        fresh, changed = [], []
        numbers = []
        words = self._vocabulary
        words.learn_labels(one.subject.labels for one in batch)
        for one in batch:
            subject = words.subjects[one.subject.kind, one.subject.environment, one.subject.name]
            name = subject, words.keys[one.key,], one.origin.source
            told = (
                words.places[one.origin.source, one.origin.locator],
                words.text(one.origin.query),
                words.labels(one.subject.labels),
            )
            number, known = self._known.get(name, (0, ()))
            columns = dict(zip(("place", "query", "labels"), told, strict=True))
            if not number:
                number, self._next = self._next, self._next + 1
                fresh.append({"id": number, "subject": subject, "key": name[1], **columns})
            elif known != told:
                changed.append({"number": number, **columns})
            self._known[name] = number, told
            numbers.append(number)
        words.flush()
        self._write_series(fresh, changed)
        return numbers

    def _write_series(self, fresh: list[dict[str, int | None]], changed: list[dict[str, int | None]]) -> None:
        if fresh:
            self._connection.execute(insert(tables.series), fresh)
        if changed:
            columns: Row = {name: bindparam(name) for name in ("place", "query", "labels")}
            found = update(tables.series).where(tables.series.c.id == bindparam("number")).values(**columns)
            self._connection.execute(found, changed)

    def _write(self, chunks: dict[Place, Samples]) -> None:
        stored = self._stored(list(chunks))
        fresh, changed = [], []
        for (series, number), part in chunks.items():
            old = stored.get((series, number))
            whole = part if old is None else overlay(samples.decode(old), part)
            row = {"samples": len(whole[0]), "body": samples.encode(*whole)}
            if old is None:
                fresh.append({"series": series, "number": number, **row})
            elif row["body"] != old:
                changed.append({"of_series": series, "of_number": number, **row})
        if fresh:
            self._connection.execute(insert(tables.chunk), fresh)
        if changed:
            chunk = tables.chunk.c
            found = (chunk.series == bindparam("of_series")) & (chunk.number == bindparam("of_number"))
            columns: Row = {name: bindparam(name) for name in ("samples", "body")}
            self._connection.execute(update(tables.chunk).where(found).values(**columns), changed)

    def _stored(self, places: list[Place]) -> dict[Place, bytes]:
        chunk = tables.chunk.c
        found: dict[Place, bytes] = {}
        wanted = set(places)
        for batch in batches(sorted({series for series, _ in places}), _SERIES_AT_ONCE):
            members = set(batch)
            numbers = [number for series, number in places if series in members]
            rows = self._connection.execute(
                select(chunk.series, chunk.number, chunk.body).where(
                    chunk.series.in_(batch), chunk.number.between(min(numbers), max(numbers))
                )
            )
            found.update(((row[0], row[1]), bytes(row[2])) for row in rows if (row[0], row[1]) in wanted)
        return found


def overlay(old: Samples, new: Samples) -> Samples:
    """All samples of both; where the times are equal, the new one."""
    if not len(old[0]) or not len(new[0]):
        return new if len(new[0]) else old
    if old[0][-1] < new[0][0]:
        return np.concatenate((old[0], new[0])), np.concatenate((old[1], new[1]))
    kept = ~np.isin(old[0], new[0], assume_unique=True)
    times = np.concatenate((old[0][kept], new[0]))
    values = np.concatenate((old[1][kept], new[1]))
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


def _clean(series: Series) -> Samples:
    times = np.ascontiguousarray(series.times, np.float64)
    values = np.ascontiguousarray(series.values, np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        times, values = times[finite], values[finite]
    if not np.isfinite(times).all() or np.any(np.diff(times) <= 0):
        raise ValueError(f"series {series.key} of {series.subject}: its times do not rise strictly")
    return times, values


def _cut(series: int, times: FloatArray, values: FloatArray) -> Iterator[tuple[Place, Samples]]:
    numbers = np.floor_divide(times, CHUNK_SECONDS).astype(np.int64)
    firsts = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1)).tolist()
    for first, end in pairwise((*firsts, len(numbers))):
        yield (series, int(numbers[first])), (times[first:end], values[first:end])


def _bounded(series: Iterable[Series]) -> Iterator[list[Series]]:
    """The series in lists of a bounded number of samples."""
    batch: list[Series] = []
    held = 0
    for one in series:
        batch.append(one)
        held += len(one.times)
        if held >= _SAMPLES_AT_ONCE:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
