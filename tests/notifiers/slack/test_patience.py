"""What is asked again, when, and what never is without looking first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState

from driftbot.notifiers.slack.patience import PAUSES, REPEATABLE, Patience, handlers
from tests.notifiers.channel_scene import Moment

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
MINUTE = 60.0


def request(method: str) -> HttpRequest:
    return HttpRequest(method="POST", url=f"https://slack.com/api/{method}", headers={})


def response(status: int, data: bytes = b'{"ok": true}', **headers: str) -> HttpResponse:
    return HttpResponse(status_code=status, headers={**headers}, data=data)


def pauses(method: str, answer: HttpResponse | None = None, error: Exception | None = None) -> list[float]:
    """How long is waited before each attempt at a call that always ends so, within a minute."""
    moment = Moment(NOW)
    asked: list[RetryHandler] = handlers(Patience(moment, moment.sleep, NOW + timedelta(seconds=MINUTE)))
    state = RetryState()
    for _ in range(200):
        given = {"state": state, "request": request(method), "response": answer, "error": error}
        handler = next((one for one in asked if one.can_retry(**given)), None)  # type: ignore[arg-type]
        if handler is None:
            return moment.slept
        handler.prepare_for_next_attempt(**given)  # type: ignore[arg-type]
        assert state.next_attempt_requested
    raise AssertionError("it is asked for ever")


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("17", [17.0, 17.0, 17.0]), ("59", [59.0]), ("60", []), ("3600", []), ("soon", [1.0] * 59), ("0", [1.0] * 59),
     ("-5", [1.0] * 59), ("nan", [1.0] * 59), ("inf", [])],
)  # fmt: skip
def test_a_limit_is_waited_for_as_long_as_slack_asks_while_there_is_time(asked: str, waited: list[float]) -> None:
    assert pauses("chat.postMessage", response(429, **{"Retry-After": asked})) == waited
    assert pauses("chat.postMessage", response(429, **{"retry-after": asked})) == waited


def test_a_limit_that_names_no_time_is_waited_for_a_second_at_a_time() -> None:
    assert pauses("chat.update", response(429)) == [1.0] * 59


BROKEN = [
    {"answer": response(500)},
    {"answer": response(503)},
    {"answer": response(502)},
    {"answer": response(200, b"<html>")},
    {"answer": response(200, b"")},
    {"error": URLError("timed out")},
    {"error": ConnectionResetError()},
    {"error": RemoteDisconnected()},
    {"error": TimeoutError()},
    {"error": ValueError("Unterminated string")},
]


@pytest.mark.parametrize("how", BROKEN, ids=range(len(BROKEN)))
def test_what_may_have_been_done_is_repeated_only_where_twice_is_once(how: dict) -> None:  # type: ignore[type-arg]
    for method in sorted(REPEATABLE):
        assert pauses(method, **how) == list(PAUSES)
    for method in ("chat.postMessage", "files.completeUploadExternal", "chat.postEphemeral"):
        assert pauses(method, **how) == []


@pytest.mark.parametrize("status", [200, 400, 403, 404])
def test_an_answer_is_an_answer(status: int) -> None:
    assert pauses("chat.update", response(status)) == []
