"""A call that failed, understood: what slack_sdk and the network raise, as one kind of failure with its sentence."""

from __future__ import annotations

import socket
import ssl
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError

from driftbot.core.harmless import harmless
from driftbot.notifiers.slack.failure import LIMITED, MEANINGS, UNCERTAIN, UNKNOWN, UNREACHED, Meaning, SlackFailure

_NEVER_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_LONGEST = 200


def failure_of(method: str, place: str, error: Exception) -> SlackFailure:
    """What an error of a call means; ``place`` is the Web API's address."""
    name, meaning, more = _read(error)
    named = "" if name == meaning.clause else f" ({harmless(name, _LONGEST)})"
    return SlackFailure(
        meaning.kind, name, f"{place} did not do {method}: {meaning.clause}{named}{more}", meaning.next_step
    )


def _read(error: Exception) -> tuple[str, Meaning, str]:
    """The error's name, what it means, and what else Slack said of it."""
    if isinstance(error, SlackApiError):
        return _answered(error)
    if isinstance(error, HTTPError):
        return f"HTTP {error.code}", _by_status(error.code) or UNKNOWN, ""
    cause = error.reason if isinstance(error, URLError) else error
    told = f"{type(cause).__name__}: {cause}" if isinstance(cause, Exception) else str(cause)
    return told, UNREACHED if isinstance(cause, _NEVER_SENT) else UNCERTAIN, ""


def _answered(error: SlackApiError) -> tuple[str, Meaning, str]:
    status, body = error.response.status_code, error.response.data
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        return f"HTTP {status}", _by_status(status) or UNCERTAIN, ""
    name = body["error"]
    if not name.replace("_", "").isalnum():
        return f"HTTP {status}", _by_status(status) or UNCERTAIN, ""
    return name, _by_status(status) or MEANINGS.get(name, UNKNOWN), _details(body)


def _by_status(status: int) -> Meaning | None:
    if status == 429:
        return LIMITED
    return UNCERTAIN if status >= 500 else None


def _details(body: dict[str, object]) -> str:
    """Which scope is missing, and what Slack has to say about the blocks."""
    needed, provided = body.get("needed"), body.get("provided")
    told = f"; it needs {harmless(str(needed))} and has {harmless(str(provided))}" if needed else ""
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    said = "; ".join(harmless(str(one), _LONGEST) for one in messages[:3]) if isinstance(messages, list) else ""
    return f"{told}: {said}" if said else told
