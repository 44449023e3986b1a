"""Nights: their numbers, their times, and what each came to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, or_, select

from driftbot.core.evaluation import Tally
from driftbot.core.finding import Verdict
from driftbot.store import tables
from driftbot.store.errors import NightPruned
from driftbot.store.value_text import compact

_NIGHT = tables.night.c
_COUNTED = tuple(entry.name for entry in fields(Tally) if entry.name not in {"rule", "never_seen", "stopped"})


@dataclass(frozen=True, slots=True)
class NightSummary:
    """One night: the time it speaks of, how it ended, and how often each verdict was given over all rules.

    ``exit_code`` is None where nothing was evaluated; ``started`` and ``ended`` are the clock's, where told.
    """

    as_of: datetime
    exit_code: int | None
    counts: dict[Verdict, int]
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        """How long the scan took; None where nobody told."""
        return None if self.started is None or self.ended is None else self.ended - self.started


def night_times(connection: Connection) -> dict[int, datetime]:
    """The time of every night ever, pruned ones too, by number, in order."""
    return {row.id: row.as_of for row in connection.execute(select(_NIGHT.id, _NIGHT.as_of).order_by(_NIGHT.id))}


def night_at(connection: Connection, as_of: datetime | None) -> tuple[int, datetime] | None:
    """The last night not after ``as_of`` (None: the last of all); None where no night is that old.

    Raises:
        NightPruned: it was that old, but retention let go of it.
    """
    query = select(_NIGHT.id, _NIGHT.as_of, _NIGHT.pruned).order_by(_NIGHT.id.desc()).limit(1)
    row = connection.execute(query if as_of is None else query.where(_NIGHT.as_of <= as_of)).one_or_none()
    if row is None:
        return None
    if row.pruned:
        oldest = connection.execute(select(func.min(_NIGHT.as_of)).where(_NIGHT.pruned == 0)).scalar_one()
        raise NightPruned(
            f"the night of {row.as_of.isoformat(timespec='seconds')} was pruned",
            f"ask for {oldest.isoformat(timespec='seconds')} or later",
        )
    return row.id, row.as_of


def nights_known(connection: Connection, as_of: datetime | None) -> dict[int, datetime]:
    """The time of every night up to the last one not after ``as_of``, by number, in order; none where none is that old.

    Raises:
        NightPruned: it was that old, but retention let go of it.
    """
    night = night_at(connection, as_of)
    return {} if night is None else {n: at for n, at in night_times(connection).items() if n <= night[0]}


def summaries(connection: Connection) -> tuple[NightSummary, ...]:
    """Every night that was kept, the oldest first."""
    tally = tables.tally.c
    sums = (func.sum(tally[verdict.value]).label(verdict.value) for verdict in Verdict)
    counts = {row.night: row for row in connection.execute(select(tally.night, *sums).group_by(tally.night))}
    rows = connection.execute(select(tables.night).where(_NIGHT.pruned == 0).order_by(_NIGHT.id))
    return tuple(
        NightSummary(
            as_of=row.as_of,
            exit_code=row.exit_code,
            counts={v: int(getattr(counts[row.id], v.value)) if row.id in counts else 0 for v in Verdict},
            started=row.started,
            ended=row.ended,
        )
        for row in rows
    )


def add_tallies(connection: Connection, night: int, tallies: Sequence[Tally]) -> None:
    """Write how each rule fared."""
    rows = [{"night": night, **asdict(tally), "never_seen": compact(list(tally.never_seen))} for tally in tallies]
    if rows:
        connection.execute(insert(tables.tally), rows)


def tallies_at(connection: Connection, night: int) -> tuple[Tally, ...]:
    """How each rule fared on the night, by rule."""
    tally = tables.tally
    rows = connection.execute(select(tally).where(tally.c.night == night).order_by(tally.c.rule))
    return tuple(
        Tally(
            rule=row.rule,
            **{name: getattr(row, name) for name in _COUNTED},
            never_seen=tuple(json.loads(row.never_seen)),
            stopped=row.stopped,
        )
        for row in rows
    )


def add_rule_digests(connection: Connection, night: int, digests: dict[str, str]) -> None:
    """Write down which text each enabled rule had; unchanged rules cost nothing."""
    rule = tables.rule_digest
    standing = rule_digests_at(connection, night - 1)
    gone = [name for name, digest in standing.items() if digests.get(name) != digest]
    if gone:
        ended = rule.update().where(rule.c.closed.is_(None), rule.c.rule.in_(gone))
        connection.execute(ended.values(closed=night))
    fresh = [
        {"rule": name, "opened": night, "digest": digest, "closed": None}
        for name, digest in sorted(digests.items())
        if standing.get(name) != digest
    ]
    if fresh:
        connection.execute(insert(rule), fresh)


def rule_digests_at(connection: Connection, night: int) -> dict[str, str]:
    """The text's digest of every rule that was enabled on the night."""
    rule = tables.rule_digest.c
    stood = (rule.opened <= night) & or_(rule.closed.is_(None), rule.closed > night)
    return {row.rule: row.digest for row in connection.execute(select(rule.rule, rule.digest).where(stood))}
