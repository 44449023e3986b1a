"""Law 14: a scan writes nothing but driftbot's own store: no file, no process, no request that changes a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.remote_write import sample

WATCHER = """
import http.client, json, os, sys

report, written, asked = sys.argv.pop(1), [], []
CHANGING = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
            "os.chown", "os.utime", "os.setxattr", "sqlite3.connect", "subprocess.Popen", "os.exec", "os.system",
            "os.posix_spawn", "os.fork", "shutil.move", "shutil.rmtree", "tempfile.mkstemp"}

def watch(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
        written.append([event, str(arguments[0])])
    elif event in CHANGING:
        written.append([event, " ".join(map(str, arguments[1])) if event == "subprocess.Popen" else str(arguments[0])])

plain = http.client.HTTPConnection.putrequest
def putrequest(self, method, url, *rest, **named):
    asked.append([method, url.partition("?")[0], f"{self.host}:{self.port}"])
    return plain(self, method, url, *rest, **named)

http.client.HTTPConnection.putrequest = putrequest
sys.addaudithook(watch)
from driftbot.cli.main import main
try:
    main()
finally:
    told = json.dumps({"written": written, "asked": asked})
    with open(report, "w") as file:
        file.write(told)
"""

FILES = {
    "kubernetes/cart.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
        - {name: cart, image: "registry.example/cart:latest", readinessProbe: {httpGet: {path: /ready, port: 8080}}}
""",
    "kubernetes/rendered-by-nobody.yaml": "spec:\n  replicas: {{ .Values.replicas }}\n",
    "alerts/cart.yaml": """
groups:
  - name: cart
    rules: [{alert: CartErrors, expr: "sum(rate(cart_errors_total[5m])) > 3", for: 5m}]
""",
    "catalog.yaml": "services: [{name: cart, owner: web, tier: '1'}]\n",
}


@dataclass(frozen=True)
class Watched:
    """A scan's exit code and output, what it wrote (event and place), and what it asked (method, path, server)."""

    code: int
    output: str
    written: list[list[str]]
    asked: list[list[str]]


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    """A folder of manifests, alert rules and a catalog with a driftbot.yaml of its own."""
    root = tmp_path / "estate"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    configure(root)
    return root


def configure(root: Path, **prometheus: str) -> None:
    sources = [
        {"name": "manifests", "kind": "kubernetes_manifests", "path": "kubernetes"},
        {"name": "alerts", "kind": "alert_files", "path": "alerts"},
        {"name": "catalog", "kind": "catalog", "path": "catalog.yaml"},
        *([{"name": "prometheus", "kind": "prometheus", **prometheus}] if prometheus else []),
    ]
    environment = {"environment": "production"}
    (root / "driftbot.yaml").write_text(json.dumps({"sources": [{**source, **environment} for source in sources]}))


def contents(root: Path) -> Mapping[str, tuple[bytes, int]]:
    files = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith("driftbot.db"))
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def watched_scan(root: Path, *arguments: str) -> Watched:
    told = root.parent / "told.json"
    command = [sys.executable, "-B", "-c", WATCHER, str(told), "scan", *arguments]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    found = json.loads(told.read_text(encoding="utf-8"))
    return Watched(done.returncode, done.stdout + done.stderr, found["written"], found["asked"])


def outside_the_store(scan: Watched, root: Path) -> list[list[str]]:
    store = str(root.resolve() / "driftbot.db")
    return [
        [event, place]
        for event, place in scan.written
        if place != os.devnull and not place.startswith(store) and not reads_git(event, place)
    ]


def reads_git(event: str, command: str) -> bool:
    words = command.split()
    return (
        event == "subprocess.Popen"
        and words[0] == "git"
        and bool({"log", "blame", "rev-parse", "rev-list", "ls-tree", "cat-file"} & {*words})
    )


@pytest.mark.parametrize("arguments", [(), ("--subject", "workload:*"), ("--format", "json")], ids=" ".join)
def test_a_scan_leaves_everything_as_it_was(estate, arguments):
    before = contents(estate)
    scan = watched_scan(estate, *arguments)
    assert "Traceback" not in scan.output
    assert scan.code in {0, 1, 2}, scan.output
    assert outside_the_store(scan, estate) == []
    assert contents(estate) == before
    assert scan.asked == []


def test_the_watcher_would_have_seen_it(estate):
    """Without this, a watcher that sees nothing would prove the law."""
    scan = watched_scan(estate, "--output", str(estate / "report.txt"))
    assert any(place.endswith("report.txt") for _, place in outside_the_store(scan, estate)), scan.written


@pytest.mark.server
def test_a_scan_asks_a_server_and_changes_nothing_there(estate, prometheus_server):
    now = time.time() // 60 * 60
    server = prometheus_server(series=[sample("up", [now - 120, now - 60], [1.0, 1.0], job="shop", instance="a:1")])
    configure(estate, url=server.url)
    scan = watched_scan(estate)
    assert "Traceback" not in scan.output
    assert outside_the_store(scan, estate) == []
    assert {host for _, _, host in scan.asked} == {server.url.partition("//")[2]}
    changing = [(method, path) for method, path, _ in scan.asked if method != "GET" and "/api/v1/query" not in path]
    assert changing == []
    assert not any("admin" in path or path.startswith("/-/") for _, path, _ in scan.asked)
