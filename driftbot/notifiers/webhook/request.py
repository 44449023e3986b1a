"""One request to a webhook: signed, repeated with the same key while there is time, nothing secret in its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import HTTPError

from driftbot import __version__
from driftbot.collectors.identified_session import identify
from driftbot.collectors.prometheus_answer import quoted
from driftbot.collectors.request_failure import cause
from driftbot.notifiers.notifier import DeliveryFailed, DeliveryTools
from driftbot.notifiers.webhook.address import Address
from driftbot.notifiers.webhook.options import WebhookOptions
from driftbot.notifiers.webhook.signature import signature

BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may be taken; 409 says that the first one of that key is still at work."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between repetitions, doubled each time, where the receiver does not say how long."""

_ANSWER = 65_536
_STEPS = {
    401: "check the secret or the headers of this channel",
    403: "check the secret or the headers of this channel",
    404: "check the address",
    410: "the receiver wants no more requests; remove the channel or write its new address",
    413: "lower `largest` of this channel",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status (0: nothing came), words for people, and for how many seconds we are asked to wait."""

    status: int
    told: str
    pause: float | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver has it now."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts to one address within the time of a delivery."""

    address: Address
    options: WebhookOptions
    tools: DeliveryTools
    session: requests.Session

    def post(self, body: bytes, identity: str) -> None:
        """Post until it is accepted; every repetition carries the same key and a time of its own.

        Raises:
            DeliveryFailed: it is refused, or not accepted while there is time.
        """
        for attempt in range(self.options.retries + 1):
            answer = self._asked(body, identity)
            if answer.accepted:
                return
            if answer.status not in BUSY and answer.status != 0:
                break
            pause = answer.pause if answer.pause is not None else min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
            if attempt == self.options.retries or pause >= self._left():
                break
            self.tools.sleep(pause)
        step = _STEPS.get(answer.status, "see the receiver's log")
        if 300 <= answer.status < 400:
            step = "redirects are not followed; write the address that it leads to"
        raise DeliveryFailed(f"{self.address.place} {answer.told}", f"{step}; the next delivery tells what is new then")

    def _left(self) -> float:
        return (self.tools.deadline - self.tools.clock()).total_seconds()

    def _asked(self, body: bytes, identity: str) -> Answer:
        now, patience = self.tools.clock(), max(min(self.options.timeout, self._left()), 1.0)
        try:
            with self.session.post(
                self.address.url,
                data=body,
                headers=self._headers(body, identity, now),
                timeout=patience,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._understood(response, now)
        except requests.Timeout:
            return Answer(0, "did not answer in time")
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return Answer(0, f"cannot be reached: {self.address.secrets.masked(cause(error))}")

    def _headers(self, body: bytes, identity: str, now: datetime) -> dict[str, str]:
        headers = {
            **dict(self.address.headers),
            "Content-Type": "application/json",
            "User-Agent": f"driftbot/{__version__}",
            "Idempotency-Key": identity,
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self.address.key:
            headers["webhook-signature"] = signature(self.address.key, identity, now, body)
        return headers

    def _understood(self, response: requests.Response, now: datetime) -> Answer:
        try:
            content = b"" if response.ok else response.raw.read1(_ANSWER, decode_content=True) or b""
        except (HTTPError, OSError):
            content = b""  # what was done is told by the status
        said = self.address.secrets.masked(content.decode("utf-8", "replace"), cut=len(content) >= _ANSWER)
        told = f"answered {response.status_code}: {quoted(said.encode('utf-8', 'replace'))}"
        pause = retry_after(response.headers.get("Retry-After", ""), now)
        waits = "" if pause is None else f" (it asks us to come back after {pause:,.0f} s)"
        return Answer(response.status_code, told + waits, pause)


@contextmanager
def posting(options: WebhookOptions, tools: DeliveryTools) -> Iterator[Poster]:
    """A session with the address that the options name; nothing of the environment is used.

    Raises:
        DeliveryFailed: a secret is missing, or cannot be used.
    """
    address = Address.of(options)
    with requests.Session() as session:
        identify(session, options)
        yield Poster(address, options, tools, session)


def retry_after(header: str, now: datetime) -> float | None:
    """The seconds that ``Retry-After`` asks for, as number or date (RFC 9110, 10.2.3); None where it says nothing."""
    digits = header.strip()
    if digits.isascii() and digits.isdigit():
        return min(float(digits), 1e9)
    try:
        date = parsedate_to_datetime(header)
    except (TypeError, ValueError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
