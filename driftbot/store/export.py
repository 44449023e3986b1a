"""Export: everything a store knows as JSON Lines, for people, other programs and other times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from driftbot.core.canonical import canonical
from driftbot.core.history import FindingLife
from driftbot.core.plan import Plan
from driftbot.core.subject import Subject
from driftbot.store import (
    chat_tables,
    documents,
    excuses,
    journal,
    life_reader,
    marker_reader,
    run_tables,
    summary,
    tables,
)
from driftbot.store.documents import Document
from driftbot.store.excuses import Ending
from driftbot.store.fact_rows import FactMaker, labels_selected, selected
from driftbot.store.history_reader import Presence
from driftbot.store.new_file import new_file
from driftbot.store.packed import unpacked
from driftbot.store.samples import decode
from driftbot.store.series_reader import describe, described
from driftbot.store.value_text import compact, to_document

_AT_ONCE = 2000


def export(connection: Connection, path: Path) -> int:
    """Write one JSON document a line, ``type`` first; how many lines were written.

    Raises:
        StoreError: the file exists or cannot be written.
    """
    lines = 0
    with new_file(path) as partial, partial.open("w", encoding="ascii") as file:
        for document in _documents(connection):
            file.write(compact(document) + "\n")
            lines += 1
    return lines


def _documents(connection: Connection) -> Iterator[Document]:
    nights = summary.night_times(connection)
    version = connection.execute(select(tables.version.c.version)).scalar_one()
    yield {"type": "store", "version": version}
    yield from _nights(connection)
    yield from _facts(connection, nights)
    yield from _labels(connection, nights)
    yield from _findings(connection, nights)
    yield from _rules(connection, nights)
    yield from _decisions(connection)
    yield from _series(connection, nights)
    yield from _markers(connection, nights)
    yield from _acting(connection)
    yield from _telling(connection)
    yield from _bookkeeping(connection)


def _nights(connection: Connection) -> Iterator[Document]:
    for row in connection.execute(select(tables.night).order_by(tables.night.c.id)):
        times = {name: _time(getattr(row, name)) for name in ("as_of", "started", "ended")}
        yield {"type": "night", **times, "exit_code": row.exit_code, "pruned": bool(row.pruned)}
    coverage = tables.coverage.c
    query = select(tables.night.c.as_of, tables.content.c.body).join_from(tables.coverage, tables.night)
    entries = query.join(tables.content, coverage.entry == tables.content.c.id).order_by(
        coverage.night, coverage.number
    )
    for as_of, body in connection.execute(entries):
        yield {"type": "coverage", "night": _time(as_of), **json.loads(body)}


def _facts(connection: Connection, nights: dict[int, datetime]) -> Iterator[Document]:
    presence, maker = Presence(connection), FactMaker()
    for row in connection.execute(selected().order_by(tables.fact.c.id).execution_options(yield_per=_AT_ONCE)):
        fact = maker.fact(row, ())
        yield {
            "type": "fact",
            "subject": documents.of_subject(fact.subject),
            "key": fact.key,
            "value": to_document(fact.value),
            "view": fact.view.value,
            "provenance": fact.provenance.value,
            "origin": documents.of_origin(fact.origin),
            "first_seen": _time(nights[row.opened]),
            "last_seen": _time(nights[presence.last_seen(row)]),
            "closed": _time(nights.get(row.closed)),
        }


def _labels(connection: Connection, nights: dict[int, datetime]) -> Iterator[Document]:
    about = tables.subject.c
    query = labels_selected().add_columns(about.kind, about.environment, about.name)
    joined = query.join(tables.subject, tables.label_set.c.subject == about.id)
    for row in connection.execute(joined.order_by(about.id, tables.label_set.c.opened)):
        yield {
            "type": "labels",
            "subject": {"kind": row.kind, "environment": row.environment, "name": row.name},
            "source": row.source,
            "labels": json.loads(row.body),
            "first_seen": _time(nights[row.opened]),
            "closed": _time(nights.get(row.closed)),
        }


def _findings(connection: Connection, nights: dict[int, datetime]) -> Iterator[Document]:
    for life, opened, closed in life_reader.every_life(connection, nights):
        yield {
            "type": "finding",
            "fingerprint": life.finding.fingerprint,
            "from": _time(opened),
            "to": _time(closed),
            **_life(life),
            "finding": documents.of_finding(life.finding),
        }


def _life(life: FindingLife) -> Document:
    times = {name: _time(getattr(life, name)) for name in ("first_seen", "last_seen", "changed", "resolved")}
    return {"life": life.life.value, "previous": life.previous, "times_opened": life.times_opened, **times}


def _rules(connection: Connection, nights: dict[int, datetime]) -> Iterator[Document]:
    for number, as_of in sorted(nights.items()):
        for tally in summary.tallies_at(connection, number):
            yield {"type": "tally", "night": _time(as_of), **asdict(tally)}
    digest = tables.rule_digest
    for row in connection.execute(select(digest).order_by(digest.c.rule, digest.c.opened)):
        times = {"first_seen": _time(nights[row.opened]), "closed": _time(nights.get(row.closed))}
        yield {"type": "rule", "rule": row.rule, "digest": row.digest, **times}


def _decisions(connection: Connection) -> Iterator[Document]:
    for waived in excuses.waiver_records(connection, None, standing_only=False):
        waiver = waived.waiver
        subject = {"subject": documents.of_subject(waiver.subject)}
        times = {"created": _time(waiver.created), "expires": _time(waiver.expires)}
        yield {"type": "waiver", **asdict(waiver), **subject, **times, **_ending(waived.ending)}
    for approved in excuses.approval_records(connection, None, standing_only=False):
        approval = approved.approval
        told = {"subject": documents.of_subject(approval.subject), "value": to_document(approval.value)}
        yield {"type": "approval", **asdict(approval), **told, "at": _time(approval.at), **_ending(approved.ending)}


def _ending(ending: Ending | None) -> Document:
    if ending is None:
        return {"ended": None}
    return {"ended": {"at": _time(ending.at), "by": ending.by, "because": ending.because}}


def _series(connection: Connection, nights: dict[int, datetime]) -> Iterator[Document]:
    known = {row.id: row for row in connection.execute(described())}
    chunk = tables.chunk
    query = select(chunk).order_by(chunk.c.series, chunk.c.number).execution_options(yield_per=64)
    for row in connection.execute(query):
        subject, key, origin = describe(known[row.series])
        times, values = decode(bytes(row.body))
        yield {
            "type": "series",
            "subject": documents.of_subject(subject),
            "key": key,
            "origin": documents.of_origin(origin),
            "times": times.tolist(),
            "values": values.tolist(),
            "retired": _time(nights.get(known[row.series].retired)),
        }


def _markers(connection: Connection, nights: dict[int, datetime]) -> Iterator[Document]:
    subjects: dict[tuple[int, int | None], Subject] = {}
    rows = connection.execute(marker_reader.described().order_by(tables.marker.c.at, tables.marker.c.id))
    for row in rows:
        marker = marker_reader.describe(row, subjects)
        yield {
            "type": "marker",
            "subject": documents.of_subject(marker.subject),
            "cause": marker.cause.value,
            "name": marker.name,
            "at": marker.at,
            "late_by": marker.late_by,
            "commit": marker.commit,
            "origin": documents.of_origin(marker.origin),
            "first_seen": _time(nights[row.opened]),
            "closed": _time(nights.get(row.closed)),
        }


def _acting(connection: Connection) -> Iterator[Document]:
    plan, approval = run_tables.plan, run_tables.plan_approval
    for row in connection.execute(select(plan).order_by(plan.c.made, plan.c.digest).execution_options(yield_per=64)):
        kept = unpacked(Plan, row.body, f"plan {row.digest[:12]}")
        yield {"type": "plan", "digest": row.digest, "plan": json.loads(canonical(kept))}
    for row in connection.execute(select(approval).order_by(approval.c.at, approval.c.digest, approval.c.approved_by)):
        yield {"type": "plan_approval", "digest": row.digest, "by": row.approved_by, "at": _time(row.at)}
    for run in journal.runs(connection, None):
        yield {"type": "run", "digest": run.remedy.digest, **json.loads(canonical(run))}
    for row in connection.execute(select(run_tables.outbox).order_by(*run_tables.outbox.primary_key)):
        yield {"type": "notice", **row._mapping, "at": _time(row.at), "delivered": _time(row.delivered)}


def _telling(connection: Connection) -> Iterator[Document]:
    """What channels were told, how they fare, and what people said there."""
    told = chat_tables
    for table in (told.message, told.channel_health, told.snooze, told.not_useful, told.chat_decision):
        for row in connection.execute(select(table).order_by(*table.primary_key)):
            values = {name: _time(one) if isinstance(one, datetime) else one for name, one in row._mapping.items()}
            yield {"type": table.name, **values}


def _bookkeeping(connection: Connection) -> Iterator[Document]:
    for table in (tables.measured, tables.note):
        for row in connection.execute(select(table).order_by(*table.primary_key)):
            yield {"type": table.name, **row._mapping}


def _time(instant: Any) -> str | None:
    return None if instant is None else instant.isoformat()
