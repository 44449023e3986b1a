"""A Prometheus that takes questions and never answers, for what is ended in the middle of a scan."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 60.0


class SilentPrometheus(ThreadingHTTPServer):
    """``asked`` is set once somebody asked; nobody is answered until ``released`` is set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Silent)
        self.asked, self.released = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Silent(BaseHTTPRequestHandler):
    server: SilentPrometheus

    def do_GET(self) -> None:
        self.server.asked.set()
        self.server.released.wait(PATIENCE)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def silent_prometheus() -> Iterator[SilentPrometheus]:
    """One that listens until the block ends."""
    server = SilentPrometheus()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
