"""The real process, the real Slack client and the sandbox: a finding is told, a press is heard, the message says so."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from driftbot.core.chat_decision import ChatVerb
from driftbot.sandbox.sandbox import Sandbox
from driftbot.store.store import Store
from tests.cli.conftest import NIGHTS, night
from tests.servers.process import free_port

ANN = "U0000000ANN"
PATIENCE = 60.0


def until(true: Callable[[], Any], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def controls(node: Any) -> Iterator[tuple[str, str]]:
    """Every control in blocks: its action and its value."""
    if isinstance(node, dict):
        if "action_id" in node:
            yield node["action_id"], str(node.get("value"))
        for value in node.values():
            yield from controls(value)
    elif isinstance(node, list):
        for one in node:
            yield from controls(one)


@pytest.fixture
def estate(tmp_path: Path, slack_sandbox: Sandbox) -> Path:
    """Three nights in a store, a channel, and Ann, who may say what she thinks of a finding."""
    (tmp_path / "driftbot.yaml").write_text(
        "rules: {shipped: none}\n"
        f"serve: {{listen: '127.0.0.1:{free_port()}', cron: '0 0 29 2 *'}}\n"
        "channels: [{name: sre, kind: slack, channel: '#sre'}]\n"
        f"slack:\n  url: {slack_sandbox.api_url}\n  token: {{env: SERVE_TOKEN}}\n  app_token: {{env: SERVE_APP}}\n"
        f"  people: {{{ANN}: {{name: Ann}}}}\n"
    )
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        for as_of in NIGHTS:
            night(store, as_of)
    return tmp_path


def test_what_was_not_told_is_told_and_a_decision_is_shown_soon(estate: Path, slack_sandbox: Sandbox):
    said, path = slack_sandbox, estate / "serve.log"
    secrets = {"SERVE_TOKEN": said.token, "SERVE_APP": said.app_token}
    with path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "driftbot", "serve"], cwd=estate, env=os.environ | secrets, stdout=log, stderr=log
        )
    try:
        until(lambda: said.connections == 1 and "deliver.ended" in path.read_text(), path)
        channel = said.channel("sre")
        ts, action, value = next(
            (message["ts"], action, value)
            for message in channel.everything
            for action, value in controls(message.get("blocks"))
            if action == "driftbot_not_useful"
        )
        assert said.press(ANN, channel.id, ts, action, value).ok
        until(lambda: path.read_text().count("deliver.ended") == 2, path)
        assert "deliver.begun: somebody decided in a chat" in path.read_text()
        assert len(said.channel("sre").everything) == len(channel.everything)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    with Store.open(f"sqlite:///{estate / 'driftbot.db'}") as store:
        (decision,) = store.chat_decisions()
        assert (decision.verb, decision.accepted, decision.by) == (ChatVerb.NOT_USEFUL, True, f"Ann ({ANN})")
    until(lambda: said.connections == 0, path)
