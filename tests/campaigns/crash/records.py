"""The store as anybody with SQL reads it: what was planned, approved, begun, concluded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


@dataclass(frozen=True)
class StepRow:
    """A step as it is written down; ``intended`` is whether it was ever said to begin."""

    key: str
    state: str
    intended: bool
    detail: str


@dataclass(frozen=True)
class RunRow:
    """A run as it is written down."""

    number: int
    digest: str
    state: str
    told: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True)
class Records:
    """What is on disk: runs, the digests of plans and of their remedies, those approved, notices by title."""

    runs: tuple[RunRow, ...]
    planned: frozenset[str]
    approved: frozenset[str]
    notices: tuple[str, ...]


def read_records(url: str) -> Records:
    """Read a store with plain SQL."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:

        def asked(query: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.execute(text(query))]

        steps = asked("SELECT run, key, state, intended, detail FROM run_step ORDER BY run, number")
        runs = asked("SELECT id, digest, state, told FROM run ORDER BY id")
        planned = asked("SELECT digest FROM plan UNION SELECT digest FROM plan_remedy")
        approved = asked("SELECT digest FROM plan_approval")
        notices = asked("SELECT title FROM outbox ORDER BY title")
    rows = tuple(
        RunRow(
            int(str(number)),
            str(digest),
            str(state),
            str(told),
            tuple(
                StepRow(str(key), str(at), bool(intended), str(why))
                for of, key, at, intended, why in steps
                if of == number
            ),
        )
        for number, digest, state, told in runs
    )
    engine.dispose()
    return Records(
        rows, frozenset(str(one) for (one,) in planned), frozenset(str(one) for (one,) in approved),
        tuple(str(one) for (one,) in notices),
    )  # fmt: skip


def forget_runs(url: str) -> None:
    """Take out whatever applying wrote; the night and its plan stay."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for table in ("run_check", "run_step", "run", "plan_approval", "outbox"):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()
