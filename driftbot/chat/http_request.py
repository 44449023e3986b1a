"""A request of Slack's over HTTP, from bytes to the answer: whatever arrives, there is one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from slack_bolt import App, BoltRequest, BoltResponse

log = logging.getLogger("driftbot.chat")

LONGEST_BODY = 1 << 20
"""Bytes of a body that are read (ours; a form with everything in it has some thousands)."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, body and content type to send."""

    status: int
    body: str = ""
    content_type: str = field(default="text/plain; charset=utf-8")


def answer_http(app: App, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
    """The answer to a request; never an exception. Nothing is waited for: the work is done by the app's threads."""
    if len(body) > LONGEST_BODY:
        return HttpAnswer(413, "the request is too long")
    try:
        request = BoltRequest(body=body.decode(), headers=dict(headers))
    except Exception as error:  # slack_bolt reads the body before anybody can verify it, and its shape may be any
        log.warning("a request that cannot be read was refused: %s", type(error).__name__)
        return HttpAnswer(400, "the request cannot be read")
    return _answer(app.dispatch(request))


def _answer(response: BoltResponse) -> HttpAnswer:
    kind = next(iter(response.headers.get("content-type") or ()), "text/plain; charset=utf-8")
    return HttpAnswer(response.status, response.body or "", kind)
