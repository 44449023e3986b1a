"""A whole scan against a plain HTTP client on one real Prometheus: wall time, CPU, peak memory, and the second night.

``driftbot scan`` runs as a process. The plain client (requests, ``json``), a process as well, fetches and decodes the
very same answers over the same two connections; which they are was noted during a scan that is not measured.

    python -m benchmarks.scan.bench_scan [--full] [--rules 1000] [--series 400] [--days 30] [--step 300] [--rounds 2]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.scan.estate import AS_OF, CONFIG, measured_series, rule_files, write_config, write_rules
from tests.servers.prometheus import start_prometheus

FULL = {"rules": 5000, "series": 2000, "rounds": 1}
MOST_RATIO, MOST_SHARE, MOST_MB = 1.3, 0.1, 400

LAUNCHER = """\
import atexit, json, os, pathlib, sys, time
def told():
    status = pathlib.Path("/proc/self/status").read_text()
    pathlib.Path(os.environ["BENCH_TOLD"]).write_text(status.partition("VmHWM:")[2].split()[0])
atexit.register(told)
if "BENCH_URLS" in os.environ:
    import requests
    send, asked = requests.Session.send, []
    def noted(session, request, **named):
        asked.append(request.url)
        return send(session, request, **named)
    requests.Session.send = noted
    atexit.register(lambda: pathlib.Path(os.environ["BENCH_URLS"]).write_text(json.dumps(asked)))
"""
"""Tells the peak of resident memory: ``ru_maxrss`` of a child would count what its parent held before it."""

SCAN = LAUNCHER + "from driftbot.cli.main import main\nsys.argv[0] = 'driftbot'\nmain()\n"

PLAIN = (
    LAUNCHER
    + """\
import requests
from concurrent.futures import ThreadPoolExecutor
session = requests.Session()
session.trust_env = False
def fetched(url):
    answer = session.get(url, timeout=300)
    return len(answer.content), answer.json() is not None
with ThreadPoolExecutor(2) as workers:
    sizes = [size for size, _ in workers.map(fetched, json.loads(pathlib.Path(sys.argv[1]).read_text()))]
print(sum(sizes))
"""
)


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: wall and CPU seconds, the peak of resident memory in MB, its last line and exit code."""

    wall: float
    cpu: float
    peak_mb: int
    code: int
    said: str


def run(program: str, arguments: Sequence[str], folder: Path, **environment: str) -> Run:
    """Run a program of Python text to its end."""
    told = folder / "told"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "BENCH_TOLD": str(told), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    cpu = usage.ru_utime + usage.ru_stime
    peak = round(int(told.read_text()) / 1024)
    return Run(round(wall, 2), round(cpu, 2), peak, process.returncode, lines[-1] if lines else "")


def scan(config: Path, day: int, **environment: str) -> Run:
    """One night; it must be a night that judged, whatever it found."""
    as_of = (AS_OF + timedelta(days=day)).isoformat()
    found = run(SCAN, ["scan", "--config", str(config), "--as-of", as_of], config.parent, **environment)
    assert found.code in {0, 2}, found
    return found


def main() -> int:
    """Fill a Prometheus, scan and fetch in turn, print one JSON object; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="5,000 rules and 2,000 series")
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--step", type=float, default=300.0)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.full:
        parser.set_defaults(**FULL)
        arguments = parser.parse_args()
    server = start_prometheus(
        rules=rule_files(arguments.rules), config=CONFIG, arguments=["--query.max-samples=200000000"]
    )
    try:
        return report(
            arguments, server.url, server.write(measured_series(arguments.series, arguments.days, arguments.step))
        )
    finally:
        server.stop()


def report(arguments: argparse.Namespace, url: str, written: int) -> int:
    """Measure against a filled server and print; the exit code."""
    with tempfile.TemporaryDirectory(prefix="bench-scan-") as name:
        folder = Path(name)
        write_rules(folder)
        urls = folder / "urls.json"
        scan(write_config(folder, "noted", url, arguments.step), 0, BENCH_URLS=str(urls))
        asked = len(json.loads(urls.read_text()))
        rounds = []
        for number in range(arguments.rounds):
            config = write_config(folder, f"round-{number}", url, arguments.step)
            first, second = (scan(config, day) for day in (0, 1))
            rounds.append((first, second, run(PLAIN, [str(urls)], folder)))
        size = round((folder / "round-0.db").stat().st_size / 2**20)
    first, second, plain = min(rounds, key=lambda one: one[0].wall / one[2].wall)
    ratio, share = first.wall / plain.wall, second.wall / first.wall
    print(
        json.dumps(
            {
                "alert_rules": arguments.rules,
                "series": arguments.series,
                "written_samples": written,
                "requests": asked,
                "answers_mb": round(int(plain.said) / 2**20),
                "store_mb": size,
                "first_night": asdict(first),
                "plain_client": asdict(plain),
                "second_night": asdict(second),
                "ratio_wall": round(ratio, 2),
                "ratio_cpu": round(first.cpu / plain.cpu, 2),
                "second_night_share_wall": round(share, 3),
                "second_night_share_cpu": round(second.cpu / first.cpu, 3),
                "all_rounds_wall_cpu": [[(one.wall, one.cpu) for one in three] for three in rounds],
            },
            indent=2,
        )
    )
    return 0 if ratio <= MOST_RATIO and share <= MOST_SHARE and max(first.peak_mb, second.peak_mb) <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
