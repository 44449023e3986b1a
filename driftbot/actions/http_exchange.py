"""One request and its answer: sent once, followed nowhere else, read up to a limit and within a time."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

import requests
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from driftbot.actions.http_answer import HttpAnswer
from driftbot.actions.http_message import IDEMPOTENCY
from driftbot.actions.http_request_options import HttpHost, Method
from driftbot.actions.secrets_masked import Secrets
from driftbot.actions.server_call import secrets_of
from driftbot.collectors.identified_session import identify
from driftbot.collectors.prometheus_connection import PoliteAdapter, credentials
from driftbot.collectors.request_failure import cause
from driftbot.credential import CredentialMissing

MOST_REDIRECTS = 5
_PART = 65_536
_SAME_REQUEST = frozenset({307, 308})
_LOOK_THERE = frozenset({301, 302, 303})
"""They leave open, or say, that the first request was understood: only a look may follow them (RFC 9110, 15.4)."""


class NoAnswer(Exception):
    """No answer came; ``sent`` where the server may have been told what to do nevertheless."""

    def __init__(self, reason: str, next_step: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason, self.next_step, self.sent = reason, next_step, sent


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request on its way: its headers are without secrets. ``same_host`` follows redirects inside the host.

    What changes something follows only those that ask for the very same request (307, 308).
    """

    method: Method
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    key: str = ""
    same_host: bool = False


def exchange(host: HttpHost, request: Outgoing, seconds: float) -> HttpAnswer:
    """Send the request with the host's credentials, and read the answer.

    ``seconds`` is the time for everything but a server that sends its headers byte by byte.

    Raises:
        NoAnswer: none came, or it broke off.
    """
    secrets = Secrets()
    try:
        own, secrets = credentials(host), secrets_of(host)
        with Session() as session:
            _prepare(session, host, request.method)
            return _Dialogue(session, host, request, secrets, own, time.monotonic() + seconds).answer()
    except CredentialMissing as error:
        raise NoAnswer(str(error), "Put the secret there.", sent=False) from None
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        reason = secrets.masked(f"{request.url} gave no answer: {_words(error)}")
        raise NoAnswer(
            reason, "Check the URL, the network and whether the server runs.", sent=_was_sent(error)
        ) from None


def _prepare(session: Session, host: HttpHost, method: Method) -> None:
    identify(session, host)
    # What changes something is sent once; a look may be repeated as the host's options say.
    retries = PoliteAdapter(host).max_retries if method is Method.GET else 0
    for prefix in ("http://", "https://"):
        session.mount(prefix, HTTPAdapter(max_retries=retries))


@dataclass(slots=True)
class _Dialogue:
    """A request and those that its redirects ask for; ``until`` is the monotonic time at which patience ends."""

    session: Session
    host: HttpHost
    request: Outgoing
    secrets: Secrets
    own: Mapping[str, str]
    until: float

    def answer(self) -> HttpAnswer:
        url = self.request.url
        for _ in range(MOST_REDIRECTS):
            answer = self._asked(url)
            target = urljoin(url, answer.location) if answer.location else ""
            if not self.request.same_host or not self._may_follow(answer.status, target):
                return answer
            url = target
        return answer

    def _may_follow(self, status: int, target: str) -> bool:
        leads_up = ".." in unquote(urlsplit(target).path).split("/")
        followed = _SAME_REQUEST | _LOOK_THERE if self.request.method is Method.GET else _SAME_REQUEST
        return status in followed and target.startswith(f"{self.host.url}/") and not leads_up

    def _asked(self, url: str) -> HttpAnswer:
        left = self.until - time.monotonic()
        if left <= 0:
            raise requests.ReadTimeout("the time is over")
        body = None if self.request.body is None else self.request.body.encode()
        request = requests.Request(self.request.method, url, self._headers(), data=body)
        prepared = self.session.prepare_request(request)
        with self._sent(prepared, left) as response:
            content, cut = self._read(response)
            location = response.headers.get("Location", "") if response.is_redirect else ""
        return HttpAnswer(response.status_code, content, cut, location, self.secrets)

    def _headers(self) -> dict[str, str]:
        # An answer that is packed could hold far more than what is read of it.
        key = {IDEMPOTENCY: self.request.key} if self.request.key else {}
        return {**self.request.headers, **self.own, **key, "Accept-Encoding": "identity"}

    def _sent(self, prepared: PreparedRequest, left: float) -> Response:
        patience = min(left, self.host.timeout)
        return self.session.send(prepared, timeout=(patience, patience), allow_redirects=False, stream=True)

    def _read(self, response: Response) -> tuple[bytes, bool]:
        """The content as far as it comes in time and fits: what was done is told by the status."""
        content = b""
        try:
            while len(content) <= self.host.answer_bytes and time.monotonic() <= self.until:
                part = response.raw.read1(_PART, decode_content=False)
                if not part:
                    return content, False
                content += part
        except (HTTPError, OSError):
            pass
        return content[: self.host.answer_bytes], True


def _was_sent(error: BaseException) -> bool:
    """Whether the server may have got the request: it may, unless no connection stood or it could not be written."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | ValueError):
        return False
    return not any(isinstance(one, NewConnectionError | ssl.SSLCertVerificationError) for one in _reasons(error))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _reasons(inner)


def _words(error: BaseException) -> str:
    return "it did not answer in time" if isinstance(error, requests.Timeout) else cause(error)
