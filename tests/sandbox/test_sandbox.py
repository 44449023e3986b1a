"""The sandbox with Slack's real clients: slack_sdk's WebClient, and bolt by Socket Mode."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from driftbot.sandbox.sandbox import Sandbox
from tests.servers.slack import client_of

BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*checkout* waits"}},
    {
        "type": "actions",
        "block_id": "controls",
        "elements": [
            {
                "type": "button",
                "action_id": "explain",
                "value": "3f9c",
                "text": {"type": "plain_text", "text": "Explain"},
            }
        ],
    },
]


@contextmanager
def bolt(sandbox: Sandbox) -> Iterator[App]:
    app = App(token=sandbox.token, client=client_of(sandbox), process_before_response=False)
    handler = SocketModeHandler(app, sandbox.app_token)
    handler.connect()
    try:
        yield app
    finally:
        handler.close()


def test_a_message_is_posted_edited_and_read_back(slack_sandbox: Sandbox):
    client = client_of(slack_sandbox)
    sre = slack_sandbox.channel("sre").id
    metadata = {"event_type": "driftbot_message", "event_payload": {"key": "digest"}}
    posted = client.chat_postMessage(channel=sre, text="0 drift", metadata=metadata)
    client.chat_update(channel=sre, ts=posted["ts"], text="1 drift")
    read = client.conversations_history(channel=sre, include_all_metadata=True)["messages"]
    assert [(one["text"], one["metadata"]) for one in read] == [("1 drift", metadata)]
    assert slack_sandbox.channel("sre").messages[0]["edits"] == 1


def test_a_press_reaches_bolt_and_its_modal_is_submitted(slack_sandbox: Sandbox):
    heard = []
    done = threading.Event()
    with bolt(slack_sandbox) as app:

        @app.action("explain")
        def explain(ack, body, client):
            ack()
            view = {
                "type": "modal",
                "callback_id": "form",
                "title": {"type": "plain_text", "text": "Why"},
                "submit": {"type": "plain_text", "text": "Send"},
                "blocks": [
                    {
                        "type": "input",
                        "block_id": "reason",
                        "label": {"type": "plain_text", "text": "Reason"},
                        "element": {"type": "plain_text_input", "action_id": "reason"},
                    }
                ],
            }
            client.views_open(trigger_id=body["trigger_id"], view=view)
            done.set()

        @app.view("form")
        def form(ack, view):
            ack()
            heard.append(view["state"]["values"]["reason"]["reason"]["value"])

        ts = app.client.chat_postMessage(channel="#sre", text="x", blocks=BUTTONS)["ts"]
        ann = slack_sandbox.people["ann"]
        assert slack_sandbox.press(ann, "sre", ts, "explain").ok
        assert done.wait(10)
        assert [view.content["callback_id"] for view in slack_sandbox.views(ann)] == ["form"]
        assert slack_sandbox.submit(ann, reason="a migration").ok
    assert heard == ["a migration"]
    assert slack_sandbox.views(ann) == ()


@pytest.mark.parametrize("kind", ["server_error_after", "disconnect_after", "malformed_after", "rate_limited"])
def test_a_fault_is_seen_once(slack_sandbox: Sandbox, kind: str):
    client = client_of(slack_sandbox)
    client.retry_handlers = []
    slack_sandbox.fail_next("chat.postMessage", kind)
    with pytest.raises(Exception):  # noqa: B017
        client.chat_postMessage(channel="#sre", text="x")
    client.chat_postMessage(channel="#sre", text="x")
    assert len(slack_sandbox.channel("sre").messages) == (2 if kind.endswith("_after") else 1)
