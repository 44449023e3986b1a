"""``chat.*``: messages are posted, edited, deleted and whispered; the sandbox deduplicates nothing."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from driftbot.sandbox.sandbox import Sandbox
from tests.sandbox.blocks import actions, button, section
from tests.servers.slack import client_of

METADATA = {"event_type": "driftbot_message", "event_payload": {"channel": "sre", "key": "digest"}}


@pytest.fixture
def client(slack_sandbox: Sandbox) -> WebClient:
    return client_of(slack_sandbox)


@pytest.fixture
def sre(slack_sandbox: Sandbox) -> str:
    return slack_sandbox.channel("sre").id


def error(call, **arguments) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_the_same_message_twice_is_two_messages(slack_sandbox: Sandbox, client: WebClient, sre: str):
    stamps = [client.chat_postMessage(channel=sre, text="x", metadata=METADATA)["ts"] for _ in range(2)]
    assert [one["ts"] for one in slack_sandbox.channel("sre").messages] == sorted(set(stamps))
    assert len(set(stamps)) == 2


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"channel": "C0000000000", "text": "x"}, "channel_not_found"),
        ({"channel": "", "text": "x"}, "channel_not_found"),
        ({"channel": "#sre", "text": ""}, "no_text"),
        ({"channel": "#sre", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "#sre", "text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"channel": "#sre", "text": "x", "blocks": [section("y")] * 51}, "invalid_blocks"),
        ({"channel": "#sre", "text": "x", "metadata": "nonsense"}, "invalid_metadata_format"),
        ({"channel": "#sre", "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (
            {"channel": "#sre", "text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "c" * 16_000}}},
            "metadata_too_large",
        ),
    ],
)
def test_a_message_that_cannot_be_is_refused(client: WebClient, sre: str, arguments: dict, answer: str):
    assert error(client.api_call, api_method="chat.postMessage", json=arguments) == answer
    assert client.conversations_history(channel=sre)["messages"] == []


def test_a_channel_that_is_closed_to_the_bot_says_why(slack_sandbox: Sandbox, client: WebClient, sre: str):
    ts = client.chat_postMessage(channel=sre, text="x")["ts"]
    slack_sandbox.archive("sre")
    assert error(client.chat_postMessage, channel=sre, text="x") == "is_archived"
    assert error(client.chat_update, channel=sre, ts=ts, text="y") == "is_inactive"
    slack_sandbox.archive("sre", False)
    slack_sandbox.invite("sre", False)
    assert error(client.chat_postMessage, channel=sre, text="x") == "not_in_channel"
    assert error(client.chat_update, channel=sre, ts=ts, text="y") == "not_in_channel"
    secret = slack_sandbox.add_channel("secret", private=True, member=False)
    assert error(client.chat_postMessage, channel=secret, text="x") == "channel_not_found"
    anywhere = client_of(slack_sandbox, slack_sandbox.token_with(["chat:write", "chat:write.public"]))
    assert anywhere.chat_postMessage(channel=sre, text="x")["ok"]


def test_an_edit_keeps_what_it_does_not_name(slack_sandbox: Sandbox, client: WebClient, sre: str):
    ts = client.chat_postMessage(channel=sre, text="x", blocks=[section("a")], metadata=METADATA)["ts"]
    client.chat_update(channel=sre, ts=ts, text="y")
    (message,) = slack_sandbox.channel("sre").messages
    assert (message["text"], message["blocks"][0]["text"]["text"], message["metadata"]) == ("y", "a", METADATA)
    client.chat_update(channel=sre, ts=ts, text="z", blocks=[], metadata={})
    (message,) = slack_sandbox.channel("sre").messages
    assert (message["text"], "blocks" in message, "metadata" in message, message["edits"]) == ("z", False, False, 2)
    assert message["edited"]["user"] == "U0000SANDBOX"


def test_only_our_own_messages_that_are_there_can_be_edited(slack_sandbox: Sandbox, client: WebClient, sre: str):
    theirs = slack_sandbox.write(slack_sandbox.people["ann"], "sre", "good morning")
    assert error(client.chat_update, channel=sre, ts=theirs, text="y") == "cant_update_message"
    assert error(client.chat_delete, channel=sre, ts=theirs) == "cant_delete_message"
    ours = client.chat_postMessage(channel=sre, text="x")["ts"]
    assert error(client.chat_update, channel=sre, ts=ours, text="y" * 4001) == "msg_too_long"
    slack_sandbox.delete_message("sre", ours)
    for call in (client.chat_update, client.chat_delete):
        assert error(call, channel=sre, ts=ours, **({"text": "y"} if call == client.chat_update else {})) == (
            "message_not_found"
        )


def test_a_message_that_was_answered_leaves_a_tombstone(client: WebClient, sre: str):
    ts = client.chat_postMessage(channel=sre, text="x")["ts"]
    client.chat_postMessage(channel=sre, text="detail", thread_ts=ts)
    client.chat_delete(channel=sre, ts=ts)
    (left,) = client.conversations_history(channel=sre)["messages"]
    assert (left["subtype"], left["text"], left["reply_count"]) == ("tombstone", "This message was deleted.", 1)
    assert error(client.chat_update, channel=sre, ts=ts, text="y") == "message_not_found"


def test_replies_stay_in_their_thread_unless_they_are_broadcast(slack_sandbox: Sandbox, client: WebClient, sre: str):
    ts = client.chat_postMessage(channel=sre, text="digest")["ts"]
    reply = client.chat_postMessage(channel=sre, text="quiet", thread_ts=ts)["ts"]
    client.chat_postMessage(channel=sre, text="loud", thread_ts=reply, reply_broadcast=True)
    seen = slack_sandbox.channel("sre")
    assert [one["text"] for one in seen.messages] == ["digest", "loud"]
    assert [one["text"] for one in seen.thread(ts)] == ["quiet", "loud"]
    assert [one["text"] for one in seen.everything] == ["digest", "quiet", "loud"]
    assert (seen.messages[0]["reply_count"], seen.messages[1]["subtype"]) == (2, "thread_broadcast")


def test_a_reply_to_a_message_that_is_gone_is_shown_nowhere_in_the_channel(
    slack_sandbox: Sandbox, client: WebClient, sre: str
):
    ts = client.chat_postMessage(channel=sre, text="digest")["ts"]
    client.chat_delete(channel=sre, ts=ts)
    assert client.chat_postMessage(channel=sre, text="lost", thread_ts=ts)["ok"]
    assert slack_sandbox.channel("sre").messages == ()
    assert error(client.conversations_replies, channel=sre, ts=ts) == "thread_not_found"


def test_a_whisper_is_for_one_person_and_cannot_be_read_back(slack_sandbox: Sandbox, client: WebClient, sre: str):
    ann = slack_sandbox.people["ann"]
    client.chat_postEphemeral(channel=sre, user=ann, text="you may not", blocks=[actions(button("x"))])
    assert [(one["user"], one["text"]) for one in slack_sandbox.channel("sre").whispers] == [(ann, "you may not")]
    assert client.conversations_history(channel=sre)["messages"] == []
    assert error(client.chat_postEphemeral, channel=sre, user="U0NOBODY", text="x") == "user_not_in_channel"


def test_controls_without_ids_get_some(client: WebClient, sre: str):
    nameless = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x"}}]}
    (block,) = client.chat_postMessage(channel=sre, text="x", blocks=[nameless])["message"]["blocks"]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]


def test_timestamps_are_ids_though_the_clock_stands():
    from datetime import UTC, datetime

    with Sandbox(clock=lambda: datetime(2026, 1, 5, tzinfo=UTC)) as sandbox:
        client = client_of(sandbox)
        stamps = [client.chat_postMessage(channel="#sre", text="x")["ts"] for _ in range(3)]
    assert stamps == ["1767571200.000000", "1767571200.000001", "1767571200.000002"]
