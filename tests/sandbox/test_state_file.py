"""What was said survives a restart; a file that cannot be used or written harms nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from driftbot.core.failure import Failure
from driftbot.sandbox.sandbox import Sandbox
from driftbot.sandbox.state_file import StateFile
from tests.sandbox.blocks import section
from tests.servers.slack import client_of


def test_a_restart_finds_messages_files_tokens_and_ids_again(tmp_path: Path):
    file = tmp_path / "slack.json"
    with Sandbox(state=file) as before:
        client = client_of(before)
        sre = before.channel("sre").id
        ts = client.chat_postMessage(channel=sre, text="digest", blocks=[section("x")])["ts"]
        client.files_upload_v2(channel=sre, thread_ts=ts, content=b"\x00\xff", filename="a")
        seen, secrets = before.channel("sre"), (before.token, before.app_token, before.signing_secret)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with Sandbox(state=file, channels=["sre", "new"]) as after:
        assert (after.token, after.app_token, after.signing_secret) == secrets
        again = after.channel("sre")
        assert [(one["ts"], one["text"]) for one in again.everything] == [(o["ts"], o["text"]) for o in seen.everything]
        (reply,) = again.thread(ts)
        assert after.file_content(reply["files"][0]["id"]) == b"\x00\xff"
        assert after.channel("new").id not in {sre, after.channel("payments").id}
        assert client_of(after).chat_postMessage(channel=sre, text="next")["ts"] > ts


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"{}", b'{"version": 1}', b"\xff\xfe", b'{"version": 2, "channels": []}']
)
def test_a_file_that_is_none_of_ours_is_refused_and_left(tmp_path: Path, content: bytes):
    file = tmp_path / "slack.json"
    file.write_bytes(content)
    with pytest.raises(Failure, match=r"slack\.json"):
        Sandbox(state=file)
    assert file.read_bytes() == content


def test_a_newer_version_is_refused_by_its_number(tmp_path: Path):
    file = tmp_path / "slack.json"
    with Sandbox(state=file):
        pass
    file.write_bytes(file.read_bytes().replace(b'"version":1', b'"version":2'))
    with pytest.raises(Failure, match="version 2"):
        Sandbox(state=file)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "slack.json"
    with Sandbox(state=file) as sandbox:
        sandbox.save()
        old = file.read_bytes()

        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        client_of(sandbox).chat_postMessage(channel="#sre", text="x")
        with monkeypatch.context() as patched:
            patched.setattr("driftbot.sandbox.state_file.os.fsync", full)
            with pytest.raises(Failure, match="No space left on device"):
                sandbox.save()
        assert file.read_bytes() == old
        assert [path.name for path in tmp_path.iterdir()] == ["slack.json"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    state = StateFile(tmp_path / "absent" / "slack.json")
    assert state.read() is None
    with pytest.raises(Failure, match="absent"), Sandbox(state=state.path):
        pass


def test_a_port_that_is_taken_is_said(slack_sandbox: Sandbox):
    port = int(slack_sandbox.url.rpartition(":")[2])
    with pytest.raises(Failure, match=f"cannot listen on 127.0.0.1:{port}"), Sandbox(port=port):
        pass
