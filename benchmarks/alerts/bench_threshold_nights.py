"""How many nights a large estate takes until every threshold is judged, within a source's default load budget.

What a condition costs is what a real Prometheus said (samples read, seconds of evaluation) of the very queries that are
asked, at each step, for gauges and rates of so many series. The nights are then played by the collector's own code with
those prices; only the samples are made here. ``--full`` takes 5,000 conditions.

    python -m benchmarks.alerts.bench_threshold_nights [--full] [--series 10]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from driftbot.collectors.collector import Context
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_condition import Asking
from driftbot.collectors.prometheus_condition_memory import remembered
from driftbot.collectors.prometheus_condition_plan import Question
from driftbot.collectors.prometheus_condition_samples import NotAsked, SampleFetcher
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection, connect
from driftbot.collectors.prometheus_grid import Grid
from driftbot.collectors.prometheus_options import LoadBudget, PrometheusOptions
from driftbot.core.fact import Fact
from driftbot.core.series import FloatArray
from driftbot.core.subject import Subject
from driftbot.detectors.fit.threshold import Threshold
from driftbot.promql.condition import Comparison
from driftbot.tape.live import LiveTape
from tests.servers.prometheus import start_prometheus
from tests.servers.remote_write import sample

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
DAY, MONTH = 86400.0, 30 * 86400.0
SCRAPED, EVALUATED = 60.0, 60.0
SMALL, FULL = 500, 5_000
SIDES = ("busy_ratio", "rate(busy_ratio[5m])", "sum(rate(busy_ratio[5m]))", "avg_over_time(busy_ratio[1h])")
STEPS = (MONTH / 24, MONTH / 720, SCRAPED)
MOST = 1_000
ROUNDS = 3
"""A query is asked so often; the quickest counts, as the machine does other things as well."""

CROSSED = 10
"""Every how many-th condition was crossed, so that it is looked at closely."""


@dataclass(frozen=True)
class Price:
    """What a point of time of a query costs."""

    samples: float
    seconds: float


def prices(series: int) -> Mapping[tuple[str, float], Price]:
    """What a real Prometheus says the queries cost, by measured side and step."""
    now = AS_OF.timestamp()
    times = np.arange(now - MONTH - 7200.0, now + 1.0, SCRAPED)
    rows = [sample("busy_ratio", times, np.cumsum(times % 7) + number, pod=f"p{number}") for number in range(series)]
    server = start_prometheus(series=rows)
    try:
        options = PrometheusOptions(url=server.url)
        connection = connect(LiveTape(Path()).session("prometheus"), options)
        found = {}
        for side in SIDES:
            for step in STEPS:
                grid = Grid.covering(now - MONTH, now, step)
                query = f"count({side})" if step == STEPS[0] else side
                asked = [_spent(connection, query, grid) for _ in range(ROUNDS)]
                found[side, step] = Price(asked[0].samples / grid.size, min(one.seconds for one in asked) / grid.size)
    finally:
        server.stop()
    return found


def _spent(connection: Connection, query: str, grid: Grid) -> Spending:
    spending = Spending(LoadBudget())
    with ThreadPoolExecutor(CONNECTIONS) as workers:
        SampleFetcher(connection, workers, spending).samples(query, grid, MOST)
    return spending


@dataclass
class PricedFetcher:
    """Samples that cost what they did; one condition in ``CROSSED`` was crossed for two hours."""

    price: Mapping[tuple[str, float], Price]
    series: int
    spending: Spending
    connection: Any = field(default_factory=lambda: type("Connection", (), {"url": "http://prometheus"}))

    def samples(self, query: str, grid: Grid, most: int) -> FloatArray:
        """One series that stands for all; refused when the budget is spent."""
        del most
        if self.spending.exhausted:
            raise NotAsked(str(self.spending))
        side, _, name = query.removeprefix("count(").rpartition(" or ")
        step = min(STEPS, key=lambda known: abs(known - grid.step))
        cost = self.price[side, step]
        self.spending.samples += int(cost.samples * grid.size)
        self.spending.seconds += cost.seconds * grid.size
        if query.startswith("count("):
            return np.full((1, grid.size), float(self.series))
        times = grid.start + grid.step * np.arange(grid.size)
        values = 0.3 + 0.05 * np.sin(times / 7200.0)
        if int(name.strip("x)")) % CROSSED == 0:
            values[np.abs(times - AS_OF.timestamp() + 20 * DAY) < 3600.0] = 0.95
        return np.broadcast_to(values, (self.series, grid.size)) if grid.size < 1000 else values[None, :]


def questions(many: int) -> Iterator[Question]:
    """Conditions about the sides in turn, each with a number of its own."""
    for number in range(many):
        subject = Subject("condition", "production", f"g/A{number:05d}/1")
        threshold = Threshold(Comparison.ABOVE, 0.9, hold=300.0)
        yield Question(subject, f"{SIDES[number % len(SIDES)]} or x{number}", threshold, EVALUATED, MONTH)


def nights(many: int, series: int, price: Mapping[tuple[str, float], Price]) -> None:
    """Play nights until all are judged, and five more; print each."""
    asked = tuple(questions(many))
    facts: tuple[Fact, ...] = ()
    after = 0
    for night in range(60):
        now = AS_OF + timedelta(days=night)
        spending = Spending(LoadBudget())
        context = Context("prometheus", "production", now, LiveTape(Path()))
        memory = remembered(facts, asked, "prometheus", now)
        asking = Asking(PricedFetcher(price, series, spending), context, memory)  # type: ignore[arg-type]
        began = time.process_time()
        facts = tuple(asking.all(asked))
        judged = sum(fact.key == "fit.verdict" for fact in facts)
        fresh = sum(fact.key == "fit.measured_at" and fact.value == now for fact in facts)
        blind = " blind" if list(asking.gaps(many)) else ""
        print(
            f"  night {night + 1}: {fresh:,} measured, {judged:,} of {many:,} judged{blind};"
            f" {spending.samples / 1e6:.0f} million samples, {spending.seconds:.0f} s of the server,"
            f" {time.process_time() - began:.1f} s of ours"
        )
        after += not blind
        if after == 5:
            return


def main() -> None:
    """Prices from a real server, then the nights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--series", type=int, default=10)
    given = parser.parse_args()
    price = prices(given.series)
    for (side, step), cost in price.items():
        print(f"  {side} every {step:.0f} s: {cost.samples:.0f} samples and {cost.seconds * 1e6:.0f} µs a point")
    many = FULL if given.full else SMALL
    print(f"{many:,} conditions of {given.series} series, one in {CROSSED} crossed, default budget")
    nights(many, given.series, price)


if __name__ == "__main__":
    main()
