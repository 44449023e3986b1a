"""Socket Mode with bolt's real client: presses arrive, answers count, connections are renewed."""

from __future__ import annotations

import time

import pytest
import requests

from driftbot.sandbox.element import NotThere
from driftbot.sandbox.sandbox import Sandbox
from driftbot.sandbox.socket_mode import Farewell
from tests.sandbox.blocks import actions, button, menu, modal, picker, section, text_input
from tests.sandbox.bolt_app import Heard, connected
from tests.servers.slack import client_of

CONTROLS = [section("*checkout* waits"), actions(button("explain"), menu("snooze", "3f9c:1h", "3f9c:1d"))]


@pytest.fixture
def posted(slack_sandbox: Sandbox) -> str:
    return str(client_of(slack_sandbox).chat_postMessage(channel="#sre", text="x", blocks=CONTROLS)["ts"])


def until(sandbox: Sandbox, connections: int, ever: int) -> None:
    for _ in range(600):
        if (sandbox.connections, sandbox.connections_ever) == (connections, ever):
            return
        time.sleep(0.05)
    raise AssertionError(f"{sandbox.connections} connections, {sandbox.connections_ever} ever")


def test_a_press_says_who_pressed_what_where(slack_sandbox: Sandbox, posted: str):
    heard = Heard()
    with connected(slack_sandbox) as app:
        app.action("explain")(lambda ack, body: (ack(), heard.add(body)))
        assert slack_sandbox.press(slack_sandbox.people["ann"], "sre", posted, "explain").ok
        (body,) = heard.wait()
    assert (body["user"]["id"], body["channel"]["name"], body["container"]["message_ts"]) == (
        slack_sandbox.people["ann"],
        "sre",
        posted,
    )
    assert [(one["action_id"], one["value"], one["block_id"]) for one in body["actions"]] == [
        ("explain", "3f9c", "controls")
    ]


def test_a_choice_arrives_with_its_option(slack_sandbox: Sandbox, posted: str):
    heard = Heard()
    with connected(slack_sandbox) as app:
        app.action("snooze")(lambda ack, body: (ack(), heard.add(body)))
        slack_sandbox.press(slack_sandbox.people["ben"], "sre", posted, "snooze", "3f9c:1d")
        (body,) = heard.wait()
    assert body["actions"][0]["selected_option"]["value"] == "3f9c:1d"


@pytest.mark.parametrize(
    ("who", "what", "value"),
    [("U0NOBODY", "explain", None), ("ann", "absent", None), ("ann", "snooze", "3f9c:1y"), ("ann", "explain", "9")],
)
def test_nobody_presses_what_is_not_shown(slack_sandbox: Sandbox, posted: str, who: str, what: str, value: str | None):
    with pytest.raises(NotThere):
        slack_sandbox.press(slack_sandbox.people.get(who, who), "sre", posted, what, value)


def test_a_modal_is_opened_filled_in_and_submitted(slack_sandbox: Sandbox, posted: str):
    ann, heard, submitted = slack_sandbox.people["ann"], Heard(), Heard()
    blocks = [text_input("reason"), picker("expires"), picker("until", "datetimepicker")]
    with connected(slack_sandbox) as app:

        @app.action("explain")
        def opens(ack, body, client):
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal(*blocks, private_metadata="3f9c"))
            heard.add(body)

        app.view("form")(lambda ack, body: (ack(), submitted.add(body)))
        slack_sandbox.press(ann, "sre", posted, "explain")
        heard.wait()
        with pytest.raises(NotThere, match="reason"):
            slack_sandbox.submit(ann, expires="2027-01-31", until="1800000000")
        assert slack_sandbox.submit(ann, reason="a migration", expires="2027-01-31", until="1800000000").ok
        view = submitted.wait()[0]["view"]
    assert view["private_metadata"] == "3f9c"
    assert {block: next(iter(one.values())) for block, one in view["state"]["values"].items()} == {
        "reason": {"type": "plain_text_input", "value": "a migration"},
        "expires": {"type": "datepicker", "selected_date": "2027-01-31"},
        "until": {"type": "datetimepicker", "selected_date_time": 1800000000},
    }
    assert slack_sandbox.views(ann) == ()


ANSWERS = {
    "errors": ({"response_action": "errors", "errors": {"reason": "too short"}}, 1, True),
    "errors of no block": ({"response_action": "errors", "errors": {"elsewhere": "what"}}, 1, False),
    "update": ({"response_action": "update", "view": modal(text_input("again"))}, 1, True),
    "update to what is no view": ({"response_action": "update", "view": {"type": "modal"}}, 1, False),
    "push": ({"response_action": "push", "view": modal(text_input("more"))}, 2, True),
    "clear": ({"response_action": "clear"}, 0, True),
    "an unknown action": ({"response_action": "explode"}, 1, False),
}


@pytest.mark.parametrize(("answer", "left", "ok"), ANSWERS.values(), ids=ANSWERS)
def test_the_answer_to_a_submission_decides_about_the_modal(
    slack_sandbox: Sandbox, posted: str, answer: dict, left: int, ok: bool
):
    ann, opened = slack_sandbox.people["ann"], Heard()
    with connected(slack_sandbox) as app:

        @app.action("explain")
        def opens(ack, body, client):
            ack()
            opened.add(client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("reason"))).data)

        app.view("form")(lambda ack: ack(**answer))
        slack_sandbox.press(ann, "sre", posted, "explain")
        opened.wait()
        assert slack_sandbox.submit(ann, reason="because").ok is ok
    assert len(slack_sandbox.views(ann)) == left


def test_closing_is_told_only_where_the_modal_asks_for_it(slack_sandbox: Sandbox, posted: str):
    ann, opened, closed = slack_sandbox.people["ann"], Heard(), Heard()
    with connected(slack_sandbox) as app:

        @app.action("explain")
        def opens(ack, body, client):
            ack()
            view = modal(section("why"), notify_on_close=len(opened.bodies) == 1)
            opened.add(client.views_open(trigger_id=body["trigger_id"], view=view).data)

        app.view_closed("form")(lambda ack, body: (ack(), closed.add(body)))
        for count in (1, 2):
            slack_sandbox.press(ann, "sre", posted, "explain")
            opened.wait(count)
            assert slack_sandbox.close_view(ann).ok
        closed.wait()
    assert len(closed.bodies) == 1
    assert slack_sandbox.views(ann) == ()


def test_nobody_hears_a_press_when_nobody_is_connected(slack_sandbox: Sandbox, posted: str):
    answer = slack_sandbox.press(slack_sandbox.people["ann"], "sre", posted, "explain")
    assert (answer.ok, answer.problem) == (False, "no app is connected")


def test_it_is_said_when_an_app_does_not_answer_in_time():
    with Sandbox(patience=0.3) as sandbox, connected(sandbox) as app:
        app.action("explain")(lambda: None)
        ts = app.client.chat_postMessage(channel="#sre", text="x", blocks=CONTROLS)["ts"]
        answer = sandbox.press(sandbox.people["ann"], "sre", ts, "explain")
    assert (answer.ok, answer.problem) == (False, "the app did not answer within 0.3 s")


@pytest.mark.parametrize("reason", [Farewell.WARNING, Farewell.REFRESH])
def test_a_connection_that_is_asked_to_is_renewed(slack_sandbox: Sandbox, posted: str, reason: Farewell):
    heard = Heard()
    with connected(slack_sandbox, ping_interval=0.2) as app:
        app.action("explain")(lambda ack, body: (ack(), heard.add(body)))
        slack_sandbox.say_farewell(reason)
        until(slack_sandbox, 1, ever=2)
        assert slack_sandbox.press(slack_sandbox.people["ann"], "sre", posted, "explain").ok
        heard.wait()


def test_a_broken_connection_is_renewed(slack_sandbox: Sandbox, posted: str):
    with connected(slack_sandbox, ping_interval=0.2) as app:
        app.action("explain")(lambda ack: ack())
        slack_sandbox.drop_connections()
        until(slack_sandbox, 1, ever=2)
        assert slack_sandbox.press(slack_sandbox.people["ann"], "sre", posted, "explain").ok


def test_an_address_of_a_connection_works_once(slack_sandbox: Sandbox):
    url = client_of(slack_sandbox).apps_connections_open(app_token=slack_sandbox.app_token)["url"]
    address = url.replace("ws://", "http://")
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    asked["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    first = requests.get(address, headers=asked, stream=True, timeout=10)
    assert first.status_code == 101
    first.raw.close()
    assert requests.get(address, headers=asked, timeout=10).status_code == 403
