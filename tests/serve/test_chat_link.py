"""The way to Slack: made of the configuration as it is now, and an answer to whatever arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest

from driftbot.chat import connection
from driftbot.config import load_config
from driftbot.notifiers.slack.controls import Control
from driftbot.serve.chat_link import ChatLink, Decided
from driftbot.serve.event_log import EventLog
from tests.chat.chat_scene import ANN, CHANNEL, ChatScene, chat, now
from tests.chat.test_app import until


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatScene]:
    with chat(tmp_path, monkeypatch, jobs=("invoice",)) as scene:
        yield scene


def link_to(at: ChatScene, decided: list[Decided], *, socket: bool) -> ChatLink:
    """A link by HTTP alone, unless the test is about the socket."""
    config = at.config
    if not socket:
        config = replace(config, slack=at.workspace.model_copy(update={"app_token": None}))
    return ChatLink(config, now, decided.append, EventLog(StringIO(), now))


@pytest.mark.parametrize("body", ["{", "payload=%7B", "payload=[1]", "", "[" * 10_000])
def test_whatever_arrives_unsigned_is_refused_without_a_traceback(at: ChatScene, body: str):
    async def asked() -> int:
        link = link_to(at, [], socket=False)
        await link.keep(True)
        answer = await link.answer(body, {"content-type": "application/json"})
        await link.keep(False)
        return answer.status

    assert asyncio.run(asked()) in (400, 401)


def test_slack_that_is_lost_is_told_once_and_so_is_that_it_is_heard_again(
    at: ChatScene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(connection, "PING", 0.1)
    said = StringIO()

    async def lost_and_found() -> None:
        link = ChatLink(at.config, now, lambda _: None, EventLog(said, now))
        try:
            await link.keep(True)
            await asyncio.to_thread(until, lambda: at.sandbox.connections == 1)
            at.sandbox.fail_next("apps.connections.open", "internal_error", 8)
            at.sandbox.drop_connections()
            for event in ("chat.lost", "chat.heard"):
                await looked(link, lambda event=event: event in said.getvalue())
        finally:
            await link.keep(False)

    async def looked(link: ChatLink, until_true: Callable[[], bool]) -> None:
        for _ in range(1000):
            await link.keep(True)
            if until_true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(said.getvalue())

    asyncio.run(lost_and_found())
    events = [line.split()[2].rstrip(":") for line in said.getvalue().splitlines()]
    assert events == ["chat.begun", "chat.lost", "chat.heard"]
    assert "Failed to" not in caplog.text


def test_who_was_taken_off_the_approvers_approves_no_more(at: ChatScene):
    ts, decided = at.posted(at.lives()[0]), cast("list[Decided]", [])

    async def pressed() -> None:
        link = link_to(at, decided, socket=True)
        await link.keep(True)
        path = at.root / "driftbot.yaml"
        path.write_text(path.read_text().replace("acting:\n", "acting:\n  approvers: [ben@example.org]\n"))
        link.config = load_config(path)
        await link.keep(True)
        await asyncio.to_thread(until, lambda: at.sandbox.connections == 1)
        press: Any = at.sandbox.press
        assert (await asyncio.to_thread(press, ANN, CHANNEL, ts, Control.APPROVE.value)).ok
        await asyncio.to_thread(until, at.audit)
        await link.keep(False)

    asyncio.run(pressed())
    assert ["acting.approvers names ben@example.org" in one.told for one in at.audit()] == [True]
    assert decided == []
