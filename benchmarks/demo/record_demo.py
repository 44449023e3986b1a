"""Makes the demo's recording: fills a real Prometheus with ninety days of the shop and keeps a scan's raw answers.

    .venv/bin/python -m benchmarks.demo.record_demo

needs the program ``prometheus`` (Debian: ``apt-get install prometheus``). The same shop gives the same bundle: the
data are seeded, and what a server says about the moment (its clock, how long an evaluation took) is set to the
recording's time.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import yaml

from benchmarks.demo.measured import measured_shop
from driftbot.config import load_config
from driftbot.recording import record
from driftbot.report.render import Format, render
from driftbot.report.report import Report
from driftbot.store.store import Store
from tests.servers.process import binary, free_port, start
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import write

SHOP = Path(__file__).parent / "shop"
BUNDLE = Path(__file__).parent.parent.parent / "fixtures" / "demo"
AS_OF = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
HOST = "prometheus.shop.example"

CONFIG = """\
global: {scrape_interval: 1m, evaluation_interval: 30s}
rule_files: [rules/*]
storage: {tsdb: {out_of_order_time_window: 3650d}}
"""

NEVER_LOADED = ("for: 15m", "for: 30m")
"""The file was changed and the server was not told: the alert on the orders' backlog still waits half an hour."""


STEPS = (
    ("2026-02-27T10:12:00+0000", "Ada Ferrante", "Alerts of the shop, as agreed", "> 0.85", "85%"),
    ("2026-04-14T16:40:00+0000", "Ben Okafor", "Node memory: less noise at night", "> 0.87", "87%"),
    ("2026-07-02T08:05:00+0000", "Ben Okafor", "Node memory: quiet during the migration", "> 0.88", "88%"),
    ("2026-09-21T17:55:00+0000", "Mia Lindqvist", "Node memory: the new nodes run hotter", "> 0.90", "90%"),
)
"""What git knows of the alert on the nodes' memory: when, who, why, its threshold, and what its text says."""


def main() -> None:
    """Record, and say what came out."""
    shutil.rmtree(BUNDLE, ignore_errors=True)
    report = make(BUNDLE)
    sys.stdout.write(render(report, Format.TABLE, None))
    size = sum(path.stat().st_size for path in BUNDLE.rglob("*") if path.is_file())
    print(f"{BUNDLE}: {size:,} bytes")


def make(bundle: Path) -> Report:
    """Measure, scan and keep the shop in a folder that does not exist yet; what the scan found."""
    with (
        prometheus() as server,
        called(HOST, server.url),
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{folder}/record.db") as store,
    ):
        write(server.url, measured_shop(AS_OF))
        shop = committed(Path(folder) / "shop")
        report = record(load_config(shop / "driftbot.yaml"), store, bundle, AS_OF, lambda: AS_OF, _quietly)
    for answer in (bundle / "http").rglob("*.http"):
        answer.write_bytes(settled(answer.read_bytes()))
    return report


def committed(shop: Path) -> Path:
    """The shop as a repository that has seen the steps; equal steps give equal commits."""
    shutil.copytree(SHOP, shop)
    rules = shop / "alerts" / "shop.rules.yaml"
    today = rules.read_text()
    git(shop, "init", "--quiet", "--initial-branch=main")
    for at, author, subject, threshold, told in STEPS:
        rules.write_text(today.replace("> 0.90", threshold).replace("90% of its memory", f"{told} of its memory"))
        git(shop, "add", "--all")
        git(shop, "commit", "--quiet", f"--message={subject}", at=at, author=author)
    return shop


def git(folder: Path, *arguments: str, at: str = "", author: str = "") -> None:
    """Run git with nobody's settings, as an author at a time."""
    person = {"NAME": author, "EMAIL": f"{author.split(' ')[0].lower()}@shop.example", "DATE": at}
    named = {f"GIT_{role}_{word}": value for role in ("AUTHOR", "COMMITTER") for word, value in person.items()}
    settings = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, check=True, env={**settings, **(named if at else {})})


def _quietly(_message: str) -> None:
    """The recording says nothing on its way."""


@contextmanager
def prometheus() -> Iterator[PrometheusServer]:
    """A Prometheus that has loaded the shop's rules, all but the last change; its paths are relative to itself."""
    directory = Path(tempfile.mkdtemp(prefix="prometheus-"))
    (directory / "prometheus.yml").write_text(CONFIG)
    (directory / "rules").mkdir()
    for name, text in loaded_rules().items():
        (directory / "rules" / name).write_text(text)
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        binary("prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--web.enable-remote-write-receiver",
        "--log.level=warn",
    ]
    server = start(PrometheusServer, command, url, directory, "/-/ready")
    assert isinstance(server, PrometheusServer)
    try:
        server.wait_for_rules()
        yield server
    finally:
        server.stop()


def loaded_rules() -> Mapping[str, str]:
    """The rule files as the server knows them."""
    shop = (SHOP / "alerts" / "shop.rules.yaml").read_text().replace(*NEVER_LOADED)
    resource = yaml.safe_load((SHOP / "alerts" / "data.prometheusrule.yaml").read_text())
    return {"shop.rules.yaml": shop, "data.rules.yaml": yaml.safe_dump(resource["spec"], sort_keys=False)}


@contextmanager
def called(host: str, url: str) -> Iterator[None]:
    """The server under the name that the shop's configuration gives it."""
    resolve = socket.getaddrinfo
    address, port = url.removeprefix("http://").split(":")

    def resolved(wanted, at, *rest, **named):  # type: ignore[no-untyped-def]
        return resolve(*((address, int(port)) if wanted == host else (wanted, at)), *rest, **named)

    with mock.patch("socket.getaddrinfo", resolved):
        yield


_MOMENTS = (
    (rb'"(lastEvaluation|startTime|lastConfigTime|activeAt)":"[^"]*"', rb'"\1":"2026-11-16T02:59:58Z"'),
    (rb'"([a-zA-Z]+Time)":[0-9.e-]+', rb'"\1":0.0004'),
    (rb'"(goroutineCount|GOMAXPROCS|timeSeriesCount)":[0-9]+', rb'"\1":8'),
    (rb"(?m)^(X-Driftbot-Clock-Ahead): [^\r\n]*", rb"\1: 0"),
    (rb'"(CWD|hostname)":"[^"]*"', rb'"\1":"/prometheus"'),
    (rb"(?im)^Date: [^\r\n]*", b"Date: Mon, 16 Nov 2026 03:00:00 GMT"),
    (rb"127\.0\.0\.1:\d+", b"0.0.0.0:9090"),
)
"""What differs from one recording to the next and says nothing about the shop."""


def settled(answer: bytes) -> bytes:
    """The answer as the server would have given it at the recording's time."""
    for pattern, replacement in _MOMENTS:
        answer = re.sub(pattern, replacement, answer)
    return answer


if __name__ == "__main__":
    main()
