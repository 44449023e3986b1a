"""Requests to allowed hosts: what is sent, what is read back, what is never told, and what a crash leaves uncertain."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.actions.action import Action, ActionFailed, Standing
from driftbot.actions.http_answer import HttpAnswer
from driftbot.actions.http_message import encoded
from driftbot.actions.http_request import action
from driftbot.actions.secrets_masked import Secrets
from driftbot.edits.edit import Refused
from tests.actions.server_scene import KEY, occasion, proposed, tools
from tests.servers.fake import FakeServer, Reply, Request, fake_server

SECRET = 'hunter2/"ä+ %'
SETTINGS = {
    "host": "deploy",
    "path": ["jobs", "shop/cart", "restart"],
    "json": {"why": 'drift "4f"', "replicas": 3},
    "query": {"wait": True},
    "headers": {"X-Team": "shop"},
    "check": {"path": "/jobs/cart", "at": "$.state", "equals": "restarted"},
    "undo": {"method": "DELETE", "path": "/jobs/cart/restart"},
    "timeout": "2s",
}


@dataclass
class Deployment:
    """A server that restarts jobs and remembers by which keys; ``faults`` are answered instead, by method."""

    state: str = "running"
    keys: list[str] = field(default_factory=list)
    faults: dict[str, Reply] = field(default_factory=dict)
    done_first: bool = False
    server: FakeServer = field(default_factory=lambda: FakeServer(""))

    def answer(self, request: Request) -> Reply:
        if request.method in self.faults and not self.done_first:
            return self.faults[request.method]
        if request.method in ("POST", "DELETE"):
            self.keys.append(request.headers["Idempotency-Key"])
            self.state = "restarted" if request.method == "POST" else "running"
        if request.method in self.faults:
            return self.faults[request.method]
        return Reply(200, {"state": self.state})

    def reaching(self, **host):
        reach = {"http_request": {"hosts": [{"name": "deploy", "url": f"{self.server.url}/api", "timeout": 1, **host}]}}
        return tools(Path(), reach)

    def methods(self):
        return [request.method for request in self.server.requests]


@pytest.fixture
def deployment():
    scene = Deployment()
    with fake_server(scene.answer) as server:
        scene.server = server
        yield scene


def test_it_is_an_action():
    assert isinstance(action, Action)


def test_a_request_is_sent_once_read_back_and_undone(deployment, monkeypatch):
    monkeypatch.setenv("DEPLOY_TOKEN", SECRET.encode("ascii", "ignore").decode())
    with_tools = deployment.reaching(bearer={"env": "DEPLOY_TOKEN"})
    step = proposed(action, SETTINGS, occasion(), with_tools)
    assert step.irreversible == ""
    assert f"POST {deployment.server.url}/api/jobs/shop%2Fcart/restart?wait=true" in step.preview
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    effect = action.perform(step, KEY, with_tools)
    assert action.sight(step, "", with_tools).standing is Standing.AFTER
    (sent,) = [request for request in deployment.server.requests if request.method == "POST"]
    assert sent.path == "/api/jobs/shop%2Fcart/restart"
    assert sent.headers["Authorization"] == 'Bearer hunter2/"+ %'
    assert sent.headers["X-Team"] == "shop"
    assert sent.headers["Content-Type"] == "application/json"
    action.undo(step, effect.body, KEY, with_tools)
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    assert "gone already" in action.undo(step, effect.body, KEY, with_tools).told
    assert deployment.keys == [KEY, f"{KEY}-undo"]
    assert SECRET[:7] not in repr((step, effect))


def test_without_a_check_it_is_blind_and_without_an_undo_irreversible(deployment):
    with_tools = deployment.reaching()
    bare = {name: value for name, value in SETTINGS.items() if name not in ("check", "undo")}
    step = proposed(action, bare, occasion(), with_tools)
    assert "no request that undoes it" in step.irreversible
    assert action.sight(step, "", with_tools).standing is Standing.BLIND
    effect = action.perform(step, KEY, with_tools)
    assert action.sight(step, effect.body, with_tools).standing is Standing.BLIND
    with pytest.raises(ActionFailed, match="no request that undoes it"):
        action.undo(step, effect.body, KEY, with_tools)
    assert deployment.methods() == ["POST"]


@pytest.mark.parametrize(
    ("reply", "uncertain", "told"),
    [
        (Reply(400, "no such job"), False, "no such job"),
        (Reply(401, "who"), False, "credentials"),
        (Reply(404, b"\x1b[31m\xff"), False, "404"),
        (Reply(409, "in progress"), True, "in progress"),
        (Reply(429, "slowly", {"Retry-After": "1"}), False, "slowly"),
        (Reply(500, "oops"), True, "See the server's log"),
        (Reply(503, "later"), True, "later"),
        (Reply(200, "late", delay=5), True, "did not answer in time"),
        (Reply(302, "", {"Location": "http://127.0.0.1:1/login"}), True, "leads to http://127.0.0.1:1/login"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else "",
)
def test_what_is_not_an_expected_answer_fails_and_says_whether_it_may_have_been_done(
    deployment, reply, uncertain, told
):
    with_tools = deployment.reaching()
    step = proposed(action, {**SETTINGS, "check": None, "timeout": 0.5}, occasion(), with_tools)
    deployment.faults["POST"] = reply
    with pytest.raises(ActionFailed) as failure:
        action.perform(step, KEY, with_tools)
    assert failure.value.uncertain is uncertain
    assert told in f"{failure.value.reason} {failure.value.next_step}"
    assert "\x1b" not in failure.value.reason
    assert deployment.methods() == ["POST"]


@pytest.mark.parametrize("reply", [Reply(500, "oops"), Reply(200, "late", delay=5), Reply(303), Reply(409)])
def test_a_check_says_that_it_was_done_all_the_same(deployment, reply):
    with_tools = deployment.reaching()
    step = proposed(action, {**SETTINGS, "timeout": 0.5}, occasion(), with_tools)
    deployment.faults["POST"], deployment.done_first = reply, True
    assert "but it was done" in action.perform(step, KEY, with_tools).told
    assert deployment.keys == [KEY]


def test_a_check_says_that_it_was_not_done_once_the_server_is_through_with_it(deployment):
    with_tools = deployment.reaching()
    step = proposed(action, {**SETTINGS, "timeout": 0.5}, occasion(), with_tools)
    still_at_it = [(Reply(status, "wait"), True) for status in (408, 409, 502, 503, 504)]
    for reply, uncertain in ((Reply(500, "oops"), False), (Reply(200, delay=5), True), *still_at_it):
        deployment.faults["POST"] = reply
        with pytest.raises(ActionFailed, match=r"\$\.state is running") as failure:
            action.perform(step, KEY, with_tools)
        assert failure.value.uncertain is uncertain


def test_nobody_listening_is_certain():
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with_tools = tools(Path(), {"http_request": {"hosts": [{"name": "deploy", "url": url}]}})
        step = proposed(action, SETTINGS, occasion(), with_tools)
        with pytest.raises(ActionFailed, match="Connection refused") as failure:
            action.perform(step, KEY, with_tools)
    assert not failure.value.uncertain
    assert action.sight(step, "", with_tools).standing is Standing.UNREADABLE


def test_a_status_counts_though_its_answer_breaks_off(deployment):
    with_tools = deployment.reaching()
    step = proposed(action, SETTINGS, occasion(), with_tools)
    deployment.faults["POST"] = Reply(202, "{", cut=True)
    assert "answered 202" in action.perform(step, KEY, with_tools).told


@pytest.mark.parametrize(
    ("reply", "standing"),
    [
        (Reply(200, {"state": "restarted"}), Standing.AFTER),
        (Reply(200, {"state": "no"}), Standing.BEFORE),
        (Reply(200, {"other": 1}), Standing.BEFORE),
        (Reply(404, "no"), Standing.BEFORE),
        (Reply(200, '{"state": "restarted"', cut=True), Standing.UNREADABLE),
        (Reply(200, "<html>"), Standing.UNREADABLE),
        (Reply(200, json.dumps({"state": "restarted", "x": "y" * 5000})), Standing.UNREADABLE),
        (Reply(401), Standing.UNREADABLE),
        (Reply(302, headers={"Location": "/login"}), Standing.UNREADABLE),
        (Reply(500), Standing.UNREADABLE),
        (Reply(200, {"state": "restarted"}, delay=5), Standing.UNREADABLE),
    ],
)
def test_what_a_check_reads(deployment, reply, standing):
    with_tools = deployment.reaching(answer_bytes=2048, retries=0)
    step = proposed(action, {**SETTINGS, "timeout": 0.5}, occasion(), with_tools)
    deployment.faults["GET"] = reply
    assert action.sight(step, "", with_tools).standing is standing
    if standing is Standing.UNREADABLE:
        with pytest.raises(ActionFailed, match="cannot be told whether the effect is still there"):
            action.undo(step, "{}", KEY, with_tools)
        assert deployment.keys == []


def test_a_number_and_a_flag_are_not_the_same(deployment):
    with_tools = deployment.reaching()
    step = proposed(action, {**SETTINGS, "check": {"path": "/x", "at": "$.n", "equals": 1}}, occasion(), with_tools)
    for body, standing in (('{"n": true}', Standing.BEFORE), ('{"n": 1.0}', Standing.AFTER)):
        deployment.faults["GET"] = Reply(200, body)
        assert action.sight(step, "", with_tools).standing is standing


def test_no_secret_is_told_whatever_the_server_repeats(deployment, monkeypatch):
    monkeypatch.setenv("DEPLOY_PASSWORD", "hunter2")
    monkeypatch.setenv("DEPLOY_KEY", 'k"ey 77')
    host = {
        "basic": {"username": "bot", "password": {"env": "DEPLOY_PASSWORD"}},
        "headers": {"X-Key": {"env": "DEPLOY_KEY"}},
    }
    with_tools = deployment.reaching(**host)
    step = proposed(action, SETTINGS, occasion(), with_tools)

    def echo(request):
        told = {"got": dict(request.headers), "password": "hunter2", "url": "?k=k%22ey+77"}
        return Reply(400 if request.method == "POST" else 500, told, {"Location": "/?hunter2"})

    deployment.answer = echo
    with fake_server(echo) as server:
        deployment.server.url = server.url
        with_tools = deployment.reaching(**host)
        step = proposed(action, SETTINGS, occasion(), with_tools)
        with pytest.raises(ActionFailed) as failure:
            action.perform(step, KEY, with_tools)
        sight = action.sight(step, "", with_tools)
    told = f"{failure.value.reason} {failure.value.next_step} {sight.told}"
    assert "REDACTED" in told
    for secret in ("hunter2", "ey 77", "ey+77", "Ym90Omh1bnRlcjI"):
        assert secret not in told


def test_a_secret_that_cannot_be_sent_is_not_told(deployment, monkeypatch):
    monkeypatch.setenv("DEPLOY_KEY", "first\nX-Evil: second")
    with_tools = deployment.reaching(headers={"X-Key": {"env": "DEPLOY_KEY"}})
    step = proposed(action, SETTINGS, occasion(), with_tools)
    with pytest.raises(ActionFailed) as failure:
        action.perform(step, KEY, with_tools)
    assert "second" not in failure.value.reason
    assert not failure.value.uncertain
    monkeypatch.delenv("DEPLOY_KEY")
    with pytest.raises(ActionFailed, match="DEPLOY_KEY is not set"):
        action.perform(step, KEY, with_tools)
    assert deployment.methods() == []


def test_redirects_stay_on_the_host_and_only_where_asked_for(deployment):
    with fake_server(lambda _: Reply(200, {"state": "restarted"})) as elsewhere:
        targets = {
            f"{elsewhere.url}/api/x": "leads to",
            "/outside": "leads to",
            "/api/../outside": "leads to",
            "/api/%2e%2e/outside": "leads to",
            "/api/moved": "",
        }
        for target, told in targets.items():

            def answer(request, target=target):
                hops = {"/api/moved": Reply(200), "/outside": Reply(200)}
                return hops.get(request.path, Reply(307, headers={"Location": target}))

            with fake_server(answer) as server:
                deployment.server = server
                with_tools = deployment.reaching()
                for redirects in ("none", "same_host"):
                    asked = {**SETTINGS, "check": None, "redirects": redirects}
                    step = proposed(action, asked, occasion(), with_tools)
                    if told or redirects == "none":
                        with pytest.raises(ActionFailed, match="leads to"):
                            action.perform(step, KEY, with_tools)
                    else:
                        assert action.perform(step, KEY, with_tools)
                assert not any("outside" in path for path in server.paths())
        assert elsewhere.requests == []


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_page_that_a_redirect_leads_to_does_not_say_that_it_was_done(status):
    def answer(request):
        if request.path == "/api/moved":
            return Reply(200, {"state": "restarted"})
        return Reply(status, headers={"Location": "/api/moved"})

    with fake_server(answer) as server:
        host = {"name": "deploy", "url": f"{server.url}/api", "timeout": 1}
        with_tools = tools(Path(), {"http_request": {"hosts": [host]}})
        step = proposed(action, {**SETTINGS, "check": None, "redirects": "same_host"}, occasion(), with_tools)
        with pytest.raises(ActionFailed, match="leads to") as failure:
            action.perform(step, KEY, with_tools)
        assert failure.value.uncertain
        assert [request.method for request in server.requests] == ["POST"]
        look = proposed(action, {**SETTINGS, "redirects": "same_host"}, occasion(), with_tools)
        assert action.sight(look, "", with_tools).standing is Standing.AFTER


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"path": "jobs"}, "begins with /"),
        ({"path": "/jobs/../admin"}, "cannot be a part"),
        ({"path": ["jobs", ".."]}, "cannot be a part"),
        ({"path": ["jobs", ""]}, "cannot be a part"),
        ({"path": ["jobs", "a/../../admin"]}, "cannot be a part"),
        ({"path": ["jobs", "..\\admin"]}, "cannot be a part"),
        ({"path": "/jobs?all=1"}, "`query`"),
        ({"path": "/jo\nbs"}, "cannot be a part"),
        ({"headers": {"Authorization": "Bearer x"}}, "is a secret"),
        ({"headers": {"Host": "elsewhere"}}, "driftbot's to set"),
        ({"headers": {"X-A": "b\r\nX-C: d"}}, "no header"),
        ({"headers": {"X A": "b"}}, "no header"),
        ({"body": "text"}, "either `json` or `body`"),
        ({"method": "GET"}, "a GET changes nothing"),
        ({"method": "TRACE"}, "method"),
        ({"check": {"path": "/x", "at": "state"}}, "JSONPath"),
        ({"url": "http://elsewhere"}, "url"),
    ],
)
def test_settings_that_could_do_something_else_are_refused(more, told):
    with pytest.raises(ValidationError, match=told):
        action.settings.model_validate({**SETTINGS, **more})


def test_what_is_not_allowed_is_refused_when_proposing_and_again_when_acting(deployment):
    with_tools = deployment.reaching()
    with pytest.raises(Refused, match=r"may not reach 'localhost'.*\(deploy\)"):
        proposed(action, {**SETTINGS, "host": "localhost"}, occasion(), with_tools)
    with pytest.raises(Refused, match="takes no DELETE"):
        proposed(action, SETTINGS, occasion(), deployment.reaching(methods=["POST"]))
    step = proposed(action, SETTINGS, occasion(), with_tools)
    for narrowed in (tools(Path(), {}), deployment.reaching(methods=["POST"]), deployment.reaching(url="http://h/api")):
        with pytest.raises(ActionFailed):
            action.perform(step, KEY, narrowed)
        assert action.sight(step, "", narrowed).standing is Standing.UNREADABLE
    assert deployment.methods() == []


@contextmanager
def dripping(head, part, times):
    """A server that sends its answer bit by bit."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head)
                for _ in range(times):
                    try:
                        connection.sendall(part)
                    except OSError:
                        return
                    if gone.wait(0.05):
                        return

        gone = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        gone.set()
        thread.join()


@pytest.mark.parametrize("part", [b"x", b"x" * 100_000])
def test_an_answer_without_end_is_read_up_to_the_time_or_the_limit(part):
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n", part, 10_000) as url:
        with_tools = tools(Path(), {"http_request": {"hosts": [{"name": "deploy", "url": url}]}})
        step = proposed(action, {**SETTINGS, "timeout": 0.5}, occasion(), with_tools)
        assert "answered 200" in action.perform(step, KEY, with_tools).told


@given(st.lists(st.text(min_size=1).filter(lambda part: part not in (".", "..")), min_size=1))
def test_a_part_of_a_path_stays_one_part(parts):
    try:
        path = encoded(tuple(parts))
    except ValueError:
        controls = any(character < " " or character == "\x7f" for part in parts for character in part)
        assert controls or any({".", ".."} & set(re.split(r"[/\\]", part)) for part in parts)
        return
    except UnicodeEncodeError:
        return
    assert path.count("/") == len(parts)
    assert path.isascii()
    assert not set("?# \\") & set(path)


@given(st.text(min_size=4), st.text(), st.text())
def test_a_secret_is_masked_wherever_it_stands(secret, before, after):
    try:
        secrets = Secrets.of([secret])
        answer = HttpAnswer(400, (before + secret + after).encode(), secrets=secrets)
    except UnicodeEncodeError:
        return
    assert secret not in secrets.masked(before + secret + after) or secret in "REDACTED"
    assert answer.told


@given(st.text(min_size=4), st.text(), st.integers(min_value=1))
def test_the_beginning_of_a_secret_at_the_end_of_a_cut_text_is_masked(secret, before, length):
    try:
        secrets = Secrets.of([secret])
    except UnicodeEncodeError:
        return
    beginning = secret[: 1 + length % (len(secret) - 1)]
    masked = secrets.masked(before + beginning, cut=True)
    assert not masked.endswith(beginning) or "REDACTED".endswith(beginning)
