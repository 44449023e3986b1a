"""Bolt's real App with its built-in Socket Mode client, connected to a sandbox."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from driftbot.sandbox.sandbox import Sandbox
from tests.sandbox.blocks import Json
from tests.servers.slack import client_of


class Heard:
    """What an app heard, in order; ``wait`` returns it once there is so much."""

    def __init__(self) -> None:
        self.bodies: list[Json] = []
        self._more = threading.Condition()

    def add(self, body: Json) -> None:
        with self._more:
            self.bodies.append(body)
            self._more.notify_all()

    def wait(self, count: int = 1) -> list[Json]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.bodies) >= count, 15), f"heard {self.bodies}"
            return list(self.bodies)


@contextmanager
def connected(sandbox: Sandbox, app: App | None = None, **options: Any) -> Iterator[App]:
    """An app that hears the sandbox."""
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
    app = app or App(client=client_of(sandbox), logger=logging.getLogger("slack_bolt"))
    handler = SocketModeHandler(app, sandbox.app_token, **options)
    handler.connect()
    try:
        yield app
    finally:
        # The client reads until the server has gone, three seconds otherwise.
        handler.client.auto_reconnect_enabled = False
        sandbox.drop_connections()
        handler.close()
