"""The Web API as a whole: envelopes, tokens and scopes, rate limits, faults, the log; with slack_sdk's real client."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RateLimitErrorRetryHandler

from driftbot.sandbox.fault import FaultKind
from driftbot.sandbox.methods import METHODS
from driftbot.sandbox.sandbox import Sandbox
from tests.sandbox.blocks import modal, section
from tests.servers.slack import allowed_client_of, client_of


def refused(call, *arguments, **named) -> dict:
    with pytest.raises(SlackApiError) as caught:
        call(*arguments, **named)
    return dict(caught.value.response.data)


def arguments(sandbox: Sandbox) -> dict[str, dict]:
    """For every method, arguments with which it answers ok."""
    client = allowed_client_of(sandbox)
    sre = sandbox.channel("sre").id
    ts = [client.chat_postMessage(channel=sre, text="x")["ts"] for _ in range(3)]
    file = client.files_upload_v2(channel=sre, content="a,b", filename="a.csv")["file"]["id"]
    promised = client.files_getUploadURLExternal(filename="b.csv", length=3)
    requests.post(promised["upload_url"], data=b"1,2", timeout=10)
    trigger = sandbox._workspace.trigger
    ann = sandbox.people["ann"]
    view = client.views_open(trigger_id=trigger(ann), view=modal(section("x")))["view"]["id"]
    return {
        "api.test": {"foo": "bar"},
        "apps.connections.open": {"token": sandbox.app_token},
        "auth.test": {},
        "bots.info": {"bot": "B0000SANDBOX"},
        "chat.delete": {"channel": sre, "ts": ts[0]},
        "chat.getPermalink": {"channel": sre, "message_ts": ts[1]},
        "chat.postEphemeral": {"channel": sre, "user": ann, "text": "x"},
        "chat.postMessage": {"channel": sre, "text": "x"},
        "chat.update": {"channel": sre, "ts": ts[1], "text": "y"},
        "conversations.history": {"channel": sre},
        "conversations.info": {"channel": sre},
        "conversations.join": {"channel": sre},
        "conversations.list": {},
        "conversations.members": {"channel": sre},
        "conversations.replies": {"channel": sre, "ts": ts[2]},
        "files.completeUploadExternal": {"files": [{"id": promised["file_id"]}], "channel_id": sre},
        "files.delete": {"file": file},
        "files.getUploadURLExternal": {"filename": "a", "length": 1},
        "files.info": {"file": file},
        "files.list": {},
        "usergroups.list": {},
        "users.info": {"user": ann},
        "users.list": {},
        "views.open": {"trigger_id": trigger(ann), "view": modal(section("x"))},
        "views.push": {"trigger_id": trigger(ann), "view": modal(section("x"))},
        "views.update": {"view_id": view, "view": modal(section("y"))},
    }


def test_every_method_answers_the_real_client(slack_sandbox: Sandbox):
    given = arguments(slack_sandbox)
    assert sorted(given) == sorted(METHODS)
    client = allowed_client_of(slack_sandbox)
    order = sorted(METHODS, key=lambda name: (name == "files.delete", name == "views.open", name))
    answered = {name: client.api_call(name, json=given[name])["ok"] for name in order}
    assert answered == dict.fromkeys(METHODS, True)


def test_its_own_token_may_do_what_the_manifest_asks_for_and_no_more(slack_sandbox: Sandbox):
    manifest = (Path(__file__).parents[2] / "docs" / "slack.md").read_text("utf-8")
    scopes = re.search(r"^    bot:\n((?:      - \S+\n)+)", manifest, re.MULTILINE)
    assert scopes
    headers = client_of(slack_sandbox).auth_test().headers
    assert headers["X-OAuth-Scopes"].split(",") == sorted(scopes[1].replace("- ", "").split())


def test_every_method_that_needs_a_scope_says_which(slack_sandbox: Sandbox):
    client = client_of(slack_sandbox, slack_sandbox.token_with(["reactions:write"]))
    for method in METHODS.values():
        if method.scopes and method.name != "apps.connections.open":
            answer = refused(client.api_call, method.name)
            assert (answer["error"], answer["needed"], answer["provided"]) == (
                "missing_scope",
                ",".join(sorted(method.scopes)),
                "reactions:write",
            )


def test_what_it_does_not_know_it_says(slack_sandbox: Sandbox):
    assert refused(client_of(slack_sandbox).api_call, "reminders.add") == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "reminders.add",
    }


def test_tokens_that_are_absent_unknown_revoked_or_of_the_wrong_kind_are_told_apart(slack_sandbox: Sandbox):
    assert requests.post(f"{slack_sandbox.api_url}auth.test", timeout=10).json()["error"] == "not_authed"
    assert refused(client_of(slack_sandbox, "xoxb-other").auth_test)["error"] == "invalid_auth"
    assert refused(client_of(slack_sandbox, slack_sandbox.app_token).auth_test)["error"] == "not_allowed_token_type"
    client = client_of(slack_sandbox)
    slack_sandbox.revoke(slack_sandbox.token)
    assert refused(client.auth_test)["error"] == "token_revoked"
    slack_sandbox.revoke(slack_sandbox.token, False)
    assert client.auth_test()["user_id"] == "U0000SANDBOX"


def test_a_form_means_what_json_means(slack_sandbox: Sandbox):
    sre = slack_sandbox.channel("sre").id
    form = {"channel": sre, "text": "a form", "reply_broadcast": "false", "blocks": '[{"type": "divider"}]'}
    asked = {"Authorization": f"Bearer {slack_sandbox.token}"}
    answer = requests.post(f"{slack_sandbox.api_url}chat.postMessage", data=form, headers=asked, timeout=10).json()
    assert (answer["message"]["text"], answer["message"]["blocks"][0]["type"]) == ("a form", "divider")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"{", "invalid_json"),
        (b"\xff", "invalid_json"),
        (b'{"text": "half \\ud83d of a character"}', "invalid_json"),
        (b"[]", "json_not_object"),
        (b"", "channel_not_found"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(slack_sandbox: Sandbox, body: bytes, answer: str):
    asked = {"Authorization": f"Bearer {slack_sandbox.token}", "Content-Type": "application/json; charset=utf-8"}
    done = requests.post(f"{slack_sandbox.api_url}chat.postMessage", data=body, headers=asked, timeout=10)
    assert done.json()["error"] == answer


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_one_message_a_second_and_channel_where_rates_are_limited():
    time = Time()
    with Sandbox(clock=time, rate_limits=True) as sandbox:
        client = client_of(sandbox)
        sre, payments = sandbox.channel("sre").id, sandbox.channel("payments").id
        client.chat_postMessage(channel=sre, text="1")
        client.chat_postMessage(channel=payments, text="1")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=sre, text="2")
        assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
        assert caught.value.response["error"] == "ratelimited"
        time.move(1)
        client.chat_postMessage(channel=sre, text="2")
        assert [one["text"] for one in sandbox.channel("sre").messages] == ["1", "2"]


def test_a_tier_counts_calls_of_the_last_minute():
    time = Time()
    with Sandbox(clock=time, rate_limits=True) as sandbox:
        client = client_of(sandbox)
        for _ in range(METHODS["conversations.list"].per_minute):
            client.conversations_list()
        time.move(45)
        with pytest.raises(SlackApiError) as caught:
            client.conversations_list()
        assert caught.value.response.headers["Retry-After"] == "15"
        sandbox.limit_rates(False)
        client.conversations_list()


def test_the_clients_own_retry_handler_gets_through(slack_sandbox: Sandbox):
    client = client_of(slack_sandbox)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    slack_sandbox.fail_next("chat.postMessage", "rate_limited", retry_after=1)
    client.chat_postMessage(channel="#sre", text="x")
    assert [call.answer for call in slack_sandbox.log] == ["rate_limited", "ok"]


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.ERROR])
def test_a_fault_is_seen_once_and_leaves_what_it_says(slack_sandbox: Sandbox, kind: FaultKind):
    client = client_of(slack_sandbox, timeout=1)
    client.retry_handlers.clear()
    slack_sandbox.fail_next("chat.postMessage", kind)
    with pytest.raises(Exception):  # noqa: B017 - the client has a different one for each
        client.chat_postMessage(channel="#sre", text="x")
    had_effect = int(kind.name.endswith("_AFTER"))
    assert len(slack_sandbox.channel("sre").messages) == had_effect
    client.chat_postMessage(channel="#sre", text="x")
    assert len(slack_sandbox.channel("sre").messages) == 1 + had_effect


def test_faults_wait_for_their_method_and_their_turn(slack_sandbox: Sandbox):
    client = client_of(slack_sandbox)
    sre = slack_sandbox.channel("sre").id
    slack_sandbox.fail_next("chat.postMessage", "is_archived", 2)
    slack_sandbox.fail_next("*", "fatal_error")
    assert refused(client.conversations_info, channel=sre)["error"] == "fatal_error"
    client.conversations_info(channel=sre)
    for _ in range(2):
        assert refused(client.chat_postMessage, channel=sre, text="x")["error"] == "is_archived"
    slack_sandbox.fail_next("chat.postMessage", "is_archived", 5)
    slack_sandbox.heal()
    client.chat_postMessage(channel=sre, text="x")


def test_a_fault_of_an_upload_loses_the_file(slack_sandbox: Sandbox):
    client = client_of(slack_sandbox)
    slack_sandbox.fail_next("upload", "server_error")
    with pytest.raises(Exception, match="Internal Server Error"):
        client.files_upload_v2(channel=slack_sandbox.channel("sre").id, content="x", filename="a")
    client.files_upload_v2(channel=slack_sandbox.channel("sre").id, content="x", filename="a")
    assert len(slack_sandbox.channel("sre").messages) == 1


def test_the_log_knows_calls_and_answers_but_no_token(slack_sandbox: Sandbox):
    requests.post(f"{slack_sandbox.api_url}auth.test", data={"token": slack_sandbox.token}, timeout=10)
    (call,) = slack_sandbox.log
    assert (call.method, dict(call.arguments), call.answer) == ("auth.test", {}, "ok")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "slack.example.org"}, 421),
        ({"Host": "127.0.0.1.example.org:80"}, 421),
        ({"Host": "[::2]"}, 421),
        ({"Origin": "https://example.org"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_loopback_may_ask(slack_sandbox: Sandbox, headers: dict[str, str], status: int):
    for path in ("/", "/api/api.test", "/link/"):
        answer = requests.get(slack_sandbox.url + path, headers=headers, timeout=10, allow_redirects=False)
        allowed = {"/": 302, "/link/": 403}.get(path, 200)
        assert answer.status_code == (allowed if status == 200 else status), path
