"""Whose messages are taken for ours, and how far history is read."""

from __future__ import annotations

from typing import Any

import pytest

from driftbot.notifiers.slack.client import MOST_PAGES, Mark, SlackClient
from driftbot.notifiers.slack.controls import EVENT_TYPE

MARK = Mark("sre", "digest", "1.5")


class History:
    """A workspace in which we are one app of several; pages follow pages for ever."""

    base_url = "https://slack.com/api/"

    def __init__(self, *messages: dict[str, Any], endless: bool = False) -> None:
        self.messages_, self.endless, self.asked = messages, endless, 0

    def auth_test(self) -> dict[str, Any]:
        return {"ok": True, "bot_id": "B1", "user_id": "U1"}

    def conversations_history(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        cursor = "more" if self.endless else ""
        return {"messages": list(self.messages_), "response_metadata": {"next_cursor": cursor}}


def message(**fields: Any) -> dict[str, Any]:
    payload = {"channel": "sre", "key": "digest", "intent": "1.5"}
    return {"ts": "1.5", "metadata": {"event_type": EVENT_TYPE, "event_payload": payload}, **fields}


@pytest.mark.parametrize(
    ("sender", "ours"),
    [
        ({"bot_id": "B1", "user": "U1"}, True),
        ({"user": "U1"}, True),
        ({"bot_id": "B1"}, True),
        ({"bot_id": "B2", "user": "U2"}, False),
        ({"user": "U012ANN"}, False),
        ({}, False),
    ],
)
def test_only_our_own_messages_are_taken_for_ours(sender: dict[str, Any], ours: bool) -> None:
    client = SlackClient(History(message(**sender)))  # type: ignore[arg-type]
    assert [one.mark for one in client.messages("C1", "", 0.0)] == ([MARK] if ours else [])


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": None},
        {"metadata": {"event_type": "other", "event_payload": {"channel": "sre", "key": "digest"}}},
        {"metadata": {}, "files": [{"mode": "tombstone"}, None]},
    ],
)
def test_messages_without_our_metadata_are_no_message_of_a_key(odd: dict[str, Any]) -> None:
    client = SlackClient(History(message(bot_id="B1", **odd)))  # type: ignore[arg-type]
    (found,) = client.messages("C1", "", 0.0)
    assert (found.mark, found.hidden) == (None, False)


def test_metadata_that_are_ours_and_empty_are_hidden() -> None:
    client = SlackClient(History(message(bot_id="B1", metadata={"event_type": EVENT_TYPE})))  # type: ignore[arg-type]
    (found,) = client.messages("C1", "", 0.0)
    assert found.hidden


def test_history_is_read_to_a_bound() -> None:
    history = History(message(bot_id="B1"), endless=True)
    assert len(list(SlackClient(history).messages("C1", "", 0.0))) == MOST_PAGES  # type: ignore[arg-type]
    assert history.asked == MOST_PAGES
