"""Sizes and times of the store, as ratios to a plain sqlite3 insert of the same rows in the same run.

``python -m benchmarks.store.bench_store`` is a small run; with ``--full`` it is the whole one (365 nights of 100,000
facts, 2,000 series; about a quarter of an hour). The plain peer writes every fact of every night into one table with an
index on the subject; it is measured on a few nights and taken times the nights. It answers the same question (one
subject as of a night).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.series import Series
from driftbot.core.subject import Subject
from driftbot.store.store import Store

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = tuple(f"setting.number{number}" for number in range(10))
COVERAGE = (Coverage("git", "production", "workload"),)
PLAIN_NIGHTS = 3
FULL = {"nights": 365, "facts": 100_000, "series": 2000}
MEBIBYTE = 2**20
Figures = dict[str, float]


@dataclass(slots=True)
class Watch:
    """Seconds by the clock and of this process' CPU; ratios use the latter, which a busy machine does not stretch."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def running(self) -> Iterator[Watch]:
        """Count the time of the block."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield self
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu


def stated(subject: Subject, key: int, value: float) -> Fact:
    """One setting in one file."""
    origin = Origin("git", f"deploy/{subject.name}.yaml", 3 * key + 4, 7, 90 * key, 90 * key + 5)
    return Fact(subject, KEYS[key], Quantity(value, Unit.SECONDS), origin=origin)


def estate(count: int) -> list[Fact]:
    """So many facts about a tenth as many subjects; values repeat as settings do."""
    subjects = [
        Subject("workload", "production", f"team-{n % 97}/service-{n}", (("team", f"team-{n % 97}"),))
        for n in range(count // len(KEYS))
    ]
    return [stated(s, key, float((n * 7 + key) % 600)) for n, s in enumerate(subjects) for key in range(len(KEYS))]


def drifted(facts: list[Fact], share: float, night: int, rng: random.Random) -> None:
    """Change a share of the facts in place, each to a value it never had."""
    for place in rng.sample(range(len(facts)), round(share * len(facts))):
        fact = facts[place]
        facts[place] = stated(fact.subject, place % len(KEYS), 1000.0 + night + place / 1e6)


def write_night(store: Store, night: int, facts: list[Fact]) -> Watch:
    """What one night takes."""
    at = START + timedelta(days=night)
    with (
        Watch().running() as watch,
        store.lease("benchmark", at, timedelta(hours=1)) as lease,
        store.begin_night(lease, at) as opened,
    ):
        opened.add_facts(facts, COVERAGE)
    return watch


def plain_rows(facts: list[Fact], night: int) -> Iterator[tuple[object, ...]]:
    """The same facts as plain rows."""
    for fact in facts:
        subject, origin = fact.subject, fact.origin
        yield (
            *(night, subject.kind, subject.environment, subject.name, json.dumps(subject.labels)),
            *(fact.key, fact.value.value, fact.value.unit, fact.view, fact.provenance),  # type: ignore[union-attr]
            *(origin.source, origin.locator, origin.line, origin.column, origin.start, origin.end, origin.query),
        )


def plain(folder: Path, facts: list[Fact]) -> tuple[float, float]:
    """Seconds of CPU and bytes a night of the plain peer."""
    path = folder / "plain.db"
    connection = sqlite3.connect(path)
    columns = (
        "night, kind, environment, name, labels, key, value, unit, view, provenance, source, locator, a, b, c, d, q"
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE fact ({columns})")
    connection.execute("CREATE INDEX subject ON fact (name, night)")
    watch = Watch()
    for night in range(PLAIN_NIGHTS):
        with watch.running(), connection:
            connection.executemany(f"INSERT INTO fact VALUES ({','.join('?' * 17)})", plain_rows(facts, night))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return watch.cpu / PLAIN_NIGHTS, path.stat().st_size / PLAIN_NIGHTS


def asked(store: Store, facts: list[Fact], nights: int, rng: random.Random) -> list[Watch]:
    """The time of each question for one subject as of one night."""
    spent = []
    for _ in range(200):
        subject, night = rng.choice(facts).subject, rng.randrange(nights)
        with Watch().running() as watch:
            found = store.facts(START + timedelta(days=night), subject=subject)
        spent.append(watch)
        assert len(found) == len(KEYS)
    return spent


def year(nights: int, count: int, share: float) -> Figures:
    """Night after night of facts of which a share changes."""
    rng = random.Random(1)
    facts = estate(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain_seconds, plain_bytes = plain(folder, facts)
        with Store.open(f"sqlite:///{folder / 'driftbot.db'}") as store:
            spent = []
            for night in range(nights):
                if night:
                    drifted(facts, share, night, rng)
                spent.append(write_night(store, night, facts))
            answers = asked(store, facts, nights, rng)
            with Watch().running() as whole:
                everything = store.facts(START + timedelta(days=nights // 2))
            assert len(everything) == count
        size = (folder / "driftbot.db").stat().st_size
    later = spent[1:] or spent
    return {
        "first night s": spent[0].wall,
        "first night s of CPU": spent[0].cpu,
        "later night s (median)": statistics.median(watch.wall for watch in later),
        "later night s of CPU (median)": statistics.median(watch.cpu for watch in later),
        "later night s of CPU (last)": later[-1].cpu,
        "all nights s": sum(watch.wall for watch in spent),
        "plain night s of CPU": plain_seconds,
        "time ratio (CPU)": statistics.median(watch.cpu for watch in later) / plain_seconds,
        "size MiB": size / MEBIBYTE,
        "plain size MiB": plain_bytes * nights / MEBIBYTE,
        "size ratio": size / (plain_bytes * nights),
        "one subject as of a night ms (median)": 1000 * statistics.median(watch.wall for watch in answers),
        "one subject as of a night ms of CPU (worst)": 1000 * max(watch.cpu for watch in answers),
        "everything as of a night s of CPU": whole.cpu,
    }


def measured(count: int, points: int, first: int, rng: np.random.Generator) -> Iterator[Series]:
    """Series as exporters make them: latencies, rounded ratios, memory in pages, replicas; a fourth each."""
    times = 1.7e9 + 300.0 * np.arange(first, first + points)
    makers: tuple[Callable[[], np.ndarray], ...] = (
        lambda: rng.lognormal(-2, 0.3, points),
        lambda: np.round(rng.uniform(0.3, 0.9, points), 3),
        lambda: 1e9 + 4096.0 * np.cumsum(rng.integers(-50, 51, points)),
        lambda: np.repeat(rng.integers(1, 9, points // 100 + 1), 100)[:points].astype(float),
    )
    for number in range(count):
        subject = Subject("workload", "production", f"service-{number}")
        yield Series(subject, "duration", times, makers[number % 4](), Origin("prometheus", query="q"))


def series(count: int, points: int) -> Figures:
    """Many series written at once, a day added, and all read back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with Store.open(f"sqlite:///{folder / 'driftbot.db'}") as store:
            written = write_series(store, 0, measured(count, points, 0, np.random.default_rng(1)))
            added = write_series(store, 1, measured(count, 300, points - 12, np.random.default_rng(2)))
            with Watch().running() as read:
                samples = sum(len(one.times) for one in store.series("workload", "duration", "production"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert samples == count * (points + 288)
        size = (folder / "driftbot.db").stat().st_size
        plain_seconds, plain_bytes = plain_series(folder, count // 10, points)
    return {
        "written s": written.wall,
        "written s of CPU": written.cpu,
        "a day added s of CPU": added.cpu,
        "read s": read.wall,
        "read s of CPU": read.cpu,
        "plain written s of CPU": plain_seconds * 10,
        "time ratio (CPU)": written.cpu / (plain_seconds * 10),
        "size MiB": size / MEBIBYTE,
        "bytes a sample": size / samples,
        "plain size MiB": plain_bytes * 10 / MEBIBYTE,
        "size ratio": size / (plain_bytes * 10),
        "memory before MiB": before,
        "memory at most MiB": peak,
    }


def write_series(store: Store, night: int, batch: Iterator[Series]) -> Watch:
    """What a night of series takes, making them included."""
    at = START + timedelta(days=night)
    with (
        Watch().running() as watch,
        store.lease("benchmark", at, timedelta(hours=1)) as lease,
        store.begin_night(lease, at) as opened,
    ):
        opened.add_series(batch)
    return watch


def plain_series(folder: Path, count: int, points: int) -> tuple[float, float]:
    """Seconds of CPU and bytes of a row a sample, keyed by series and time."""
    path = folder / "plain.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE sample (series INTEGER, time REAL, value REAL, PRIMARY KEY (series, time)) WITHOUT ROWID"
    )
    with Watch().running() as watch, connection:
        for number, one in enumerate(measured(count, points, 0, np.random.default_rng(1))):
            rows = zip([number] * points, one.times.tolist(), one.values.tolist(), strict=True)
            connection.executemany("INSERT INTO sample VALUES (?, ?, ?)", rows)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return watch.cpu, path.stat().st_size


def report(title: str, figures: Figures) -> None:
    """Print one scenario."""
    print(title)
    for name, figure in figures.items():
        print(f"  {name:<46} {figure:>12.4g}")
    print(flush=True)


def main() -> None:
    """Run the scenarios, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the whole run")
    parser.add_argument("--nights", type=int, default=20)
    parser.add_argument("--facts", type=int, default=30_000)
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--points", type=int, default=8640)
    parser.add_argument("--only", choices=["0.1%", "5%", "100%", "series"])
    asked_for = parser.parse_args()
    if asked_for.full:
        parser.set_defaults(**FULL)
        asked_for = parser.parse_args()
    nights, facts = asked_for.nights, asked_for.facts
    scenarios: dict[str, tuple[str, Callable[..., Figures], tuple[float, ...]]] = {
        "series": (
            f"{asked_for.series} series of {asked_for.points} samples",
            series,
            (asked_for.series, asked_for.points),
        ),
        "100%": (f"one night of {facts} facts in which everything changes", year, (2, facts, 1.0)),
        "0.1%": (f"{nights} nights of {facts} facts, 0.1 % changing", year, (nights, facts, 0.001)),
        "5%": (f"{nights} nights of {facts} facts, 5 % changing", year, (nights, facts, 0.05)),
    }
    for name, (title, scenario, arguments) in scenarios.items():
        if asked_for.only in (None, name):
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                report(title, pool.submit(scenario, *arguments).result())


if __name__ == "__main__":
    main()
