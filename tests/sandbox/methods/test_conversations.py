"""``conversations.*``: pages, order, bounds in time, threads, what a bot may know of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.methods.chat import post_message
from driftbot.sandbox.methods.conversations import history
from driftbot.sandbox.sandbox import Sandbox
from driftbot.sandbox.token import BOT_SCOPES, TokenKind, new_token
from driftbot.sandbox.workspace import Workspace
from tests.servers.slack import allowed_client_of

METADATA = {"event_type": "driftbot_message", "event_payload": {"key": "digest"}}


@pytest.fixture
def client(slack_sandbox: Sandbox) -> WebClient:
    return allowed_client_of(slack_sandbox)


@pytest.fixture
def sre(slack_sandbox: Sandbox) -> str:
    return slack_sandbox.channel("sre").id


def test_history_is_newest_first_and_in_pages(client: WebClient, sre: str):
    for number in range(7):
        client.chat_postMessage(channel=sre, text=str(number))
    pages = [page["messages"] for page in client.conversations_history(channel=sre, limit=3)]
    assert [[one["text"] for one in page] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_a_page_neither_hides_nor_repeats_when_a_message_comes_in_between(client: WebClient, sre: str):
    for number in range(4):
        client.chat_postMessage(channel=sre, text=str(number))
    first = client.conversations_history(channel=sre, limit=2)
    client.chat_postMessage(channel=sre, text="meanwhile")
    second = client.conversations_history(channel=sre, limit=2, cursor=first["response_metadata"]["next_cursor"])
    assert [one["text"] for one in (*first["messages"], *second["messages"])] == ["3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("bounds", "texts"),
    [
        ({}, "210"),
        ({"oldest": 1}, "2"),
        ({"oldest": 1, "inclusive": True}, "21"),
        ({"latest": 1}, "0"),
        ({"latest": 1, "inclusive": True}, "10"),
        ({"oldest": 0, "latest": 2}, "1"),
    ],
)
def test_history_is_bounded_in_time(client: WebClient, sre: str, bounds: dict, texts: str):
    stamps = [client.chat_postMessage(channel=sre, text=str(number))["ts"] for number in range(3)]
    asked = {name: stamps[value] if value is not True else True for name, value in bounds.items()}
    messages = client.conversations_history(channel=sre, **asked)["messages"]
    assert "".join(one["text"] for one in messages) == texts


def test_metadata_is_shown_to_those_who_ask(client: WebClient, sre: str):
    ts = client.chat_postMessage(channel=sre, text="x", metadata=METADATA)["ts"]
    client.chat_postMessage(channel=sre, text="y", thread_ts=ts, metadata=METADATA)
    for call, given_ in ((client.conversations_history, {}), (client.conversations_replies, {"ts": ts})):
        quiet = call(channel=sre, **given_)["messages"]
        told = call(channel=sre, **given_, include_all_metadata=True)["messages"]
        assert [one.get("metadata") for one in quiet] == [None] * len(told)
        assert [one["metadata"] for one in told] == [METADATA] * len(told)


def test_a_thread_begins_with_its_message_on_every_page(client: WebClient, sre: str):
    ts = client.chat_postMessage(channel=sre, text="digest")["ts"]
    for number in range(5):
        client.chat_postMessage(channel=sre, text=str(number), thread_ts=ts)
    pages = [page["messages"] for page in client.conversations_replies(channel=sre, ts=ts, limit=2)]
    assert [[one["text"] for one in page] for page in pages] == [
        ["digest", "0", "1"],
        ["digest", "2", "3"],
        ["digest", "4"],
    ]
    assert {one["thread_ts"] for page in pages for one in page} == {ts}


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"cursor": "é"}, "invalid_cursor"),
        ({"cursor": "bmV4dDpub3doZXJl"}, "invalid_cursor"),
        ({"limit": 1000}, "invalid_limit"),
        ({"limit": 0}, "invalid_limit"),
        ({"limit": "many"}, "invalid_arguments"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"channel": "general"}, "channel_not_found"),
    ],
)
def test_what_cannot_be_read_is_refused(client: WebClient, sre: str, arguments: dict, answer: str):
    client.chat_postMessage(channel=sre, text="x")
    with pytest.raises(SlackApiError) as caught:
        client.api_call("conversations.history", json={"channel": sre, **arguments})
    assert caught.value.response["error"] == answer


def test_channels_are_listed_as_far_as_the_bot_can_know(slack_sandbox: Sandbox, client: WebClient):
    slack_sandbox.add_channel("secret", private=True, member=False)
    slack_sandbox.add_channel("team", private=True)
    slack_sandbox.archive("general")

    def names(**asked: object) -> list[str]:
        return sorted(one["name"] for page in client.conversations_list(limit=2, **asked) for one in page["channels"])

    assert names() == ["general", "payments", "sre"]
    assert names(exclude_archived=True) == ["payments", "sre"]
    assert names(types="public_channel,private_channel") == ["general", "payments", "sre", "team"]


def test_a_public_channel_can_be_joined(slack_sandbox: Sandbox, client: WebClient, sre: str):
    slack_sandbox.invite("sre", False)
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.conversations_history(channel=sre)
    assert client.conversations_join(channel=sre)["channel"]["is_member"]
    assert client.conversations_history(channel=sre)["ok"]


def test_a_channel_that_is_renamed_keeps_its_id(slack_sandbox: Sandbox, client: WebClient, sre: str):
    slack_sandbox.rename_channel("sre", "reliability")
    assert client.conversations_info(channel=sre)["channel"]["name"] == "reliability"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="#sre", text="x")


@settings(max_examples=50)
@given(st.integers(0, 30), st.integers(1, 12))
def test_pages_together_are_the_whole(count: int, limit: int):
    times = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second) for second in range(1000))
    workspace, token = Workspace(lambda: next(times)), new_token(TokenKind.BOT, BOT_SCOPES)
    workspace.add_channels(["sre"])
    (channel,) = workspace.channels
    for number in range(count):
        post_message(workspace, token, Arguments({"channel": channel, "text": str(number)}))
    read, cursor, more = [], "", True
    while more:
        page = history(workspace, token, Arguments({"channel": channel, "limit": limit, "cursor": cursor}))
        read += [one["text"] for one in page["messages"]]
        cursor, more = page["response_metadata"]["next_cursor"], page["has_more"]
    assert read == [str(number) for number in reversed(range(count))]
