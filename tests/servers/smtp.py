"""A mail server on loopback that takes every mail and keeps it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default


@dataclass
class MailServer:
    """Where it listens and what it was sent; mails to ``refused`` addresses are not taken."""

    port: int
    mails: list[Message] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that speaks as much of SMTP (RFC 5321) as a client needs that neither encrypts nor logs in."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 loopback ESMTP")
            while line := self.rfile.readline():
                word = line[:4].upper().decode("ascii", "replace").strip()
                if word == "QUIT":
                    self._say("221 bye")
                    return
                if word == "DATA":
                    self._data()
                elif word == "RCPT" and any(one in line.decode() for one in running.refused):
                    self._say("550 no such mailbox, hunter2")
                else:
                    self._say("250 ok")

        def _data(self) -> None:
            self._say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            running.mails.append(message_from_bytes(b"".join(lines), policy=default))
            self._say("250 taken")

        def _say(self, answer: str) -> None:
            self.wfile.write(f"{answer}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = MailServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
