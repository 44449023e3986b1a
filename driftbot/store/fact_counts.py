"""How many facts each source told, night by night."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, func, select

from driftbot.core.fact import View
from driftbot.store import tables
from driftbot.store.columns import unescaped
from driftbot.store.fact_rows import VIEWS

_APPROVED = VIEWS.index(View.APPROVED)


def fact_counts(connection: Connection, nights: int) -> dict[datetime, dict[str, int]]:
    """The number of facts that each source told in each of the last nights, approvals aside; the oldest night first.

    What a gap hid from a night is not counted of it. Facts are counted by their first night and the one that ended
    them, once for all nights.
    """
    night, fact, lapse, source = tables.night.c, tables.fact.c, tables.lapse.c, tables.place.c.source
    newest = select(night.id, night.as_of).where(night.pruned == 0).order_by(night.id.desc()).limit(nights)
    known = {row.id: row.as_of for row in reversed(connection.execute(newest).all())}
    told = select(source, fact.opened, fact.closed, func.count()).join_from(tables.fact, tables.place)
    told = told.where(fact.view != _APPROVED).group_by(source, fact.opened, fact.closed)
    hidden = select(source, lapse.since, lapse.until, fact.closed, func.count()).join_from(tables.lapse, tables.fact)
    hidden = hidden.join(tables.place, fact.place == tables.place.c.id).where(fact.view != _APPROVED)
    hidden = hidden.group_by(source, lapse.since, lapse.until, fact.closed)
    counts: dict[int, Counter[str]] = {number: Counter() for number in known}
    for name, opened, closed, count in connection.execute(told):
        _add(counts, name, opened, closed, count)
    for name, since, until, closed, count in connection.execute(hidden):
        ends = [end for end in (until, closed) if end is not None]
        _add(counts, name, since, min(ends, default=None), -count)
    return {known[number]: {name: many for name, many in found.items() if many} for number, found in counts.items()}


def _add(counts: dict[int, Counter[str]], source: str, first: int, end: int | None, count: int) -> None:
    for night, found in counts.items():
        if first <= night and (end is None or night < end):
            found[unescaped(source)] += count
