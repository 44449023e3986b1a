"""The page's addresses: what they carry, and that nonsense is refused without a defect."""

from __future__ import annotations

import json

import pytest
import requests

from driftbot.sandbox.sandbox import Sandbox
from tests.servers.slack import client_of


def get(sandbox: Sandbox, path: str) -> requests.Response:
    return requests.get(sandbox.url + path, timeout=10)


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/page/style.css", "/page/icon.svg"])
def test_everything_is_sent_with_a_strict_policy(slack_sandbox: Sandbox, path: str):
    answer = get(slack_sandbox, path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {one.split()[-1] for one in policy.split("; ")} == {"'none'", "'self'"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    "path",
    [
        "/channels/C9",
        "/page/regions/C9",
        "/page/files/F9",
        "/page/routes.py",
        "/page/..%2froutes.py",
        "/page/",
        "/files/F9",
    ],
)
def test_what_is_not_there_is_not_found(slack_sandbox: Sandbox, path: str):
    assert get(slack_sandbox, path).status_code == 404


def test_a_file_is_shown_once_it_was_shared_and_never_as_a_document(slack_sandbox: Sandbox):
    client, sre = client_of(slack_sandbox), slack_sandbox.channel("sre").id
    promised = client.files_getUploadURLExternal(filename="a.html", length=25)
    requests.post(promised["upload_url"], data=b"<script>alert(1)</script>", timeout=10)
    path = f"/page/files/{promised['file_id']}"
    assert get(slack_sandbox, path).status_code == 404
    client.files_completeUploadExternal(files=[{"id": promised["file_id"], "title": "a"}], channel_id=sre)
    answer = get(slack_sandbox, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/octet-stream")


@pytest.mark.parametrize("path", ["press", "submit", "close", "write"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"user": [], "view": {}, "channel": 1, "values": 3, "text": 1}']
)
def test_nonsense_is_refused(slack_sandbox: Sandbox, path: str, body: bytes):
    asked = {"Content-Type": "application/json"}
    answer = requests.post(f"{slack_sandbox.url}/page/{path}", data=body, headers=asked, timeout=10)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or json.loads(answer.text)["problem"]


def test_a_form_of_another_site_cannot_press(slack_sandbox: Sandbox):
    for headers in ({}, {"Origin": "https://example.org", "Content-Type": "application/json"}):
        answer = requests.post(f"{slack_sandbox.url}/page/write", data="{}", headers=headers, timeout=10)
        assert answer.status_code in (403, 415)


@pytest.mark.parametrize("after", ["", "nonsense", "-5", "99999999"])
def test_changes_are_told_to_whoever_has_not_seen_them(slack_sandbox: Sandbox, after: str):
    sre = slack_sandbox.channel("sre").id
    answer = get(slack_sandbox, f"/page/regions/{sre}?after={after}&as=nobody").json()
    assert sorted(answer["regions"]) == ["channels", "messages", "modal", "people", "state", "thread"]
