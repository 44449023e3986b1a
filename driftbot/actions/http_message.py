"""Requests as playbooks write them, and as they are sent: encoded, and to a named host alone. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self
from urllib.parse import quote, urlencode

from pydantic import AfterValidator, Field, model_validator

from driftbot.actions.http_request_options import HttpHost, Method
from driftbot.actions.intent import Intent
from driftbot.actions.strict import Strict
from driftbot.core.harmless import harmless
from driftbot.edits.edit import Refused

Plain = str | int | float | bool
Status = Annotated[int, Field(ge=100, le=599)]
IDEMPOTENCY = "Idempotency-Key"
"""The header that tells a server which requests are one
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)."""
LONGEST_LINE = 2_000
"""Characters of one line of a request that a person is shown."""

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "accept-encoding",
        "expect",
        "te",
        "trailer",
        "upgrade",
    }
    | {IDEMPOTENCY.lower()}
)
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie"})
_SLASH = re.compile(r"[/\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNRESERVED = "-._~!$&'()*+,;=:@"


def _headers(written: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in written.items():
        if not _HEADER.fullmatch(name) or _CONTROL.search(value):
            raise ValueError(f"{name!r} is no header that could be sent")
        if name.lower() in _OURS:
            raise ValueError(f"the header {name} is driftbot's to set")
        if name.lower() in _SECRET:
            raise ValueError(f"{name} is a secret: it stands by reference in acting.reach.http_request.hosts")
    return written


def _path(written: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(written, str):
        if not written.startswith("/"):
            raise ValueError("a path begins with /")
        if "?" in written or "#" in written:
            raise ValueError("write what follows the question mark in `query`; or the path as a list of its parts")
    encoded(written)
    return written


def encoded(path: str | tuple[str, ...]) -> str:
    """The path as it is sent: each part encoded, so that none becomes two.

    Raises:
        ValueError: a part is empty, or leads elsewhere.
    """
    parts = path.removeprefix("/").split("/") if isinstance(path, str) else list(path)
    last_may_be_empty = isinstance(path, str)
    for position, part in enumerate(parts):
        empty = not part and not (last_may_be_empty and position == len(parts) - 1)
        # Some servers take an encoded slash for one.
        leads_away = {".", ".."} & set(_SLASH.split(part))
        if empty or leads_away or _CONTROL.search(part):
            raise ValueError(f"{part!r} cannot be a part of a path")
    return "/" + "/".join(quote(part, safe=_UNRESERVED) for part in parts)


Path = Annotated[
    str | tuple[str, ...],
    AfterValidator(_path),
    Field(
        description="below the host's `url`, unencoded; as a list a part may hold slashes: [jobs, '{name}', restart]"
    ),
]
Headers = Annotated[Mapping[str, str], AfterValidator(_headers)]
Query = Mapping[str, Plain]


class HttpMessage(Strict):
    """A request to a named host."""

    method: Method = Field(default=Method.POST, description="how it is asked; the host's entry says what may be used")
    path: Path
    query: Query = Field(default={}, description="what follows the question mark, unencoded")
    headers: Headers = Field(default={}, description="further headers; secrets stand with the host")
    json_body: Any = Field(default=None, alias="json", description="a body that is sent as JSON")
    body: str | None = Field(default=None, description="a body that is sent as text")
    expect: Annotated[
        tuple[Status, ...], Field(description="statuses that say it was done; 200 to 299 unless said")
    ] = ()

    @model_validator(mode="after")
    def _has_one_body(self) -> Self:
        if self.json_body is not None and self.body is not None:
            raise ValueError("write either `json` or `body`")
        return self


class WireRequest(Intent):
    """A request as it is sent, but for the secrets and the idempotency key, which are added then."""

    method: Method
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    expect: tuple[int, ...]

    def is_expected(self, status: int) -> bool:
        """Whether the status says that it was done."""
        return status in self.expect if self.expect else 200 <= status < 300

    def __str__(self) -> str:
        """As a person reads it; what stands in a body cannot look like something else."""
        lines = [f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers)]
        body = (f"> {line}" for line in (self.body or "").splitlines())
        return "\n".join(harmless(line, LONGEST_LINE) for line in (*lines, *body))


def wired(message: HttpMessage, host: HttpHost) -> WireRequest:
    """The message as it is sent to the host.

    Raises:
        Refused: the host does not take the method, or its body cannot be JSON.
    """
    if message.method not in host.methods:
        raise Refused(
            f"{host.name} takes no {message.method}; acting.reach.http_request says which methods may be used"
        )
    return WireRequest(
        method=message.method,
        url=below(host, message.path, message.query),
        headers=tuple(sorted(_typed(message))),
        body=_body(message),
        expect=tuple(sorted(message.expect)),
    )


def below(host: HttpHost, path: str | tuple[str, ...], query: Mapping[str, Plain]) -> str:
    """A URL of the host."""
    pairs = [(name, _text(value)) for name, value in query.items()]
    return host.url + encoded(path) + (f"?{urlencode(pairs, quote_via=quote)}" if pairs else "")


def _text(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(message: HttpMessage) -> Iterator[tuple[str, str]]:
    yield from message.headers.items()
    if "content-type" not in {name.lower() for name in message.headers}:
        if message.json_body is not None:
            yield "Content-Type", "application/json"
        elif message.body is not None:
            yield "Content-Type", "text/plain; charset=utf-8"


def _body(message: HttpMessage) -> str | None:
    if message.json_body is None:
        return message.body
    try:
        return json.dumps(message.json_body, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError) as error:
        raise Refused(f"`json` cannot be sent as JSON: {error}") from None
