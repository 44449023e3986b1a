"""`driftbot serve` beside a Slack: told, approved by a press, applied at once, judged, told again in one message."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from driftbot.notifiers.slack.controls import Control
from driftbot.sandbox.sandbox import Sandbox
from tests.e2e.estate import Estate
from tests.e2e.slack_week import ANN, BEN, CONFIG, LESSON, PLAYBOOK, controls_of, job_manifest, message_of

pytestmark = pytest.mark.server
_PATIENCE = 120.0


def eventually(so: Callable[[], bool], what: str, said: Callable[[], str]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not so():
        assert time.monotonic() < deadline, f"not within {_PATIENCE:.0f} s: {what}\n{said()}"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(shop: Estate, slack: Sandbox) -> Iterator[subprocess.Popen[str]]:
    process = shop.start("serve", "--now", WEEK_BOT_TOKEN=slack.token, WEEK_APP_TOKEN=slack.app_token)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def asked_for_a_night(port: int) -> bool:
    request = Request(f"http://127.0.0.1:{port}/scan", method="POST", headers={"X-Driftbot": "1"})
    try:
        with urlopen(request, timeout=10) as answer:
            return bool(answer.status == 202)
    except HTTPError as refusal:
        assert refusal.code == 409
        return False


def test_what_is_approved_by_a_press_is_done_judged_and_told_in_one_message(tmp_path: Path) -> None:
    port, shop = free_port(), Estate(tmp_path)
    with Sandbox() as slack:
        config = CONFIG.format(url=slack.api_url, ann=ANN, ben=BEN).replace("tonight", "at_once")
        shop.write("driftbot.yaml", f'{config}serve: {{listen: "127.0.0.1:{port}"}}\n')
        shop.write("lessons/batch/deadline-an-hour.yaml", LESSON)
        shop.write("playbooks/double-deadline.yaml", PLAYBOOK)
        for name, minutes in (("billing", 40), ("cleanup", 120), ("export", 90)):
            shop.write(f"deploy/{name}.yaml", job_manifest(name, minutes * 60))

        def words() -> str:
            return str(message_of(slack, "billing")["blocks"])

        with serving(shop, slack) as process:
            eventually(lambda: bool(slack.channel("sre").messages), "a digest", lambda: str(slack.log[-3:]))
            eventually(lambda: slack.connections > 0, "Socket Mode", lambda: str(slack.log[-3:]))
            message = message_of(slack, "billing")
            slack.press(ANN, "sre", message["ts"], Control.APPROVE, controls_of(message, Control.APPROVE))
            eventually(lambda: "judged healthy" in words(), "applied and judged", words)
            assert "activeDeadlineSeconds: 4800" in (tmp_path / "deploy" / "billing.yaml").read_text("utf-8")
            if "helped" not in words():
                eventually(lambda: asked_for_a_night(port), "a night on demand", words)
            eventually(lambda: "helped" in words(), "judged twice", words)
            assert message_of(slack, "billing")["ts"] == message["ts"]
            process.terminate()
            process.wait(60)
            assert process.returncode == 0
        told = [one["metadata"]["event_payload"]["key"] for one in slack.channel("sre").everything]
        assert sorted(key.partition(":")[0] for key in told) == ["digest", "finding"]
