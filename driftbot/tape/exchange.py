"""One request and its answer, as a bundle keeps it: text that a person can read and compare."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from requests import PreparedRequest

from driftbot.collectors.prometheus_answer import CLOCK_AHEAD
from driftbot.collectors.request_failure import cause
from driftbot.tape.redaction import redact, redact_text

KEPT_HEADERS = ("Content-Type", "Date", "Location", "Retry-After", CLOCK_AHEAD)
"""Headers of an answer that change what is understood; no other is kept."""

_FAILURES: tuple[type[requests.RequestException], ...] = (
    requests.exceptions.SSLError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ReadTimeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.RetryError,
    requests.exceptions.ConnectionError,
)
# A line for each series, group and rule: no JSON string can hold `,{"` with a bare quote.
_ENTRY = re.compile(rb',(?=\{"(?:metric|name|state|file)":)')


class BadExchange(ValueError):
    """The text is no recorded exchange."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request (method, path, parameters in order of their names) and what came: a status and body, or a failure."""

    request: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: str = ""
    reason: str = ""

    @property
    def file_name(self) -> str:
        """Told apart by the request alone, and sorted by its path."""
        path = self.request.partition(" ")[2].partition("?")[0]
        slug = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[-60:] or "root"
        return f"{slug}-{hashlib.sha256(self.request.encode()).hexdigest()[:12]}.http"

    def write(self) -> bytes:
        """The exchange as text, without secrets."""
        lines = [f"{self.request}", f"status: {self.status}"]
        if self.failure:
            lines += [f"failure: {self.failure}", f"reason: {redact_text(self.reason)}"]
        lines += [f"{name}: {redact_text(value)}" for name, value in sorted(self.headers.items())]
        is_json = "json" in self.headers.get("Content-Type", "")
        body = redact(_ENTRY.sub(b",\n", self.body) if is_json else self.body)
        return "\n".join(lines).encode() + b"\n\n" + body

    @classmethod
    def read(cls, content: bytes) -> Exchange:
        """Read what ``write`` wrote.

        Raises:
            BadExchange: it is something else.
        """
        head, blank, body = content.partition(b"\n\n")
        request, *lines = head.decode("utf-8", "replace").split("\n")
        fields = dict(line.partition(": ")[::2] for line in lines)
        try:
            status = int(fields.pop("status"))
        except (KeyError, ValueError):
            raise BadExchange("it has no status") from None
        if not blank or not re.match(r"[A-Z]+ /", request):
            raise BadExchange("it does not begin with a request")
        return cls(request, status, fields, body, fields.pop("failure", ""), fields.pop("reason", ""))


def request_key(request: PreparedRequest) -> str:
    """What makes two requests the same: method, path and parameters, never the host, the headers or a secret."""
    parts = urlsplit(request.url or "")
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return redact_text(f"{request.method} {parts.path or '/'}" + (f"?{query}" if query else ""))


def failure_of(request: PreparedRequest, error: requests.RequestException) -> Exchange:
    """An exchange that brought no answer."""
    name = next((kind.__name__ for kind in _FAILURES if isinstance(error, kind)), "ConnectionError")
    return Exchange(request_key(request), failure=name, reason=cause(error))


def raise_failure(exchange: Exchange) -> None:
    """Fail as the request failed when it was recorded."""
    kinds = {kind.__name__: kind for kind in _FAILURES}
    if exchange.failure:
        raise kinds.get(exchange.failure, requests.exceptions.ConnectionError)(exchange.reason)
