"""Calls to the configured servers that change something or read it back: the source's limits, trust and credentials."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from requests import ReadTimeout, Response, Session
from requests.exceptions import ChunkedEncodingError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from driftbot.actions.action import ActionFailed, Tools
from driftbot.actions.secrets_masked import Secrets
from driftbot.collectors.collector import Options
from driftbot.collectors.identified_session import identify
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble, explained, quoted
from driftbot.collectors.prometheus_connection import PoliteAdapter, credentials
from driftbot.collectors.prometheus_options import ServerOptions
from driftbot.credential import Credential, CredentialMissing
from driftbot.edits.edit import Refused

LONGEST_ANSWER = 64 << 20
"""Bytes of an answer that are read (ours: the rules of the largest servers that we know are a tenth of it)."""

LONGEST_TIME = 120.0
"""Seconds in which an answer has to be there as a whole (ours): a server that sends it byte by byte holds nobody up."""

_PART = 65_536

Server = TypeVar("Server", bound=ServerOptions)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered; ``secrets`` are our own, which it may repeat."""

    url: str
    status: int
    content: bytes
    secrets: Secrets = field(default_factory=Secrets)

    @property
    def ok(self) -> bool:
        """Whether it says that it did what it was asked."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The content as text; what is none is replaced."""
        return self.content.decode("utf-8", "replace")

    @property
    def quoted(self) -> str:
        """Its beginning for a sentence, harmless and without secrets."""
        return quoted(self.secrets.masked(self.text).encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class ServerCall:
    """A session with one server; redirects are not followed."""

    options: ServerOptions
    session: Session

    def send(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: Any = None, timeout: float = 0.0
    ) -> Reply:
        """One request; ``timeout`` in seconds is the source's unless said.

        Raises:
            AnswerProblem: nothing came, too much came, or it broke off.
        """
        url = self.options.url + path
        patience = timeout or self.options.timeout
        try:
            secrets = secrets_of(self.options)
        except CredentialMissing as error:
            raise AnswerProblem(Trouble.REFUSED, url, f"was not asked: {error}", "put the secret there") from None
        with (
            explained(url),
            self.session.request(
                method, url, params=query, json=json, timeout=patience, allow_redirects=False, stream=True
            ) as response,
        ):
            content = _content(response, url)
        return Reply(url, response.status_code, content, secrets)


def _content(response: Response, url: str) -> bytes:
    """The whole content of an answer.

    Raises:
        AnswerProblem: it is too long.
        RequestException: it breaks off, or takes too long.
    """
    content, until = bytearray(), time.monotonic() + LONGEST_TIME
    try:
        while part := response.raw.read1(_PART, decode_content=True):
            content += part
            if len(content) > LONGEST_ANSWER:
                came = f"answers with more than {LONGEST_ANSWER:,} bytes"
                raise AnswerProblem(Trouble.TOO_MUCH, url, came, "check what listens there")
            if time.monotonic() > until:
                raise ReadTimeout("the time for the whole answer is over")
    except ReadTimeoutError as error:
        raise ReadTimeout(error) from None
    except HTTPError as error:
        raise ChunkedEncodingError(error) from None
    # That of a refusal was read already, where our own secrets are masked in it.
    return bytes(content) or response.content


def secrets_of(options: ServerOptions) -> Secrets:
    """Everything of a server's options that must not be shown.

    Raises:
        CredentialMissing: a place that the options name holds no secret.
    """
    places = [value for value in options.headers.values() if isinstance(value, Credential)]
    places += [options.basic.password] if options.basic else []
    places += [options.bearer] if options.bearer else []
    token = credentials(options).get("Authorization", "").rpartition(" ")[2]
    return Secrets.of([*(place.read() for place in places), token])


@contextmanager
def calling(options: ServerOptions, *, once: bool = False) -> Iterator[ServerCall]:
    """A session with a server; ``once`` repeats nothing, for requests that must not be made twice."""
    with Session() as session:
        identify(session, options)
        adapter = PoliteAdapter(options.model_copy(update={"retries": 0}) if once else options)
        session.mount(f"{options.url}/", adapter)
        yield ServerCall(options, session)


def source_of(name: str, kind: type[Server], tools: Tools) -> Server:
    """The options of a configured source.

    Raises:
        Refused: no source of that kind has the name, or it has no server.
    """
    known = sorted(one for one, options in tools.sources.items() if _is_server(options, kind))
    found = tools.sources.get(name)
    if name not in known or not isinstance(found, kind):
        legal = ", ".join(known) or "none is configured"
        raise Refused(f"{name!r} is no server of this kind in driftbot.yaml (there: {legal})")
    return found


def _is_server(options: Options, kind: type[ServerOptions]) -> bool:
    return isinstance(options, kind) and bool(options.url)


def allowed(name: str, names: tuple[str, ...], action: str) -> None:
    """Nothing where the configuration allows the action to reach the source.

    Raises:
        Refused: it does not, with what to write.
    """
    if name not in names:
        raise Refused(
            f"{action} may not reach {name!r}; to allow it, name it in acting.reach.{action}.sources in driftbot.yaml"
        )


def failed(problem: AnswerProblem, *, uncertain: bool = False) -> ActionFailed:
    """The problem as the failure of a step."""
    return ActionFailed(f"{problem.url} {problem.came}", problem.next_step, uncertain=uncertain)
