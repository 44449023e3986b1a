"""Requests over HTTP: only what Slack signed, and lately. Over Socket Mode the connection itself is Slack's.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from slack_bolt import BoltRequest
from slack_sdk.signature import Clock, SignatureVerifier

NO_SECRET = "a request over HTTP, although slack.signing_secret of driftbot.yaml names no secret"
FORGED = "a request whose signature does not hold: Slack did not send it, or slack.signing_secret is another app's"
OLD = "a request whose timestamp is more than five minutes away: it is old, or this machine's clock is wrong"
_FIVE_MINUTES = 300
_SECONDS = re.compile(r"[0-9]{1,12}")


class Verification:
    """Tells signed requests from others.

    slack_bolt does so, too, but tells nobody, takes the machine's clock, and raises on headers that are no number or no
    ASCII; the arithmetic is slack_sdk's here as there.
    """

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._verifier = SignatureVerifier(secret, _Clock(clock)) if secret else None
        self._clock = clock

    def refusal(self, request: BoltRequest) -> str:
        """Why a request is not taken; empty where it is Slack's."""
        if request.mode == "socket_mode":
            return ""
        if self._verifier is None:
            return NO_SECRET
        timestamp, signature = (_header(request, f"x-slack-{name}") for name in ("request-timestamp", "signature"))
        if not _SECONDS.fullmatch(timestamp) or not signature.isascii():
            return FORGED
        if abs(self._clock().timestamp() - int(timestamp)) > _FIVE_MINUTES:
            return OLD
        return "" if self._verifier.is_valid(request.raw_body, timestamp, signature) else FORGED


class _Clock(Clock):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._now = clock

    def now(self) -> float:
        return self._now().timestamp()


def _header(request: BoltRequest, name: str) -> str:
    values = request.headers.get(name) or ("",)
    return str(values[0])
