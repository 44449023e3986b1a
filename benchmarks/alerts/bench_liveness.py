"""What thousands of selectors still see, asked of a real Prometheus: requests, time, and what was found.

    python -m benchmarks.alerts.bench_liveness [--full] [--selectors 1000] [--dead 0.1]

The peer is the plain way to learn only whether anything matches now: one ``count(…)`` a selector over two connections.
It learns nothing of when, why and what instead. A share of the selectors is dead, of different deaths; the run fails if
one is missed or a living one is called dead.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import requests

from driftbot.collectors.alert_rule import ALERT
from driftbot.collectors.collector import Context
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection, connect
from driftbot.collectors.prometheus_liveness import DEAD_KEYS, ask
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, FactNeed
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject
from driftbot.tape.live import LiveTape
from tests.servers.prometheus import start_prometheus
from tests.servers.remote_write import Samples, sample

AS_OF = datetime(2026, 11, 1, 3, 17, tzinfo=UTC)
NOW, HOUR, DAY = AS_OF.timestamp(), 3600.0, 86400.0
DAYS = 20
SERIES = 4
"""Series of each metric."""
KINDS = ("metric", "value")


def main() -> int:
    """Fill, ask, compare with what was written; one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="5,000 selectors")
    parser.add_argument("--selectors", type=int, default=1_000)
    parser.add_argument("--dead", type=float, default=0.1, help="share of dead selectors")
    parser.add_argument("--deaths", type=int, default=10, help="different times at which they died")
    arguments = parser.parse_args()
    size = 5_000 if arguments.full else arguments.selectors
    estate = Estate(size, round(size * arguments.dead), arguments.deaths)
    server = start_prometheus()
    try:
        written = server.write(estate.series())
        result = measured(server.url, estate)
    finally:
        server.stop()
    print(json.dumps({"selectors": size, "dead": len(estate.dead), "samples_written": written, **result}, indent=2))
    return 0 if not result["missed"] and not result["wrong"] and not result["gaps"] else 1


class Estate:
    """Alerts of one selector each; the first ones have died, every other one by its metric, else by a label value."""

    def __init__(self, size: int, dead: int, deaths: int) -> None:
        self.size, self.deaths = size, deaths
        self.dead = {f"Alert{number}" for number in range(dead)}

    def expression(self, number: int) -> str:
        """The expression of an alert."""
        return f'rate(shop_{number}_done{{job="shop",queue="first"}}[5m]) > 1'

    def series(self) -> Iterator[Samples]:
        """Every metric hourly for twenty days, and each minute of the last hour, for the server's look-back."""
        for number in range(self.size):
            kind = KINDS[number % 2] if f"Alert{number}" in self.dead else ""
            death = NOW - (2 + number % self.deaths * (DAYS - 4) / self.deaths) * DAY
            for pod in range(SERIES):
                labels = {"job": "shop", "queue": "first", "pod": f"pod-{pod}"}
                name = f"shop_{number}_done"
                yield _samples(name, 0.0, death if kind else NOW, labels)
                if kind == "metric":
                    yield _samples(f"{name}_total", death, NOW, labels)
                elif kind == "value":
                    yield _samples(name, death, NOW, {**labels, "queue": "second"})

    def about(self) -> Iterator[Fact]:
        """What an inventory says of the alerts."""
        for number in range(self.size):
            subject = Subject(ALERT, "production", f"Alert{number}")
            yield Fact(subject, "expression", self.expression(number), View.EFFECTIVE, origin=Origin("bench"))


def _samples(name: str, begin: float, end: float, labels: dict[str, str]) -> Samples:
    hours = np.arange(np.floor(NOW / HOUR) * HOUR - DAYS * DAY, NOW, HOUR)
    times = np.unique(np.concatenate([hours, np.arange(NOW - HOUR, NOW + 1, 60.0)]))
    times = times[(times >= begin) & (times <= end)]
    return sample(name, times, np.arange(len(times)), **labels)


def measured(url: str, estate: Estate) -> dict[str, Any]:
    """Our way, then the plain one."""
    options = PrometheusOptions.model_validate({"url": url, "budget": {"samples": 10**12, "query_time": 10**6}})
    context = Context("bench", "production", AS_OF, LiveTape(Path()))
    connection = connect(context.tape.session(context.source), options)
    demand = Demand.of(facts=[FactNeed(ALERT, key.name) for key in DEAD_KEYS], about=tuple(estate.about()))
    asked = _noted(connection)
    spending, began, cpu = Spending(options.budget), time.perf_counter(), time.process_time()
    reading = ask(connection, options, context, demand, spending)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    requests_of_ours = len(asked)
    plain_wall = _plain(url, estate)
    return {
        "requests": requests_of_ours,
        "requests_of_the_plain_way": estate.size,
        "wall": round(wall, 2),
        "cpu": round(cpu, 2),
        "plain_wall": round(plain_wall, 2),
        "wall_to_the_plain_way": round(wall / plain_wall, 2),
        "samples_read_by_the_server": spending.samples,
        **_judged(reading, estate),
    }


def _judged(reading: Reading, estate: Estate) -> dict[str, Any]:
    said = {
        key: {f.subject.name: f.value for f in reading.facts if f.key == key} for key in (k.name for k in DEAD_KEYS)
    }
    dead = {name for name, selectors in said["dead.selectors"].items() if selectors}
    return {
        "missed": len(estate.dead - dead),
        "wrong": len(dead - estate.dead),
        "renamings_found": sum(bool(found) for found in said["dead.renamed"].values()),
        "gaps": sum(len(entry.gaps) for entry in reading.coverage),
    }


def _noted(connection: Connection) -> list[str]:
    """Every request from now on."""
    asked: list[str] = []
    connection.session.hooks["response"].append(lambda response, **_: asked.append(response.url or ""))
    return asked


def _plain(url: str, estate: Estate) -> float:
    began = time.perf_counter()
    with requests.Session() as session, ThreadPoolExecutor(CONNECTIONS) as workers:
        session.trust_env = False

        def count(number: int) -> int:
            query = f'count(shop_{number}_done{{job="shop",queue="first"}})'
            answer = session.get(f"{url}/api/v1/query", params={"query": query, "time": str(NOW)}, timeout=60)
            return len(answer.json()["data"]["result"])

        assert sum(workers.map(count, range(estate.size))) == estate.size - len(estate.dead)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
