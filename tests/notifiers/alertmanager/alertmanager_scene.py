"""An Alertmanager with a receiver that counts what it is notified of."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from driftbot.core.digest import Digest, Entry
from driftbot.notifiers.alertmanager import notifier
from driftbot.notifiers.alertmanager.options import AlertmanagerChannelOptions
from driftbot.notifiers.notifier import Delivered
from tests.notices import digest_scene as scene
from tests.notifiers.channel_scene import BookMemory, Moment, tools

SOON = 15.0
"""Seconds in which what is to come has to come; what must not come is waited for a few group intervals."""

INTERVALS = 1.5
"""Seconds of several group intervals: nothing more is to be expected after them."""


@dataclass
class Receiver:
    """What a webhook receiver of Alertmanager was sent: one ``alertname status fingerprint`` an alert."""

    url: str
    notified: list[str] = field(default_factory=list)

    def count(self, wanted: str) -> int:
        return self.notified.count(wanted)

    def wait(self, wanted: str, times: int = 1) -> None:
        until = time.monotonic() + SOON
        while self.count(wanted) < times and time.monotonic() < until:
            time.sleep(0.02)
        assert self.count(wanted) == times, self.notified

    def settle(self) -> list[str]:
        """All notifications, once no more are to be expected."""
        time.sleep(INTERVALS)
        return sorted(self.notified)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                labels = alert["labels"]
                told = f"{labels['alertname']} {alert['status']} {labels.get('fingerprint', '')}"
                running.notified.append(told.rstrip())
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = Receiver(f"http://127.0.0.1:{server.server_address[1]}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def configuration(receiver: Receiver) -> str:
    """Alertmanager's file: every alert is a group of its own, and nothing is repeated for a week."""
    return f"""
route:
  receiver: nightly
  group_by: ['...']
  group_wait: 50ms
  group_interval: 300ms
  repeat_interval: 168h
receivers:
  - name: nightly
    webhook_configs:
      - url: {receiver.url}
        send_resolved: true
"""


def options(url: str, **more: Any) -> AlertmanagerChannelOptions:
    """The channel's options."""
    return AlertmanagerChannelOptions.model_validate({"name": "pager", "url": url, "retries": 0, "timeout": 10, **more})


def tonight(*entries: Entry, **changes: Any) -> Digest:
    """A digest of just now: Alertmanager lives by the real clock."""
    now = datetime.now(UTC)
    times = {"now": now, "night": now - timedelta(minutes=10), "next_night": now + timedelta(days=1)}
    return scene.digest(*entries, **{**times, **changes})


@dataclass
class Channel:
    """A channel and what it remembers from night to night."""

    options: AlertmanagerChannelOptions
    memory: BookMemory = field(default_factory=BookMemory)

    def tell(self, *entries: Entry, boundary: Callable[[str], None] = lambda _: None, **changes: Any) -> Delivered:
        digest = tonight(*entries, **changes)
        return notifier.deliver(digest, self.options, tools(self.memory, Moment(digest.now), boundary))


def waived(entry: Entry, **changes: Any) -> Entry:
    """The entry with a waiver that holds for a day from now."""
    return put_aside(entry, scene.Standing.WAIVED, waiver=scene.waiver(entry.finding, **_day(), **changes))


def snoozed(entry: Entry, hours: float = 1) -> Entry:
    """The entry snoozed for some hours from now."""
    now = datetime.now(UTC)
    snooze = scene.snooze(entry.finding, at=now - timedelta(minutes=1), until=now + timedelta(hours=hours))
    return put_aside(entry, scene.Standing.SNOOZED, snooze=snooze)


def put_aside(entry: Entry, standing: scene.Standing, **changes: Any) -> Entry:
    """The entry standing so."""
    from dataclasses import replace

    return replace(entry, standing=standing, **changes)


def _day() -> dict[str, datetime]:
    today = datetime.now(UTC).replace(microsecond=0)
    return {"created": today - timedelta(hours=1), "expires": today + timedelta(days=1)}
