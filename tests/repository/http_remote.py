"""Git's own HTTP server (``git http-backend``) on the loopback, behind a password."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class HttpRemote:
    """What the server asks for, and what it was told: the credentials of each request (empty where there were none)."""

    folder: Path
    password: str
    redirect: str = ""
    status: int = 0
    heard: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def http_remote(folder: Path, password: str) -> Iterator[HttpRemote]:
    """Serve the bare repositories of a folder; pushing and reading takes the password, any user's name will do."""
    remote = HttpRemote(folder, password)

    class Handler(_Handler):
        told = remote

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        remote.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield remote
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    told: HttpRemote

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_arguments: object) -> None:
        """Requests are kept, not printed."""

    def _serve(self) -> None:
        body = self._body()
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        login = base64.b64decode(given).decode()
        self.told.heard.append(login)
        if self.told.redirect:
            self._answer(301, {"Location": f"{self.told.redirect}{self.path}"}, b"")
        elif self.told.status:
            self._answer(self.told.status, {}, b"")
        elif login.partition(":")[2] != self.told.password:
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
        else:
            self._answer(*self._backend(body))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        place = urlsplit(self.path)
        variables = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.told.folder), "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "driftbot",
            "PATH_INFO": place.path, "QUERY_STRING": place.query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "REMOTE_ADDR": "127.0.0.1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return int(fields.pop("Status", "200").split()[0]), fields, content

    def _answer(self, status: int, fields: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**fields, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
