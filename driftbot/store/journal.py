"""The journal: runs, their steps and their checks, written one transaction at a time under a fencing token."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from driftbot.core.canonical import canonical
from driftbot.core.finding import Verdict
from driftbot.core.remedy import Remedy
from driftbot.core.restored import restored
from driftbot.core.run import Check, PlanApproval, Run, RunState, StepRecord, StepState, UnreadableRun
from driftbot.store import run_tables
from driftbot.store.dictionary import next_id
from driftbot.store.errors import StoreError
from driftbot.store.lease import Lease
from driftbot.store.packed import packed, unpacked

_LOOK = "restore a backup; or look at what it did, then `driftbot runs settle {number} --done` or `--not-done` ends it"
_RUN, _STEP, _CHECK = run_tables.run, run_tables.run_step, run_tables.run_check


def step_key(remedy: str, run: int, step: int) -> str:
    """The idempotency key of a step: SHA-256 of the remedy's digest, the run's number and the step's."""
    return hashlib.sha256(f"{remedy}:{run}:{step}".encode("ascii")).hexdigest()


def begin_run(
    connection: Connection, lease: Lease, plan: str, remedy: Remedy, approvals: Iterable[PlanApproval],
    at: datetime, by: str,
) -> int:  # fmt: skip
    """Write a new run down, with its remedy whole and every step planned; its number."""
    number, digest = next_id(connection, _RUN), remedy.digest
    row = {
        "id": number,
        "plan": plan,
        "digest": digest,
        "remedy": packed(remedy),
        "approvals": canonical(tuple(approvals)),
        "started": at,
        "started_by": by,
        "state": RunState.RUNNING.value,
        "told": "",
        "undone_by": "",
        "token": lease.token,
    }
    connection.execute(insert(_RUN).values(row))
    steps = [
        {"run": number, "number": step, "key": step_key(digest, number, step), "state": StepState.PLANNED.value,
         "effect": "", "detail": ""}
        for step in range(1, len(remedy.steps) + 1)
    ]  # fmt: skip
    if steps:
        connection.execute(insert(_STEP), steps)
    return number


def change_step(connection: Connection, lease: Lease, run: int, step: int, **values: object) -> None:
    """Write where a step stands.

    Raises:
        StoreError: there is no such step.
    """
    mine = (_STEP.c.run == run) & (_STEP.c.number == step)
    if connection.execute(update(_STEP).where(mine).values(values)).rowcount != 1:
        raise StoreError(f"run {run} has no step {step}", "`driftbot runs` lists them")
    connection.execute(update(_RUN).where(_RUN.c.id == run).values(token=lease.token))


def change_run(connection: Connection, lease: Lease, run: int, **values: object) -> None:
    """Write where a run stands.

    Raises:
        StoreError: there is no such run.
    """
    changed = update(_RUN).where(_RUN.c.id == run).values({**values, "token": lease.token})
    if connection.execute(changed).rowcount != 1:
        raise StoreError(f"there is no run {run}", "`driftbot runs` lists them")


def add_check(connection: Connection, run: int, check: Check) -> None:
    """Write down what was judged after a fix."""
    newest = connection.execute(select(func.max(_CHECK.c.number)).where(_CHECK.c.run == run)).scalar() or 0
    row = {"run": run, "number": newest + 1, "fingerprint": check.fingerprint, "at": check.at,
           "verdict": check.verdict.value, "told": check.told}  # fmt: skip
    connection.execute(insert(_CHECK).values(row))


def runs(connection: Connection, states: Collection[RunState] | None) -> tuple[Run, ...]:
    """The runs in these states (None: all) that can be read, by number."""
    if states is None:
        return _runs(connection, _RUN.c.id.is_not(None))
    return _runs(connection, _RUN.c.state.in_([state.value for state in states]))


def unreadable_runs(connection: Connection) -> tuple[UnreadableRun, ...]:
    """The runs whose record is damaged, by number."""
    return tuple(one for one in _read(connection, _RUN.c.id.is_not(None)) if isinstance(one, UnreadableRun))


def run(connection: Connection, number: int) -> Run | None:
    """The run of that number; None where there is none.

    Raises:
        StoreError: its record is damaged.
    """
    found = next(_read(connection, _RUN.c.id == number), None)
    if isinstance(found, UnreadableRun):
        raise StoreError(f"run {number} cannot be read: {found.reason}", _LOOK.format(number=number))
    return found


def _runs(connection: Connection, chosen: ColumnElement[bool]) -> tuple[Run, ...]:
    return tuple(one for one in _read(connection, chosen) if isinstance(one, Run))


def _read(connection: Connection, chosen: ColumnElement[bool]) -> Iterator[Run | UnreadableRun]:
    steps: dict[int, list[Any]] = defaultdict(list)
    checks: dict[int, list[Any]] = defaultdict(list)
    numbers = select(_RUN.c.id).where(chosen)
    for row in connection.execute(select(_STEP).where(_STEP.c.run.in_(numbers)).order_by(_STEP.c.run, _STEP.c.number)):
        steps[row.run].append(row)
    rows = connection.execute(select(_CHECK).where(_CHECK.c.run.in_(numbers)).order_by(_CHECK.c.run, _CHECK.c.number))
    for row in rows:
        checks[row.run].append(row)
    found = connection.execute(select(_RUN).where(chosen).order_by(_RUN.c.id))
    for row in found:
        try:
            yield _run(row, steps[row.id], checks[row.id])
        except (StoreError, ValueError) as error:
            yield UnreadableRun(row.id, row.state, row.ended is not None, str(error))


def _step(row: Any) -> StepRecord:
    state = StepState(row.state)
    return StepRecord(row.number, row.key, state, row.effect, row.detail, row.intended, row.concluded)


def _run(row: Any, steps: Sequence[Any], checks: Sequence[Any]) -> Run:
    """The run of these rows.

    Raises:
        StoreError, ValueError: something in them is damaged.
    """
    remedy = unpacked(Remedy, row.remedy, "its remedy")
    if len(remedy.steps) != len(steps):
        raise ValueError(f"its remedy has {len(remedy.steps)} steps, and {len(steps)} are written down")
    return Run(
        number=row.id,
        plan=row.plan,
        remedy=remedy,
        started=row.started,
        by=row.started_by,
        state=RunState(row.state),
        steps=tuple(map(_step, steps)),
        approvals=restored(tuple[PlanApproval, ...], row.approvals),
        checks=tuple(Check(one.fingerprint, one.at, Verdict(one.verdict), one.told) for one in checks),
        due=row.due,
        ended=row.ended,
        told=row.told,
        undone_by=row.undone_by,
    )


def prune_runs(connection: Connection, before: datetime) -> int:
    """Let go of runs that ended before; how many. One that has not ended stays, however old."""
    gone = list(connection.execute(select(_RUN.c.id).where(_RUN.c.ended < before)).scalars())
    for table, column in ((_STEP, _STEP.c.run), (_CHECK, _CHECK.c.run), (_RUN, _RUN.c.id)):
        connection.execute(delete(table).where(column.in_(gone)))
    return len(gone)
