"""The page about channels: its examples are configurations, its receiver's code checks what really arrives."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from driftbot.config import parse_config
from driftbot.plugins import notifiers
from tests.notices import digest_scene as scene
from tests.notifiers.webhook.test_webhook import HOOK_SECRET, hook
from tests.servers.process import binary

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
YAML = [text for language, text in BLOCKS if language == "yaml"]
CHANNELS = [text for text in YAML if "channels:" in text]


@pytest.mark.parametrize("text", CHANNELS)
def test_every_example_is_a_configuration(text, tmp_path):
    (channel,) = parse_config(text.encode(), tmp_path / "driftbot.yaml").channels
    assert channel.notifier.kind in PAGE


def test_every_other_channel_has_an_example():
    shown = {yaml.safe_load(text)["channels"][0]["kind"] for text in CHANNELS}
    assert shown == set(notifiers()) - {"slack"}


@pytest.mark.server
def test_alertmanager_takes_the_route_that_is_recommended(tmp_path):
    amtool = binary("amtool")
    (text,) = [text for text in YAML if "route:" in text]
    (tmp_path / "alertmanager.yml").write_text(text)
    done = subprocess.run([amtool, "check-config", str(tmp_path / "alertmanager.yml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_receiver_s_code_knows_what_is_genuine():
    (code,) = [text for language, text in BLOCKS if language == "python"]
    names = {}
    exec(code, names)
    with hook(secret={"env": "HOOK_SECRET"}) as channel:
        channel.tell(scene.entry())
        (request,) = channel.server.requests
    body, at = request.query.encode(), scene.NOW.timestamp()
    genuine = names["is_genuine"]
    assert genuine(request.headers, body, HOOK_SECRET, lambda: at + 60)
    assert not genuine(request.headers, body, HOOK_SECRET, lambda: at + 600)
    assert not genuine(request.headers, body + b" ", HOOK_SECRET, lambda: at)
    assert not genuine(request.headers, body, "another", lambda: at)


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", HOOK_SECRET)
