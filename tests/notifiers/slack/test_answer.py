"""What a failed call means, and whether it may have been done: the question that a second message hangs on."""

from __future__ import annotations

import socket
import ssl
from email.message import Message as Headers
from http.client import IncompleteRead
from urllib.error import HTTPError, URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from driftbot.notifiers.slack.answer import failure_of
from driftbot.notifiers.slack.client import Found
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.history import look
from driftbot.notifiers.slack.ledger import Ledger
from tests.notifiers.channel_scene import BookMemory
from tests.notifiers.slack.test_difference import message

PLACE = "https://slack.com/api/"


def answered(body: object, status: int = 200) -> SlackApiError:
    response = SlackResponse(
        client=WebClient(),
        http_verb="POST",
        api_url=PLACE,
        req_args={},
        data=body,
        headers={},
        status_code=status,  # type: ignore[arg-type]
    )
    return SlackApiError("The request failed.", response)


def refused(**body: object) -> SlackApiError:
    return answered({"ok": False, **body})


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (refused(error="is_archived"), FailureKind.CHANNEL, "the channel is archived (is_archived)"),
        (refused(error="brand_new"), FailureKind.REFUSED, "an error that driftbot does not know (brand_new)"),
        (refused(error="fatal_error"), FailureKind.UNCERTAIN, "Slack failed on the way (fatal_error)"),
        (refused(error="missing_scope", needed="files:write", provided="chat:write"), FailureKind.ACCESS,
         "it needs files:write and has chat:write"),
        (refused(error="invalid_blocks", response_metadata={"messages": ["[ERROR] must be shorter"]}),
         FailureKind.UNSAYABLE, "[ERROR] must be shorter"),
        (refused(error="Received a response in a non-JSON format: <html>"), FailureKind.UNCERTAIN, "HTTP 200"),
        (refused(), FailureKind.UNCERTAIN, "HTTP 200"),
        (refused(error=["odd"]), FailureKind.UNCERTAIN, "HTTP 200"),
        (answered(None), FailureKind.UNCERTAIN, "HTTP 200"),
        (answered({"ok": False, "error": "ratelimited"}, 429), FailureKind.LIMITED, "too many calls"),
        (answered({"ok": False, "error": "is_archived"}, 503), FailureKind.UNCERTAIN, "no answer"),
        (answered({"ok": True, "ts": "1.0"}, 502), FailureKind.UNCERTAIN, "HTTP 502"),
        (HTTPError(PLACE, 500, "", Headers(), None), FailureKind.UNCERTAIN, "HTTP 500"),
        (HTTPError(PLACE, 429, "", Headers(), None), FailureKind.LIMITED, "HTTP 429"),
        (HTTPError(PLACE, 403, "", Headers(), None), FailureKind.REFUSED, "HTTP 403"),
        (URLError(ConnectionRefusedError(111, "Connection refused")), FailureKind.UNREACHED, "ConnectionRefusedError"),
        (URLError(socket.gaierror(-2, "Name or service not known")), FailureKind.UNREACHED, "gaierror"),
        (URLError(ssl.SSLCertVerificationError(1, "self-signed")), FailureKind.UNREACHED, "SSLCertVerificationError"),
        (URLError(ConnectionResetError(104, "reset")), FailureKind.UNCERTAIN, "ConnectionResetError"),
        (URLError("timed out"), FailureKind.UNCERTAIN, "timed out"),
        (TimeoutError("The read operation timed out"), FailureKind.UNCERTAIN, "TimeoutError"),
        (IncompleteRead(b""), FailureKind.UNCERTAIN, "IncompleteRead"),
        (ValueError("Expecting value"), FailureKind.UNCERTAIN, "ValueError"),
        (AttributeError("'list' object has no attribute 'get'"), FailureKind.UNCERTAIN, "AttributeError"),
    ],
    ids=lambda one: str(one)[:40],
)  # fmt: skip
def test_a_failed_call_says_what_it_means(error: Exception, kind: FailureKind, told: str) -> None:
    failure = failure_of("chat.postMessage", PLACE, error)
    assert failure.kind is kind
    assert told in failure.told
    assert failure.told.startswith(f"{PLACE} did not do chat.postMessage: ")
    assert failure.next_step.endswith(".")
    assert "\n" not in failure.told


def test_what_a_proxy_answers_is_cut_and_harmless() -> None:
    failure = failure_of("auth.test", PLACE, URLError("\x1b[31m" + "x" * 5000))
    assert "\x1b" not in failure.told
    assert len(failure.told) < 500


class Hiding:
    """A Slack that shows that a message is ours, and not which."""

    def messages(self, *_: object) -> list[Found]:
        return [Found("1.5", hidden=True)]


def test_metadata_that_slack_does_not_show_keep_anything_from_being_posted_again() -> None:
    with pytest.raises(SlackFailure, match="does not show the metadata") as caught:
        look(Hiding(), Ledger(BookMemory()), message("digest", "00"))  # type: ignore[arg-type]
    assert "metadata.message:read" in caught.value.next_step
