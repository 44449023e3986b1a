"""The shell of the loopback forges: HTTP, faults on demand, the vendor's description held against each exchange."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.servers.contract import Contract


@dataclass(frozen=True)
class Exchange:
    """A request as it came: ``path`` without the API's prefix, still percent-encoded."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def sent(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body) if self.body else {}

    def first(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return self.query.get(name, [default])[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests whose "METHOD /path" contains a match of ``at``.

    ``done``: the request is carried out first. ``late``: it is carried out only when so many more requests have come.
    Then comes ``status`` with ``body`` and ``headers``; or nothing (``drop``), after ``delay`` seconds; or what would
    have come, ``cut`` in half.
    """

    at: str = ""
    times: int = 1
    status: int = 0
    body: Any = field(default_factory=lambda: {"message": "Something went wrong"})
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    late: int = 0
    drop: bool = False
    cut: bool = False
    delay: float = 0.0


class Vendor(Protocol):
    """The state and behaviour of one vendor's API."""

    contract: Contract
    prefix: str

    def answer(self, exchange: Exchange, server: ForgeServer) -> Answer:
        """Carry a request out."""
        ...


@dataclass
class ForgeServer:
    """A running loopback forge: what it was asked, what it will do wrong, and where either side broke the contract."""

    vendor: Vendor
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    requests: list[Exchange] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    late: list[tuple[int, Exchange]] = field(default_factory=list)
    links: str = ""
    """What links to next pages begin with, where that is not the API's address."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def api(self) -> str:
        """The API's address."""
        return f"{self.url}{self.vendor.prefix}"

    def fail(self, *faults: Fault) -> None:
        """Let the next requests go wrong."""
        self.faults.extend(faults)

    def asked(self, pattern: str = "") -> list[str]:
        """The requests that match, as "METHOD /path"."""
        return [str(exchange) for exchange in self.requests if re.search(pattern, str(exchange))]

    def take(self, exchange: Exchange) -> tuple[Answer, Fault | None]:
        """One request: held against the contract, carried out or not, answered as the next fault says."""
        with self.lock:
            self.requests.append(exchange)
            self._catch_up()
            operation = self.vendor.contract.operation(exchange.method, exchange.path)
            if operation is None:
                self.violations.append(f"{exchange}: no such operation is described")
                return Answer(404, {"message": "Not Found"}), None
            faults = self.vendor.contract.request_faults(operation, exchange.query, exchange.headers, exchange.body)
            self.violations.extend(f"{exchange}: {fault}" for fault in faults)
            fault = self._fault(exchange)
            if fault is not None and fault.late:
                self.late.append((fault.late, exchange))
            if fault is not None and not (fault.done or fault.cut):
                return Answer(fault.status, fault.body, fault.headers), fault
            answer = self.vendor.answer(exchange, self)
            if answer.status < 300:
                wrong = self.vendor.contract.answer_faults(operation, answer.status, answer.body)
                self.violations.extend(f"{exchange}: {fault}" for fault in wrong)
            if fault is not None and fault.status:
                return Answer(fault.status, fault.body, fault.headers), fault
            return answer, fault

    def _catch_up(self) -> None:
        for due, exchange in [one for one in self.late if one[0] <= 1]:
            self.late.remove((due, exchange))
            self.vendor.answer(exchange, self)
        self.late = [(due - 1, exchange) for due, exchange in self.late]

    def _fault(self, exchange: Exchange) -> Fault | None:
        for fault in self.faults:
            if fault.times and re.search(fault.at, str(exchange)):
                fault.times -= 1
                return fault
        return None


@contextmanager
def serving(vendor: Vendor, tls: ssl.SSLContext | None = None) -> Iterator[ForgeServer]:
    """Serve a vendor's API on a free port of 127.0.0.1; a broken contract fails the test at the end."""
    running = ForgeServer(vendor)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            announced = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(announced)
            if len(body) < announced:  # the client was killed while it sent: there is no request
                self.close_connection = True
                return
            path = parts.path.removeprefix(vendor.prefix)
            headers = {name.title(): value for name, value in self.headers.items()}
            exchange = Exchange(self.command, path, parse_qs(parts.query), headers, body)
            answer, fault = running.take(exchange)
            if fault is not None and fault.delay:
                time.sleep(fault.delay)
            if fault is not None and fault.drop:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._send(answer, cut=fault is not None and fault.cut)

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PATCH(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def _send(self, answer: Answer, *, cut: bool) -> None:
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            content = content[: len(content) // 2] if cut else content
            self.send_response_only(answer.status)
            headers = {"Content-Type": "application/json", "Date": self.date_time_string(), **answer.headers}
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    running.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert not running.violations, "\n".join(running.violations)


def paged(entries: list[Any], exchange: Exchange, server: ForgeServer, default: int = 30) -> Answer:
    """One page, with the ``Link`` header that names the next."""
    size = min(100, int(exchange.first("per_page") or default))
    page = int(exchange.first("page") or 1)
    headers = {}
    if page * size < len(entries):
        kept = [(name, value) for name, values in exchange.query.items() if name != "page" for value in values]
        query = "&".join(f"{name}={value}" for name, value in [*kept, ("page", page + 1)])
        headers["Link"] = f'<{server.links or server.api}{exchange.path}?{query}>; rel="next"'
    return Answer(200, entries[(page - 1) * size : page * size], headers)
