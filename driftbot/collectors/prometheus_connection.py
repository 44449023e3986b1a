"""A connection to one Prometheus: prometheus-api-client over a session with our limits, credentials and decoding."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from prometheus_api_client import PrometheusConnect
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnection
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError
from urllib3.util.retry import Retry

from driftbot.collectors.identified_session import identify
from driftbot.collectors.prometheus_answer import CLOCK_AHEAD, Answer, explained, understand
from driftbot.collectors.prometheus_options import PrometheusOptions, ServerOptions
from driftbot.credential import Credential, CredentialMissing

CONNECTIONS = 2
"""Connections to one server at a time."""

LONGEST_URL = 2_000
"""Longer requests are sent as a form: servers and proxies commonly take no more than 4 to 8 kB of URL."""

BUSY = (429, 502, 503, 504)
"""Statuses that ask for patience."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that is asked only through here; every answer is understood or raises ``AnswerProblem``."""

    url: str
    client: PrometheusConnect
    session: Session
    timeout: float

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """The answer of one endpoint.

        Raises:
            AnswerProblem: nothing came, or nothing that can be understood.
        """
        with explained(self.url + path):
            response = self.session.get(self.url + path, params=parameters, timeout=self.timeout)
        return _answer(response)

    def query(self, expression: str, at: float) -> Answer:
        """The answer to an instant query at a time (Unix seconds).

        Raises:
            AnswerProblem: nothing came, or nothing that can be understood.
        """
        with explained(f"{self.url}/api/v1/query"):
            answer: Answer = self.client.custom_query(expression, params={"time": _plain(at)})
        return answer

    def range(self, expression: str, start: float, end: float, step: float) -> Answer:
        """The answer to a range query over whole seconds, both ends included.

        Raises:
            AnswerProblem: nothing came, or nothing that can be understood.
        """
        first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
        with explained(f"{self.url}/api/v1/query_range"):
            answer: Answer = self.client.custom_query_range(expression, first, last, _plain(step), {"stats": "all"})
        return answer


def connect(session: Session, options: PrometheusOptions) -> Connection:
    """A connection through a tape's session; nothing is asked yet."""
    identify(session, options)
    proxies = {"http": options.proxy, "https": options.proxy} if options.proxy else None
    client = PrometheusConnect(options.url, session=session, timeout=options.timeout, proxy=proxies)
    # The client has mounted an adapter of its own for the bare URL, a prefix of other hosts' names as well.
    session.mount(f"{options.url}/", PoliteAdapter(options))
    session.hooks["response"].append(_decoded)
    return Connection(options.url, client, session, options.timeout)


class PoliteAdapter(HTTPAdapter):
    """Two connections, bounded retries that obey Retry-After, and the credentials.

    Credentials are added here and nowhere above: a recording, an error or a redirect to another host never sees them.
    """

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        super().__init__(pool_connections=1, pool_maxsize=CONNECTIONS, pool_block=True, max_retries=_retries(options))

    def send(self, request: PreparedRequest, *arguments: Any, **named: Any) -> Response:
        """Send with credentials; the answer carries how far the server's clock is ahead of ours."""
        sent = _as_form(request) if len(request.url or "") > LONGEST_URL else request.copy()
        try:
            sent.headers.update(credentials(self.options))
        except CredentialMissing as error:
            raise NoConnection(str(error)) from None
        response = super().send(sent, *arguments, **named)
        response.request = request
        if not response.ok:
            _without_echo(response, self.options)
        ahead = _clock_ahead(response.headers.get("Date"))
        if ahead is not None:
            response.headers[CLOCK_AHEAD] = f"{ahead:.0f}"
        return response


def credentials(options: ServerOptions) -> dict[str, str]:
    """The headers that authenticate us.

    Raises:
        CredentialMissing: a place that the options name holds no secret.
    """
    headers = {
        name: value.read() if isinstance(value, Credential) else value for name, value in options.headers.items()
    }
    if options.basic:
        pair = f"{options.basic.username}:{options.basic.password.read()}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    if options.bearer:
        headers["Authorization"] = f"Bearer {options.bearer.read()}"
    return headers


class PatientRetry(Retry):
    """Retries that come back neither earlier than the server asked nor at all when it asks for too much patience."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """One attempt less; none where the pause that the server asks for is too long."""
        pause = self.get_retry_after(response) if response is not None else None
        # `retry_after_max` cuts the pause down to one second more than our patience.
        if pause is not None and pause >= self.retry_after_max:
            raise MaxRetryError(_pool, url)  # type: ignore[arg-type]
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _without_echo(response: Response, options: ServerOptions) -> None:
    """Mask our own secrets in a refusal: some proxies repeat the request in it."""
    places = [value for value in options.headers.values() if isinstance(value, Credential)]
    places += [options.basic.password] if options.basic else []
    places += [options.bearer] if options.bearer else []
    secrets = {place.read() for place in places} | {
        value.rpartition(" ")[2] for name, value in credentials(options).items() if name == "Authorization"
    }
    content = response.content
    for secret in sorted(secrets, key=len, reverse=True):
        content = content.replace(secret.encode(), b"REDACTED")
    response._content = content


def _retries(options: ServerOptions) -> Retry:
    # A slow answer is not asked for again: the server may still be working on the first one.
    return PatientRetry(
        total=options.retries,
        read=False,
        status_forcelist=BUSY,
        allowed_methods=None,
        backoff_factor=0.5,
        backoff_max=options.patience,
        respect_retry_after_header=True,
        retry_after_max=int(options.patience) + 1,
        raise_on_status=False,
    )


def _as_form(request: PreparedRequest) -> PreparedRequest:
    """The same request as a POST with its parameters in the body, which Prometheus and VictoriaMetrics take alike."""
    form = request.copy()
    parts = urlsplit(request.url or "")
    form.method = "POST"
    form.url = parts._replace(query="").geturl()
    form.headers["Content-Type"] = "application/x-www-form-urlencoded"
    form.prepare_body(data=parts.query, files=None)
    return form


def _clock_ahead(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date or "").timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return None


class _Decoded(Response):
    """A response whose JSON is already understood: prometheus-api-client hands on the whole ``Answer``."""

    answer: Answer

    def json(self, **_: Any) -> Any:
        return {"data": {"result": self.answer}}


def _decoded(response: Response, **_: Any) -> Response:
    if response.is_redirect:
        return response
    decoded = _Decoded()
    decoded.__dict__.update(response.__dict__)
    decoded.answer = understand(response)
    decoded._content = b""
    return decoded


def _answer(response: Response) -> Answer:
    assert isinstance(response, _Decoded)
    return response.answer


def _plain(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
