"""``files.*``: the three calls of an upload, and what a channel shows of it."""

from __future__ import annotations

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from driftbot.sandbox.sandbox import Sandbox
from tests.servers.slack import allowed_client_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def client(slack_sandbox: Sandbox) -> WebClient:
    return allowed_client_of(slack_sandbox)


def test_a_picture_is_shared_into_a_thread(slack_sandbox: Sandbox, client: WebClient):
    sre = slack_sandbox.channel("sre").id
    ts = client.chat_postMessage(channel=sre, text="digest")["ts"]
    client.files_upload_v2(
        channel=sre, thread_ts=ts, content=PNG, filename="p.png", title="p99", alt_txt="it rises", initial_comment="see"
    )
    (reply,) = client.conversations_replies(channel=sre, ts=ts)["messages"][1:]
    (file,) = reply["files"]
    assert (reply["text"], file["title"], file["alt_txt"], file["mimetype"]) == ("see", "p99", "it rises", "image/png")
    assert slack_sandbox.file_content(file["id"]) == PNG
    assert requests.get(file["url_private"], timeout=10).status_code == 403
    asked = {"Authorization": f"Bearer {client.token}"}
    assert requests.get(file["url_private"], headers=asked, timeout=10).content == PNG


def test_a_file_is_shared_once(slack_sandbox: Sandbox, client: WebClient):
    sre = slack_sandbox.channel("sre").id
    promised = client.files_getUploadURLExternal(filename="a", length=3)
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=[{"id": promised["file_id"], "title": "a"}], channel_id=sre)
    assert requests.post(promised["upload_url"], data=b"too long", timeout=10).status_code == 500
    assert requests.post(promised["upload_url"], data=b"abc", timeout=10).status_code == 200
    client.files_completeUploadExternal(files=[{"id": promised["file_id"], "title": "a"}], channel_id=sre)
    with pytest.raises(SlackApiError, match="file_already_shared"):
        client.files_completeUploadExternal(files=[{"id": promised["file_id"], "title": "a"}], channel_id=sre)


def test_a_deleted_file_leaves_a_tombstone(slack_sandbox: Sandbox, client: WebClient):
    sre = slack_sandbox.channel("sre").id
    file = client.files_upload_v2(channel=sre, content="x", filename="a")["file"]["id"]
    assert [one["id"] for one in client.files_list()["files"]] == [file]
    client.files_delete(file=file)
    assert slack_sandbox.channel("sre").messages[0]["files"] == [{"id": file, "mode": "tombstone"}]
    assert client.files_list()["files"] == []
    with pytest.raises(SlackApiError, match="file_deleted"):
        client.files_info(file=file)


@pytest.mark.parametrize("closed", ["archived", "left", "unknown"])
def test_a_file_for_a_closed_channel_is_refused(slack_sandbox: Sandbox, client: WebClient, closed: str):
    sre = slack_sandbox.channel("sre").id
    if closed == "archived":
        slack_sandbox.archive("sre")
    elif closed == "left":
        slack_sandbox.invite("sre", False)
    place = "C0000000000" if closed == "unknown" else sre
    answers = {"archived": "is_archived", "left": "not_in_channel", "unknown": "channel_not_found"}
    with pytest.raises(SlackApiError, match=answers[closed]):
        client.files_upload_v2(channel=place, content="x", filename="a")


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [({"filename": "", "length": 1}, "invalid_arguments"), ({"filename": "a", "length": 0}, "invalid_arguments"),
     ({"filename": "a", "length": 2**40}, "file_upload_size_restricted")],
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused(client: WebClient, arguments: dict, answer: str):
    with pytest.raises(SlackApiError, match=answer):
        client.api_call("files.getUploadURLExternal", params=arguments)
