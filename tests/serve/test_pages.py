"""Who may ask what: tokens, loopback, pages elsewhere; and what each question is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO

import pytest
from aiohttp.test_utils import TestClient, TestServer

from driftbot.core.failure import Failure
from driftbot.credential import Credential
from driftbot.serve.listening import Address, check_exposure, is_bearer, names_loopback
from driftbot.serve.pages import PROOF, Questions, ScanAnswer, SlackAnswer, application
from driftbot.serve.readiness import Check, CheckState
from driftbot.serve_options import ServeOptions

TOKEN = Credential(env="SERVE_TEST_TOKEN")
RIGHT = {"Authorization": "Bearer s3cret-ünïcode"}
PATHS = (("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("POST", "/scan"))


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVE_TEST_TOKEN", "s3cret-ünïcode")


async def _metrics() -> bytes:
    return b"driftbot_store_up 1.0\n"


async def _slack(body: str, headers: dict[str, str]) -> SlackAnswer:
    return SlackAnswer(200, json.dumps([body, headers["x-slack-signature"]]))


QUESTIONS = Questions(
    alive=lambda: True,
    ready=lambda: (Check("store", CheckState.FINE, "it can be read"), Check("chat", CheckState.DEGRADED, "lost")),
    metrics=_metrics,
    scan=lambda: ScanAnswer.BEGUN,
    slack=_slack,
    token=lambda: None,
)
GUARDED = replace(QUESTIONS, token=lambda: TOKEN)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]


def ask(
    questions: Questions, method: str, path: str, headers: dict[str, str] | None = None, data: bytes | BytesIO = b""
) -> Answer:
    async def asked() -> Answer:
        async with TestClient(TestServer(application(questions))) as client:
            answer = await client.request(method, path, headers=headers or {}, data=data)
            return Answer(answer.status, await answer.text(), dict(answer.headers))

    return asyncio.run(asked())


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic s3cret-ünïcode", "s3cret-ünïcode", "Bearer s3cret-ünïcodf"],
)
def test_without_the_token_nothing_is_told_and_nothing_begins(method: str, path: str, header: str):
    begun: list[str] = []

    def scan() -> ScanAnswer:
        begun.append(path)
        return ScanAnswer.BEGUN

    answer = ask(replace(GUARDED, scan=scan), method, path, {"Authorization": header, PROOF: "1"} if header else {})
    assert (answer.status, answer.headers["WWW-Authenticate"], begun) == (401, "Bearer", [])


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_with_the_token_everything_is_answered_whatever_the_host_is_called(method: str, path: str):
    assert ask(GUARDED, method, path, {**RIGHT, "Host": "driftbot.example.org"}).status in (200, 202)


def test_a_token_that_cannot_be_read_lets_nobody_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SERVE_TEST_TOKEN")
    assert ask(GUARDED, "GET", "/healthz", RIGHT).status == 503


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", "10.0.0.1", "[fe80::1]:80"]
)
def test_without_a_token_a_page_whose_name_was_pointed_here_learns_nothing(method: str, path: str, host: str):
    assert ask(QUESTIONS, method, path, {"Host": host, PROOF: "1"}).status == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:9464", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:9464"])
def test_names_of_this_machine(host: str):
    assert names_loopback(host)


def test_a_form_on_a_page_elsewhere_begins_no_night():
    assert ask(QUESTIONS, "POST", "/scan", {"Content-Type": "application/x-www-form-urlencoded"}).status == 403
    assert ask(QUESTIONS, "POST", "/scan", {PROOF: "1"}).status == 202
    assert ask(QUESTIONS, "GET", "/scan", {PROOF: "1"}).status == 405


@pytest.mark.parametrize("said", ScanAnswer)
def test_what_came_of_asking_for_a_night(said: ScanAnswer):
    answer = ask(replace(QUESTIONS, scan=lambda: said), "POST", "/scan", {PROOF: "1"})
    assert (answer.status, json.loads(answer.text)["told"]) == (said.status, said.told)


def _failed() -> tuple[Check, ...]:
    return (Check("store", CheckState.FAILED, "the disk is full"),)


@pytest.mark.parametrize(
    ("ready", "status"), [(QUESTIONS.ready, 200), (_failed, 503)], ids=["degraded is ready", "failed is not"]
)
def test_readiness_is_told_check_by_check(ready: Callable[[], tuple[Check, ...]], status: int):
    answer = ask(replace(QUESTIONS, ready=ready), "GET", "/readyz")
    said = json.loads(answer.text)
    assert (answer.status, said["ready"]) == (status, status == 200)
    assert [check["told"] for check in said["checks"]] == [check.told for check in ready()]


def test_a_scheduler_that_stands_still_is_dead():
    assert ask(QUESTIONS, "GET", "/healthz").status == 200
    assert ask(replace(QUESTIONS, alive=lambda: False), "GET", "/healthz").status == 503


def test_slacks_requests_pass_as_they_are_without_our_token():
    answer = ask(
        GUARDED, "POST", "/slack/events", {"X-Slack-Signature": "v0=1", "Host": "x.example"}, b"payload=%7B%7D"
    )
    assert json.loads(answer.text) == ["payload=%7B%7D", "v0=1"]


@pytest.mark.parametrize("path", ["/", "/slack", "/metrics/", "/healthz/../metrics2", "/admin"])
def test_nothing_else_is_there(path: str):
    assert ask(QUESTIONS, "GET", path).status == 404


def test_too_large_a_request_is_refused():
    assert (
        ask(QUESTIONS, "POST", "/slack/events", {"X-Slack-Signature": "v0=1"}, BytesIO(b"x" * 2_000_000)).status == 413
    )


def test_answers_say_little_about_the_server():
    headers = ask(QUESTIONS, "GET", "/healthz").headers
    assert (headers["Server"], headers["Cache-Control"]) == ("driftbot", "no-store")


@pytest.mark.parametrize("listen", ["0.0.0.0:9464", "[::]:9464", "192.0.2.7:80"])
def test_beyond_loopback_without_a_token_it_does_not_start(listen: str):
    with pytest.raises(Failure, match="can be reached from other machines") as caught:
        check_exposure(ServeOptions(listen=listen))
    assert "serve.token" in caught.value.next_step
    assert check_exposure(ServeOptions(listen=listen, token=TOKEN)).port in (9464, 80)


def test_a_token_that_is_not_there_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SERVE_TEST_TOKEN")
    with pytest.raises(Failure, match="SERVE_TEST_TOKEN is not set"):
        check_exposure(ServeOptions(token=TOKEN))


@pytest.mark.parametrize(
    ("listen", "asked_at"),
    [
        ("0.0.0.0:80", "127.0.0.1:80"),
        ("[::]:80", "[::1]:80"),
        ("localhost:1", "127.0.0.1:1"),
        ("192.0.2.7:9", "192.0.2.7:9"),
    ],
)
def test_where_a_probe_asks(listen: str, asked_at: str):
    assert Address.of(listen).asked_at == asked_at


def test_bearers():
    assert is_bearer(RIGHT["Authorization"], TOKEN)
    assert is_bearer("bearer   s3cret-ünïcode ", TOKEN)
    assert not is_bearer("Bearer s3cret-ünïcode2", TOKEN)


@pytest.mark.parametrize(
    "listen", ["nowhere", "127.0.0.1", "127.0.0.1:x", "example.org:80", "::1:80", "127.0.0.1:65536"]
)
def test_addresses_that_cannot_be_used(listen: str):
    with pytest.raises(ValueError, match=r"write an|the port is"):
        ServeOptions(listen=listen)
