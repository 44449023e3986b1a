"""``response_url``: an app answers to a press without a token, five times within half an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from driftbot.sandbox.sandbox import Sandbox
from tests.sandbox.blocks import actions, button
from tests.servers.slack import client_of


class Scene:
    """A sandbox with a message that Ann pressed."""

    def __init__(self, sandbox: Sandbox, clock: list[datetime]) -> None:
        self.sandbox, self.clock = sandbox, clock
        self.ts = client_of(sandbox).chat_postMessage(channel="#sre", text="x", blocks=[actions(button("go"))])["ts"]
        self.ann = sandbox.people["ann"]
        self.url = sandbox.payload_of_press(self.ann, "sre", self.ts, "go")["response_url"]

    def answer(self, **body) -> int:
        return requests.post(self.url, json=body, timeout=10).status_code

    @property
    def channel(self):
        return self.sandbox.channel("sre")


@pytest.fixture
def scene():
    clock = [datetime(2026, 1, 5, tzinfo=UTC)]
    with Sandbox(clock=lambda: clock[0]) as sandbox:
        yield Scene(sandbox, clock)


def test_it_whispers_unless_told_otherwise(scene: Scene):
    assert scene.answer(text="done") == 200
    assert [(one["user"], one["text"]) for one in scene.channel.whispers] == [(scene.ann, "done")]
    assert scene.answer(text="all", response_type="in_channel") == 200
    assert [one["text"] for one in scene.channel.messages] == ["x", "all"]


def test_it_replaces_or_deletes_what_was_pressed(scene: Scene):
    scene.answer(text="y", replace_original=True)
    assert [(one["text"], one["edits"]) for one in scene.channel.messages] == [("y", 1)]
    scene.answer(delete_original=True)
    assert scene.channel.messages == ()


def test_five_answers_and_half_an_hour_are_all(scene: Scene):
    assert [scene.answer(text=str(number)) for number in range(6)] == [200] * 5 + [404]
    scene.url = scene.sandbox.payload_of_press(scene.ann, "sre", scene.ts, "go")["response_url"]
    scene.clock[0] += timedelta(minutes=31)
    assert scene.answer(text="late") == 404


@pytest.mark.parametrize(
    ("body", "status"), [(b"nonsense", 400), (b'{"blocks": [{"type": "marquee"}]}', 404), (b"[1]", 400)]
)
def test_what_cannot_be_read_is_refused(scene: Scene, body: bytes, status: int):
    assert requests.post(scene.url, data=body, timeout=10).status_code == status
    assert scene.channel.whispers == ()


def test_an_ephemeral_message_is_pressed_by_whom_it_is_for(scene: Scene):
    client = client_of(scene.sandbox)
    sre = scene.channel.id
    ts = client.chat_postEphemeral(channel=sre, user=scene.ann, text="x", blocks=[actions(button("undo"))])[
        "message_ts"
    ]
    payload = scene.sandbox.payload_of_press(scene.ann, "sre", ts, "undo")
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    requests.post(payload["response_url"], json={"delete_original": True}, timeout=10)
    assert scene.channel.whispers == ()
