"""``driftbot deliver`` as people call it: a real receiver, a dry run, and a receiver that is not there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from driftbot.cli.deliver import command
from tests.remedies.estate import scanned, write_estate

CHANNELS = "channels: [{name: hook, kind: webhook, url: {env: DELIVER_HOOK}}]\n"


class Receiver(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    bodies: list[bytes] = []
    server = HTTPServer(("127.0.0.1", 0), type("OneReceiver", (Receiver,), {"bodies": bodies}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DELIVER_HOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield bodies
    server.shutdown()
    server.server_close()


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    path = write_estate(tmp_path, "a") / "driftbot.yaml"
    path.write_text(path.read_text() + CHANNELS)
    scanned(tmp_path)
    return path


def called(estate: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--config", str(estate), *arguments])


def test_what_is_new_is_told_once(estate: Path, received: list[bytes]) -> None:
    first, second = called(estate), called(estate)
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert first.output.startswith("hook (webhook): 1 sent")
    assert len(received) == 1


def test_a_dry_run_prints_what_would_be_told_and_sends_nothing(estate: Path, received: list[bytes]) -> None:
    told = called(estate, "--dry-run")
    assert (told.exit_code, received) == (0, [])
    assert (
        told.output.splitlines()[1] == "1 drift, 1 check, 0 unknown, 0 waived in the estate; 1 entry for this channel"
    )
    assert "New: 1" in told.output


def test_a_channel_that_cannot_be_told_is_named(estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVER_HOOK", "http://127.0.0.1:9/secret-path")
    told = called(estate)
    assert told.exit_code == 1
    assert told.output.startswith("hook (webhook) could not be told: http://127.0.0.1:9 cannot be reached")
    assert "secret-path" not in told.output


def test_without_channels_it_says_so(tmp_path: Path) -> None:
    scanned(write_estate(tmp_path, "a"))
    for arguments in ((), ("--dry-run",)):
        told = called(tmp_path / "driftbot.yaml", *arguments)
        assert (told.exit_code, told.output.startswith("no channel is configured")) == (0, True)


def test_a_channel_that_there_is_not_is_refused(estate: Path) -> None:
    told = called(estate, "--channel", "sre")
    assert str(told.exception) == "no channel is called sre"
