"""The life of a subject's values over all nights: since when, until when, and when last really seen."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from driftbot.core.history import Held, Interval, Lapse
from driftbot.core.subject import Labels, Subject, SubjectId, labels_of
from driftbot.store import tables
from driftbot.store.columns import unescaped
from driftbot.store.dictionary import batches
from driftbot.store.fact_rows import FactMaker, labels_selected, selected

_AT_ONCE = 500


def history_of(
    connection: Connection, subject: SubjectId | Subject, key: str | None, nights: dict[int, datetime]
) -> tuple[Interval, ...]:
    """Every interval of the subject, or of one key of it, by key and time, as known on the last of ``nights``."""
    after = max(nights, default=0) + 1
    query = selected(subject=subject) if key is None else selected(subject=subject).where(tables.fact_key.c.name == key)
    query = query.where(tables.fact.c.opened < after)
    rows = sorted(connection.execute(query), key=lambda row: (row.key, row.opened, *row[:12]))
    presence = Presence(connection, [row.id for row in rows])
    labels = LabelHistory(connection, subject)
    maker = FactMaker()
    return tuple(
        Interval(
            maker.fact(row, labels.before(unescaped(row.source), min(row.closed or after, after))),
            nights[row.opened],
            nights[seen[-1]],
            nights.get(row.closed),
            tuple(_lapses_between(range(row.opened, min(row.closed or after, after)), seen, nights)),
        )
        for row in rows
        for seen in [presence.nights_seen(row, min(row.closed or after, after))]
    )


def changed_of(
    connection: Connection, kind: str, keys: Collection[str], nights: dict[int, datetime]
) -> tuple[Held, ...]:
    """All values of these keys of those subjects of the kind of which one ended, without labels, by key and time."""
    fact, asked = tables.fact.c, tables.fact_key.c.name.in_(sorted(keys))
    ended = select(fact.subject).where(
        fact.closed.is_not(None), fact.key.in_(select(tables.fact_key.c.id).where(asked))
    )
    query = selected(kinds={kind}).where(asked, fact.subject.in_(ended))
    rows = sorted(connection.execute(query), key=lambda row: (*row[:4], row.opened, *row[4:12]))
    maker = FactMaker()
    return tuple(Held(maker.fact(row, ()), nights[row.opened], nights.get(row.closed)) for row in rows)


def _lapses_between(open_on: range, seen: Iterable[int], nights: dict[int, datetime]) -> Iterator[Lapse]:
    read = set(seen)
    for was_read, run in groupby((night for night in open_on if night in nights), key=read.__contains__):
        if not was_read:
            missed = [nights[night] for night in run]
            yield Lapse(missed[0], missed[-1], len(missed))


class LabelHistory:
    """The labels of one subject over all nights."""

    def __init__(self, connection: Connection, subject: SubjectId | Subject) -> None:
        self._rows = connection.execute(labels_selected(subject)).all()

    def before(self, source: str, closed: int) -> Labels:
        """The labels by that source on the last night before ``closed``."""
        for row in self._rows:
            if row.source == source and row.opened < closed <= (row.closed or closed):
                return labels_of(json.loads(row.body))
        return ()


class Presence:
    """On which nights intervals were really seen; ``facts`` are their numbers, None for all."""

    def __init__(self, connection: Connection, facts: Sequence[int] | None = None) -> None:
        heard, scope = tables.heard.c, tables.scope.c
        self._heard: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        spoken = select(heard.night, scope.source, scope.environment, scope.kind)
        for night, *name in connection.execute(spoken.join_from(tables.heard, tables.scope).order_by(heard.night)):
            self._heard[name[0], name[1], name[2]].append(night)
        self._lapses: defaultdict[int, list[tuple[int, int | None]]] = defaultdict(list)
        for number, since, until in _lapses(connection, facts):
            self._lapses[number].append((since, until))

    def last_seen(self, row: Any) -> int:
        """The last night on which a row of ``fact`` was seen: at least the one that opened it."""
        nights = self._heard_of(row)
        end = len(nights) if row.closed is None else bisect_left(nights, row.closed)
        for night in reversed(nights[:end]):
            if night <= row.opened:
                break
            if not self._lapsed(row, night):
                return night
        return int(row.opened)

    def nights_seen(self, row: Any, before: int) -> list[int]:
        """All nights before ``before`` on which a row of ``fact`` was seen, in order, the first being its opening."""
        later = (night for night in self._heard_of(row) if row.opened < night < before)
        return [int(row.opened), *(night for night in later if not self._lapsed(row, night))]

    def _heard_of(self, row: Any) -> Sequence[int]:
        return self._heard[unescaped(row.source), unescaped(row.environment), unescaped(row.kind)]

    def _lapsed(self, row: Any, night: int) -> bool:
        return any(since <= night and (until is None or night < until) for since, until in self._lapses[row.id])


def _lapses(connection: Connection, facts: Sequence[int] | None) -> Iterator[Any]:
    hidden = select(tables.lapse.c.fact, tables.lapse.c.since, tables.lapse.c.until)
    if facts is None:
        yield from connection.execute(hidden)
        return
    for batch in batches(facts, _AT_ONCE):
        yield from connection.execute(hidden.where(tables.lapse.c.fact.in_(batch)))
