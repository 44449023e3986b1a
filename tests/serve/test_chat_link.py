"""Slack is heard by the process that begins the nights and by no other; a Slack that is away keeps nobody waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from driftbot.config import Config, parse_config
from driftbot.sandbox.sandbox import Sandbox
from driftbot.serve.chat_link import ChatLink, Decided
from driftbot.serve.event_log import EventLog
from driftbot.serve.readiness import Check, CheckState
from driftbot.store.store import Store


def clock() -> datetime:
    return datetime.now(UTC)


def configured(folder: Path, sandbox: Sandbox, *secrets: str) -> Config:
    lines = "".join(f"  {name}: {{env: SERVE_{name.upper()}}}\n" for name in ("token", *secrets))
    text = f"slack:\n  url: {sandbox.api_url}\n{lines}"
    config = parse_config(text.encode(), folder / "driftbot.yaml")
    Store.open(config.store_url).close()
    return config


@pytest.fixture(autouse=True)
def _secrets(slack_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVE_TOKEN", slack_sandbox.token)
    monkeypatch.setenv("SERVE_APP_TOKEN", slack_sandbox.app_token)
    monkeypatch.setenv("SERVE_SIGNING_SECRET", slack_sandbox.signing_secret)


def link_of(config: Config, out: StringIO | None = None) -> ChatLink:
    decided: list[Decided] = []
    return ChatLink(config, clock, decided.append, EventLog(out or StringIO(), clock))


async def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def state(link: ChatLink) -> CheckState:
    check = link.check()
    assert isinstance(check, Check)
    return check.state


def test_without_a_way_to_be_heard_nothing_is_said_of_slack(tmp_path: Path, slack_sandbox: Sandbox):
    assert link_of(configured(tmp_path, slack_sandbox)).check() is None


def test_connected_while_wanted_and_no_longer(tmp_path: Path, slack_sandbox: Sandbox):
    link = link_of(configured(tmp_path, slack_sandbox, "app_token"))

    async def story() -> None:
        await link.keep(False)
        assert state(link) is CheckState.DEGRADED
        await link.keep(True)
        await until(lambda: state(link) is CheckState.FINE)
        await link.keep(True)
        assert slack_sandbox.connections == 1
        await link.keep(False)
        await until(lambda: slack_sandbox.connections == 0)

    run(story)


def test_a_missing_token_is_told_once_and_tried_again_later(
    tmp_path: Path, slack_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    out = StringIO()
    link = link_of(configured(tmp_path, slack_sandbox, "app_token"), out)
    monkeypatch.delenv("SERVE_APP_TOKEN")

    async def story() -> None:
        await link.keep(True)
        await link.keep(True)
        check = link.check()
        assert check is not None
        assert (check.state, "SERVE_APP_TOKEN is not set" in check.told) == (CheckState.DEGRADED, True)

    run(story)
    assert out.getvalue().count("chat.failed") == 1


def test_other_secrets_make_another_connection(tmp_path: Path, slack_sandbox: Sandbox):
    link = link_of(configured(tmp_path, slack_sandbox, "app_token"))

    async def story() -> None:
        await link.keep(True)
        await until(lambda: slack_sandbox.connections == 1)
        link.config = configured(tmp_path, slack_sandbox, "signing_secret")
        await link.keep(True)
        await until(lambda: slack_sandbox.connections == 0)
        check = link.check()
        assert check is not None
        assert "/slack/events" in check.told
        await link.keep(False)

    run(story)


def test_by_http_a_request_without_a_good_signature_is_refused(tmp_path: Path, slack_sandbox: Sandbox):
    link = link_of(configured(tmp_path, slack_sandbox, "signing_secret"))
    signed = {"x-slack-signature": "v0=" + "0" * 64, "x-slack-request-timestamp": str(int(time.time()))}

    async def story() -> None:
        assert (await link.answer("payload=%7B%7D", signed)).status == 503
        await link.keep(True)
        assert (await link.answer("payload=%7B%7D", signed)).status == 401
        await link.keep(False)
        assert (await link.answer("payload=%7B%7D", signed)).status == 503

    run(story)
