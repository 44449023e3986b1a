"""Measuring a demand against a plain HTTP client, on one real Prometheus: wall time, ratio, peak memory.

The plain client (requests, ``json``) asks for the very same answers, as the collector's own requests were noted by a
recording of their URLs. Both run in processes of their own, so that each has its own peak of memory.

    python -m benchmarks.scan.bench_measure [--full] [--series 400] [--days 30] [--step 300]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import numpy as np
import requests

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_errand import definition
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.core.fact import Fact
from driftbot.core.span import Span
from driftbot.tape.live import LiveTape
from tests.servers.prometheus import PrometheusServer, start_prometheus
from tests.servers.remote_write import sample

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
FULL = {"series": 2000, "rounds": 3}
SIGNAL = {
    "name": "bench/queue",
    "kind": "service",
    "key": "queue.length",
    "unit": "count",
    "meaning": "Orders that wait to be handled.",
    "query": "orders_waiting",
    "subject": "{service}",
}


class Ledger:
    """What a store would say: nothing the first night, the first night's span the second."""

    def __init__(self, span: Span | None) -> None:
        self.span = span

    def held(self, environment: str, kind: str, key: str, source: str) -> Span | None:
        """The same for every key."""
        del environment, kind, key, source
        return self.span

    def stated(self, environment: str, kind: str, keys: Collection[str]) -> tuple[Fact, ...]:
        """No facts: only series are asked for."""
        del environment, kind, keys
        return ()


def fill(server: PrometheusServer, series: int, days: float, step: float) -> int:
    """Write all samples, series by series; returns their number."""
    times = np.arange(AS_OF.timestamp() - days * 86400, AS_OF.timestamp() + 1, step)
    random = np.random.default_rng(1)
    return server.write(
        sample("orders_waiting", times, random.random(len(times)), service=f"service-{number}")
        for number in range(series)
    )


def collector(url: str, days: float, step: float, until: float | None) -> dict[str, Any]:
    """The collector's own way."""
    options = PrometheusOptions.model_validate(
        {"url": url, "signals": [SIGNAL], "budget": {"samples": 10**12, "query_time": 10**6}}
    )
    need = SeriesNeed("service", "queue.length", days * 86400, step)
    context = Context("bench", "production", AS_OF, LiveTape(Path()))
    signals = tuple(entry.signal() for entry in options.signals)
    held = None if until is None else Span(until - days * 86400, until, step, definition(signals))
    reading = prometheus.measure(options, context, Demand.of([need]), Ledger(held))
    assert not [gap for entry in reading.coverage for gap in entry.gaps]
    return {"series": len(reading.series), "samples": sum(len(one.times) for one in reading.series)}


def urls_of(url: str, days: float, step: float) -> list[str]:
    """The URLs that the collector asks for."""
    asked: list[str] = []
    send = requests.Session.send

    def noted(session: requests.Session, request: requests.PreparedRequest, **named: Any) -> requests.Response:
        asked.append(request.url or "")
        return send(session, request, **named)

    requests.Session.send = noted  # type: ignore[method-assign]
    try:
        collector(url, days, step, None)
    finally:
        requests.Session.send = send  # type: ignore[method-assign]
    return asked


def plain(urls: list[str]) -> dict[str, Any]:
    """A plain client: fetch and decode, keep the last answer only."""
    samples = 0
    with requests.Session() as session:
        session.trust_env = False
        for url in urls:
            result = session.get(url, timeout=120).json()["data"]["result"]
            samples += sum(len(one["values"]) for one in result)
    return {"samples": samples}


def apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run in a fresh process; adds wall seconds, CPU seconds and the peak of resident memory in MB."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_report, args=(there, work, arguments))
    process.start()
    result: dict[str, Any] = here.recv()
    process.join()
    return result


def _report(pipe: Pipe, work: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> None:
    began = time.perf_counter()
    result = work(*arguments)
    result["wall"] = round(time.perf_counter() - began, 2)
    result["cpu"] = round(time.process_time(), 2)
    result["peak_mb"] = _peak()
    pipe.send(result)


def _peak() -> int:
    """The peak of resident memory in MB; ``ru_maxrss`` would count what the parent held before it started us."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def main() -> int:
    """Fill a Prometheus, measure both ways three times in turn, print one JSON object; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="2,000 series, three rounds")
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--step", type=float, default=300.0)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.full:
        parser.set_defaults(**FULL)
        arguments = parser.parse_args()
    server = start_prometheus(arguments=["--query.max-samples=200000000"])
    try:
        began = time.perf_counter()
        written = fill(server, arguments.series, arguments.days, arguments.step)
        print(f"{written:,} samples written in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        urls = urls_of(server.url, arguments.days, arguments.step)
        rounds = [
            (
                apart(collector, server.url, arguments.days, arguments.step, None),
                apart(plain, urls),
            )
            for _ in range(arguments.rounds)
        ]
        second = apart(collector, server.url, arguments.days, arguments.step, AS_OF.timestamp() - 86400)
    finally:
        server.stop()
    ours, theirs = min((one for one, _ in rounds), key=_wall), min((one for _, one in rounds), key=_wall)
    ratio, night = ours["wall"] / theirs["wall"], second["wall"] / ours["wall"]
    print(
        json.dumps(
            {
                "written_samples": written,
                "requests": len(urls),
                "collector": ours,
                "plain_client": theirs,
                "ratio": round(ratio, 2),
                "second_night": second,
                "second_night_share": round(night, 3),
                "all_rounds": [[one["wall"], other["wall"]] for one, other in rounds],
            },
            indent=2,
        )
    )
    return 0 if ratio <= 1.3 and night <= 0.1 and ours["peak_mb"] <= 400 else 1


def _wall(result: dict[str, Any]) -> float:
    return float(result["wall"])


if __name__ == "__main__":
    sys.exit(main())
