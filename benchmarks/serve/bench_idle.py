"""What `driftbot serve` holds in memory between nights, beside a Python that only imports what it listens with.

    python -m benchmarks.serve.bench_idle [--findings 10000] [--scrapes 20]

The store holds two nights with so many findings, Slack's socket is connected (to the sandbox), a night has run as a
child, and the metrics were read. The peer is a Python that imports aiohttp, APScheduler, slack_bolt, SQLAlchemy and
prometheus_client and does nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from benchmarks.notices.bench_digest import written
from driftbot.sandbox.sandbox import Sandbox
from driftbot.store.store import Store
from tests.servers.process import free_port

TARGET = 150.0
"""MB."""
PATIENCE = 180.0
PEER = (
    "import aiohttp.web, apscheduler.schedulers.asyncio, prometheus_client, sqlalchemy\n"
    "import slack_bolt.adapter.socket_mode\n"
    "print('up', flush=True)\nimport time; time.sleep(600)"
)


def resident(pid: int) -> float:
    """Resident memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def until(true: Callable[[], bool]) -> None:
    """Wait."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            sys.exit("it took too long")
        time.sleep(0.1)


def configured(folder: Path, slack: Sandbox, port: int) -> None:
    """A workspace that is heard by Socket Mode, and the shipped rules."""
    (folder / "driftbot.yaml").write_text(
        f"serve: {{listen: '127.0.0.1:{port}', cron: '0 0 29 2 *'}}\n"
        f"slack: {{url: '{slack.api_url}', token: {{env: BENCH_TOKEN}}, app_token: {{env: BENCH_APP_TOKEN}}}}\n"
    )


def measured(findings: int, scrapes: int) -> tuple[float, float, float]:
    """MB after the start, after a night and all readings, and how many seconds one reading took."""
    with tempfile.TemporaryDirectory() as name, Sandbox() as slack:
        folder, port = Path(name), free_port()
        configured(folder, slack, port)
        with Store.open(f"sqlite:///{folder / 'driftbot.db'}") as store:
            written(store, findings)
        environment = os.environ | {"BENCH_TOKEN": slack.token, "BENCH_APP_TOKEN": slack.app_token}
        log = (folder / "serve.log").open("wb")
        command = (sys.executable, "-m", "driftbot", "serve")
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        said = Path(log.name)
        try:
            until(lambda: "Slack is heard" in ready(port))
            until(lambda: slack.connections == 1)
            begun = resident(process.pid)
            requests.post(f"http://127.0.0.1:{port}/scan", headers={"X-Driftbot": "1"}, timeout=30).raise_for_status()
            until(lambda: "night.ended" in said.read_text())
            seconds = []
            for _ in range(scrapes):
                before = time.perf_counter()
                requests.get(f"http://127.0.0.1:{port}/metrics", timeout=60).raise_for_status()
                seconds.append(time.perf_counter() - before)
                time.sleep(0.1)
            return begun, resident(process.pid), max(seconds)
        finally:
            process.terminate()
            process.wait()
            log.close()


def ready(port: int) -> str:
    """What readiness says; nothing while nobody answers."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=30).text
    except requests.RequestException:
        return ""


def peer() -> float:
    """MB of the peer."""
    process = subprocess.Popen([sys.executable, "-c", PEER], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        return resident(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main() -> int:
    """Print the table; 1 where it is over the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--scrapes", type=int, default=20)
    arguments = parser.parse_args()
    bare = peer()
    begun, idle, scrape = measured(arguments.findings, arguments.scrapes)
    print(f"{arguments.findings:,} findings, {arguments.scrapes} readings of the metrics, one night as a child")
    for told, megabytes in (("imports alone", bare), ("after the start", begun), ("after a night", idle)):
        print(f"{told:16} {megabytes:6.0f} MB  {megabytes / bare:5.2f} × imports alone")
    print(f"slowest reading of the metrics {scrape * 1000:.0f} ms; target {TARGET:.0f} MB")
    return int(idle > TARGET)


if __name__ == "__main__":
    sys.exit(main())
