"""A loopback server that answers whatever a test says: for answers that no real server gives on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """What is sent: status, body, headers; ``cut`` announces more bytes than come; ``delay`` waits first (seconds)."""

    status: int = 200
    body: bytes | str | Mapping[str, Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    delay: float = 0.0

    def content(self) -> bytes:
        """The body as bytes."""
        if isinstance(self.body, Mapping):
            return json.dumps(self.body).encode()
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass
class Request:
    """What was asked: method, path, parameters (of the URL or of a form), headers, and the query or form as sent."""

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    query: str = ""


@dataclass
class FakeServer:
    """A running server and what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.requests]


@contextmanager
def fake_server(answer: Callable[[Request], Reply]) -> Iterator[FakeServer]:
    """Serve ``answer(request)`` on a free port of 127.0.0.1."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve(urlsplit(self.path).query)

        def do_POST(self) -> None:
            announced = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(announced)
            if len(body) < announced:  # the client was killed while it sent: there is no request
                self.close_connection = True
                return
            self._serve(body.decode())

        def do_PUT(self) -> None:
            self.do_POST()

        def do_PATCH(self) -> None:
            self.do_POST()

        def do_DELETE(self) -> None:
            self.do_POST()

        def _serve(self, query: str) -> None:
            parameters = {name: values[0] for name, values in parse_qs(query).items()}
            request = Request(self.command, urlsplit(self.path).path, parameters, dict(self.headers), query)
            running.requests.append(request)
            reply = answer(request)
            released.wait(reply.delay)
            content = reply.content()
            self.send_response_only(reply.status)
            headers = {"Content-Type": "application/json", "Date": self.date_time_string(), **reply.headers}
            headers["Content-Length"] = str(len(content) + (100 if reply.cut else 0))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = self.close_connection or reply.cut

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = FakeServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def matrix(*series: tuple[Mapping[str, str], list[tuple[float, str]]], **more: Any) -> dict[str, Any]:
    """The body of a range answer."""
    result = [
        {"metric": dict(labels), "values": [[time, value] for time, value in samples]} for labels, samples in series
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}
