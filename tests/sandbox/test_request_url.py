"""Interaction over HTTP: signed as Slack signs, verified by slack_sdk's own verifier."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest
import requests
from slack_sdk.signature import SignatureVerifier

from driftbot.sandbox.request_url import signed
from driftbot.sandbox.sandbox import Sandbox
from tests.sandbox.blocks import actions, button
from tests.servers.fake import Reply, Request, fake_server
from tests.servers.slack import client_of


@pytest.fixture
def posted(slack_sandbox: Sandbox) -> str:
    return str(
        client_of(slack_sandbox).chat_postMessage(channel="#sre", text="x", blocks=[actions(button("go"))])["ts"]
    )


@pytest.mark.parametrize(
    ("reply", "ok", "body"),
    [
        (Reply(200), True, {}),
        (Reply(200, {"text": "done"}), True, {"text": "done"}),
        (Reply(200, "done"), True, {"text": "done"}),
        (Reply(500, "broken"), False, {}),
        (Reply(401), False, {}),
        (Reply(200, "x", cut=True), False, {}),
    ],
    ids=["empty", "json", "text", "500", "401", "cut"],
)
def test_a_press_is_posted_with_its_signature(slack_sandbox: Sandbox, posted: str, reply: Reply, ok: bool, body: dict):
    heard: list[Request] = []

    def answer(request: Request) -> Reply:
        heard.append(request)
        return reply

    with fake_server(answer) as server:
        slack_sandbox.interact_by_http(f"{server.url}/slack/events")
        answered = slack_sandbox.press(slack_sandbox.people["ann"], "sre", posted, "go")
    assert (answered.ok, answered.body) == (ok, body)
    assert ok or server.url in answered.problem
    (request,) = heard
    headers = {name.lower(): value for name, value in request.headers.items()}
    verifier = SignatureVerifier(slack_sandbox.signing_secret)
    assert verifier.is_valid_request(request.query, headers)
    assert not SignatureVerifier("another secret").is_valid_request(request.query, headers)
    payload = json.loads(parse_qs(request.query)["payload"][0])
    assert (payload["type"], payload["actions"][0]["action_id"]) == ("block_actions", "go")


def test_nobody_at_the_address_is_a_problem_and_no_crash(slack_sandbox: Sandbox, posted: str):
    slack_sandbox.interact_by_http("http://127.0.0.1:9/slack/events")
    answered = slack_sandbox.press(slack_sandbox.people["ann"], "sre", posted, "go")
    assert (answered.ok, "127.0.0.1:9" in answered.problem) == (False, True)


def test_a_payload_can_be_signed_wrongly_or_late():
    body, headers = signed({"type": "block_actions"}, "secret", 1_000_000_000)
    named = {name.lower(): value for name, value in headers.items()}
    assert not SignatureVerifier("secret").is_valid_request(body.decode(), named)


def test_a_request_can_be_sent_again_word_for_word(slack_sandbox: Sandbox, posted: str):
    payload = slack_sandbox.payload_of_press(slack_sandbox.people["ann"], "sre", posted, "go")
    bodies = []
    with fake_server(lambda request: (bodies.append(request.query), Reply(200))[1]) as server:
        body, headers = signed(payload, slack_sandbox.signing_secret, 1_700_000_000)
        for _ in range(2):
            requests.post(server.url, data=body, headers=headers, timeout=10)
    assert bodies[0] == bodies[1] == body.decode()
