"""Pings reach a real server in their order, again where it fails; their URL is told to nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest

from driftbot.credential import Credential
from driftbot.serve.dead_man import DeadManPings
from driftbot.serve.event_log import EventLog
from driftbot.serve_options import DeadMan

SECRET = "5ecret-uu1d"


class Pinged(ThreadingHTTPServer):
    """What was asked for, and with which statuses the next requests are answered (then 200)."""

    paths: list[str]
    statuses: list[int]


class Handler(BaseHTTPRequestHandler):
    server: Pinged

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Pinged]:
    found = Pinged(("127.0.0.1", 0), Handler)
    found.paths, found.statuses = [], []
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def ping(monkeypatch: pytest.MonkeyPatch, url: str, *codes: int | None) -> str:
    """Ping a start (None) or an end for each; what was told meanwhile."""
    monkeypatch.setenv("PING_URL", url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    out = StringIO()

    async def pings() -> None:
        options = DeadMan(url=Credential(env="PING_URL"), timeout=timedelta(seconds=5))
        log = EventLog(out, lambda: datetime(2026, 5, 3, tzinfo=UTC))
        sender = DeadManPings(options, log, waits=(0.01, 0.01))
        for code in codes:
            sender.started() if code is None else sender.ended(code)
        await sender.close(20)

    asyncio.run(pings())
    return out.getvalue()


def test_starts_and_ends_in_their_order(server: Pinged, monkeypatch: pytest.MonkeyPatch):
    told = ping(monkeypatch, f"http://127.0.0.1:{server.server_port}/{SECRET}", None, 0, None, 2, None, 1, 137, 64)
    assert server.paths == [f"/{SECRET}{end}" for end in ("/start", "", "/start", "", "/start", "/1", "/137", "/64")]
    assert told == ""


def test_a_failed_ping_is_tried_again_before_the_next_one(server: Pinged, monkeypatch: pytest.MonkeyPatch):
    server.statuses = [500, 503]
    told = ping(monkeypatch, f"http://127.0.0.1:{server.server_port}/{SECRET}/", None, 0)
    assert server.paths == [f"/{SECRET}/start"] * 3 + [f"/{SECRET}/"]
    assert told == ""


def test_a_query_stays_behind_what_is_added(server: Pinged, monkeypatch: pytest.MonkeyPatch):
    ping(monkeypatch, f"http://127.0.0.1:{server.server_port}/{SECRET}?key=a%20b", 1)
    assert server.paths == [f"/{SECRET}/1?key=a%20b"]


@pytest.mark.parametrize("url", [f"http://127.0.0.1:1/{SECRET}", f"http://[::bad/{SECRET}", SECRET, ""])
def test_a_ping_that_cannot_be_sent_is_told_without_its_secret(url: str, monkeypatch: pytest.MonkeyPatch):
    told = ping(monkeypatch, url, 0)
    assert told.count("dead_man.failed") == 1
    assert SECRET not in told


def test_a_server_that_keeps_failing_is_told_once(server: Pinged, monkeypatch: pytest.MonkeyPatch):
    server.statuses = [404] * 3
    told = ping(monkeypatch, f"http://127.0.0.1:{server.server_port}/{SECRET}", 0)
    assert "it answered 404" in told
    assert SECRET not in told


def test_without_a_url_nobody_is_told():
    log = StringIO()
    sender = DeadManPings(None, EventLog(log, lambda: datetime.now(UTC)))
    sender.started()
    asyncio.run(sender.close(1))
    assert log.getvalue() == ""
