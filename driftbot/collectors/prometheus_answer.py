"""What a Prometheus answers, understood: data, warnings, or one sentence about what came instead."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import requests
from requests import Response

from driftbot.collectors.prometheus_matrix import Matrix, NotAMatrix, read_matrix
from driftbot.collectors.request_failure import NotRecorded, cause

SHOWN = 160
"""Characters of a foreign answer that a sentence quotes."""


class Trouble(StrEnum):
    """What went wrong, as far as somebody acts differently on it."""

    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    MISSING = "missing"
    BUSY = "busy"
    SLOW = "slow"
    TOO_MUCH = "too much"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    UNRECORDED = "unrecorded"


class AnswerProblem(Exception):
    """An answer that cannot be used. ``str`` names the URL, what came, and the next step."""

    def __init__(self, trouble: Trouble, url: str, came: str, next_step: str) -> None:
        self.trouble, self.url, self.came, self.next_step = trouble, url, came, next_step
        super().__init__(f"{url} {came}; {next_step}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The ``data`` of a successful answer.

    ``matrix`` is set for range queries. ``warnings`` are the server's: the answer may be partial. ``samples`` and
    ``seconds`` are what the server says (or, if it does not, what we see) it cost. ``clock_ahead`` is how far the
    server's clock is ahead of ours in seconds, where known.
    """

    data: Any
    matrix: Matrix | None = None
    warnings: tuple[str, ...] = ()
    samples: int = 0
    seconds: float = 0.0
    clock_ahead: float | None = None


CLOCK_AHEAD = "X-Driftbot-Clock-Ahead"
"""A header the connection adds to each live answer: seconds the server's Date is ahead of this machine's clock."""


def understand(response: Response) -> Answer:
    """The answer in a response.

    Raises:
        AnswerProblem: it is no success of Prometheus' HTTP API.
    """
    url = plain_url(response)
    with explained(url):
        content = response.content
    try:
        body, matrix = _parse(content)
    except (ValueError, NotAMatrix, RecursionError) as error:
        raise _not_the_api(response, url, content, error) from None
    if not response.ok or body.get("status") != "success":
        raise refusal(response, url, body)
    data = body.get("data")
    return Answer(
        data=data,
        matrix=matrix,
        warnings=tuple(_warnings(body, matrix)),
        samples=_samples(data, matrix),
        seconds=_seconds(data, response),
        clock_ahead=_number(response.headers.get(CLOCK_AHEAD)),
    )


def plain_url(response: Response) -> str:
    """The URL that answered, without its query."""
    return (response.url or "").partition("?")[0]


def _parse(content: bytes) -> tuple[dict[str, Any], Matrix | None]:
    if b'"matrix"' in content[:400]:
        body, matrix = read_matrix(content)
    else:
        body, matrix = json.loads(content), None
    if not isinstance(body, dict) or "status" not in body:
        raise ValueError("it has no status")
    return body, matrix


def _warnings(body: Mapping[str, Any], matrix: Matrix | None) -> Iterator[str]:
    listed = body.get("warnings")
    yield from (str(warning) for warning in (listed if isinstance(listed, list) else ()))
    if body.get("isPartial"):
        yield "the server says that its answer is partial"
    if matrix is not None and matrix.histograms:
        yield f"{matrix.histograms} series hold native histograms, which a signal must turn into numbers"


def _samples(data: Any, matrix: Matrix | None) -> int:
    seen = matrix.samples if matrix is not None else 0
    return int(_number(_part(_part(data, "stats"), "samples").get("totalQueryableSamples")) or seen)


def _seconds(data: Any, response: Response) -> float:
    evaluated = _number(_part(_part(data, "stats"), "timings").get("evalTotalTime"))
    return response.elapsed.total_seconds() if evaluated is None else evaluated


def _part(holder: Any, name: str) -> Mapping[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _not_the_api(response: Response, url: str, content: bytes, error: Exception) -> AnswerProblem:
    if not response.ok:
        return refusal(response, url, {"error": quoted(content)})
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if b"<html" in content[:2000].lower() or kind == "text/html":
        came = f"answered with a web page ({quoted(content)}) instead of JSON"
        step = "check the URL and its path prefix, and whether a login page stands in front"
        return AnswerProblem(Trouble.UNREADABLE, url, came, step)
    came = (
        f"answered with {len(content):,} bytes that are not an answer of Prometheus' API ({error}): {quoted(content)}"
    )
    return AnswerProblem(Trouble.UNREADABLE, url, came, "check what listens there and whether the answer was cut off")


_TOO_MUCH = re.compile(
    r"too many samples|exceeded maximum resolution|timed out in|query timed? ?out|context deadline exceeded"
    r"|cannot select more than|too many (?:points|data)|exceeds? .*limit",
    re.IGNORECASE,
)
_ADVICE = {
    401: "check the credentials of this source (`basic` or `bearer`)",
    403: "ask for read access to this path, or check the tenant in `headers`",
    404: "check the URL and its path prefix (for example /prometheus)",
    429: "the next night tries again; raise the server's limit or lower this source's `budget`",
}


def refusal(response: Response, url: str, body: Mapping[str, Any]) -> AnswerProblem:
    """Why a server did not do what it was asked, from the status and its own words (``error`` or ``message``)."""
    status, error = response.status_code, str(body.get("error") or body.get("message") or "no reason given")
    came = f"answered {status} {response.reason or ''}".rstrip() + f": {error[: 3 * SHOWN]}"
    if status in {400, 422, 500, 503, 504} and _TOO_MUCH.search(error):
        return AnswerProblem(Trouble.TOO_MUCH, url, came, "lower `budget.samples_per_request` or simplify the query")
    if status in {429, 502, 503, 504}:
        after = response.headers.get("Retry-After")
        came += f" (it asks us to come back after {after})" if after else ""
        advice = _ADVICE.get(status, "see the server's log; the next night tries again")
        return AnswerProblem(Trouble.BUSY, url, came, advice)
    advice = _ADVICE.get(
        status, "see the server's log" if status >= 500 else "check the query and the server's version"
    )
    closed = {401: Trouble.CLOSED, 403: Trouble.CLOSED, 404: Trouble.MISSING}
    trouble = closed.get(status, Trouble.REFUSED)
    return AnswerProblem(trouble, url, came, advice)


def quoted(content: bytes) -> str:
    """The beginning of foreign text on one line."""
    text = " ".join(content[: 4 * SHOWN].decode("utf-8", "replace").split())
    shown = "".join(character for character in text if character.isprintable())
    return f"“{shown[:SHOWN]}{'…' if len(shown) > SHOWN else ''}”" if shown else "nothing"


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what requests raises into an ``AnswerProblem`` about ``url``."""
    try:
        yield
    except NotRecorded as error:
        raise AnswerProblem(Trouble.UNRECORDED, url, f"is not in {error}", "record again with this rule") from None
    except requests.exceptions.SSLError as error:
        step = "check `tls.ca`, and that the certificate names this host"
        raise AnswerProblem(Trouble.UNREACHABLE, url, f"cannot be trusted: {cause(error)}", step) from None
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
        came = f"sent an answer that broke off or is damaged: {cause(error)}"
        step = "try again; if it stays, look at the proxies between us and the server"
        raise AnswerProblem(Trouble.UNREADABLE, url, came, step) from None
    except requests.exceptions.Timeout:
        step = "raise `timeout`, or find out why the server is slow"
        raise AnswerProblem(Trouble.SLOW, url, "did not answer in time", step) from None
    except requests.exceptions.RetryError as error:
        step = "see the server's log; the next night tries again"
        raise AnswerProblem(Trouble.BUSY, url, f"kept refusing: {cause(error)}", step) from None
    except requests.exceptions.TooManyRedirects:
        step = "write the URL that the server itself names"
        raise AnswerProblem(Trouble.REFUSED, url, "redirects in a circle", step) from None
    except (requests.exceptions.RequestException, OSError) as error:
        step = "check the URL, the network and whether the server runs"
        raise AnswerProblem(Trouble.UNREACHABLE, url, f"cannot be reached: {cause(error)}", step) from None
